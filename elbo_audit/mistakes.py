"""The mistakes that have a name: in the words people use, with the line that mends each, and the page that proves it."""

from __future__ import annotations

from typing import Final, NamedTuple


class Mistake(NamedTuple):
    """A name, what is wrong, what to write, and the verdict of the book that says so exactly."""

    name: str
    why: str
    instead: str
    page: str


KL_LINE: Final = "-0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(-1)"

SIGN_OF_KL: Final = Mistake(
    "sign of the KL",
    "the divergence is subtracted from the loss: the loss falls without bound as the encoder leaves the prior",
    "loss = reconstruction + kl",
    "elbo_is_the_negative_sum",
)
SIGN_OF_LOSS: Final = Mistake(
    "sign of the loss",
    "this is the ELBO, to be made large; a loss is made small",
    "loss = -elbo",
    "reconstruction_loss_is_the_term",
)
SIGN_OF_RECONSTRUCTION: Final = Mistake(
    "sign of the reconstruction",
    "the log likelihood is added to the loss, not its negative",
    "loss = -log_likelihood + kl",
    "reconstruction_loss_is_the_term",
)
MIX_UP: Final = Mistake(
    "std/variance mix-up",
    "a log-variance and a log standard deviation, or a variance and a standard deviation, are taken for one another",
    KL_LINE,
    "log_variance_is_log_std_in_kl",
)
LOG_SQUARED: Final = Mistake(
    "logarithm squared in place of log of a square",
    "(log sigma)^2 stands where log(sigma^2) = 2 log sigma belongs",
    "0.5 * (mu**2 + (2 * logstd).exp() - 1 - 2 * logstd).sum(-1)",
    "log_squared_is_log_of_square",
)
SIGN_OF_LOG: Final = Mistake(
    "sign of the logarithm",
    "the logarithm is added: the term falls without bound as sigma goes to 0, and every code becomes a point",
    KL_LINE,
    "log_may_be_added",
)
SIGN_OF_MEAN: Final = Mistake(
    "sign of mu squared", "mu^2 is subtracted: far means are rewarded", KL_LINE, "mean_squared_subtracted"
)
SIGN_OF_VARIANCE: Final = Mistake(
    "sign of the variance", "the variance is subtracted: wide codes are rewarded", KL_LINE, "variance_subtracted"
)
NO_MEAN: Final = Mistake(
    "mu squared is missing", "nothing holds the means near the prior", KL_LINE, "mean_squared_left_out"
)
NO_VARIANCE: Final = Mistake(
    "the variance is missing", "nothing holds the variances down", KL_LINE, "variance_left_out"
)
NO_LOG: Final = Mistake(
    "the logarithm is missing", "nothing keeps the variances from falling to zero", KL_LINE, "logarithm_left_out"
)
MEAN_NOT_SQUARED: Final = Mistake("mu is not squared", "mu stands where mu^2 belongs", KL_LINE, "mean_not_squared")
MEAN_WEIGHT: Final = Mistake(
    "a weight on mu squared", "mu^2 and the variance have different weights", KL_LINE, "weight_on_the_mean"
)
SWAPPED_KL: Final = Mistake(
    "swapped KL",
    "this is the divergence of the prior from the encoder, averaged over the prior: it covers instead of concentrating",
    "kl_divergence(q, p), q first",
    "kl_is_symmetric",
)
SWAPPED_BCE: Final = Mistake(
    "swapped cross-entropy",
    "data and probabilities are swapped: the first argument is the prediction, the second the data",
    "F.binary_cross_entropy(prob, x)",
    "cross_entropy_is_symmetric",
)
DOUBLE_SIGMOID: Final = Mistake(
    "double sigmoid",
    "probabilities are given where logits are expected: the sigmoid is taken twice",
    "F.binary_cross_entropy(prob, x), or give binary_cross_entropy_with_logits the logits",
    "probability_for_a_logit",
)
ERROR_OF_LOGITS: Final = Mistake(
    "squared error of logits",
    "logits are compared with the data; no sigmoid makes them means",
    "torch.sigmoid(logits)",
    "error_of_a_logit",
)
TWICE: Final = Mistake(
    "density counted twice",
    "z is drawn from q already; multiplying by q(z) once more weighs it twice",
    "(log_q - log_p).sum(-1).mean()",
    "draws_need_the_density_again",
)
ABSOLUTE: Final = Mistake(
    "absolute value of an estimate",
    "an unbiased estimate may be negative; its absolute value is too large on average, and has the wrong gradient there",
    "leave out abs()",
    "absolute_value_keeps_the_mean",
)
BATCH_INSIDE: Final = Mistake(
    "reduction: batch inside the logarithm",
    "several data stand in one logarithm: each datum has a logarithm of its own, of the mean over its own draws",
    "-(torch.logsumexp(log_w, dim=0) - math.log(K)).sum()",
    "batch_inside_the_logarithm",
)
OTHER_GRADIENT: Final = Mistake(
    "gradient is that of the other direction",
    "its value is right on average, but differentiated with the draws held it pulls along the gradient of KL(p || q)",
    "0.5 * (logp - ref_logp)**2, or the score-function term (logp - ref_logp).detach() * logp",
    "unbiased_value_other_gradient",
)
NO_GRADIENT: Final = Mistake(
    "gradient is zero on average",
    "its value is right on average, but differentiated with the draws held its mean gradient is zero",
    "0.5 * (logp - ref_logp)**2, or the score-function term (logp - ref_logp).detach() * logp",
    "unbiased_value_no_gradient",
)
INVERTED_K3: Final = Mistake(
    "inverted k3",
    "q/p - 1 - log(q/p) at draws from q is not KL(q || p) on average; the ratio has to be p/q",
    "d = ref_logp - logp; torch.exp(d) - d - 1",
    "inverted_estimator",
)
REWARD_GRADIENT: Final = Mistake(
    "gradient of a reward is not that of the divergence",
    "only the log ratio, held in the reward, gives the gradient of KL(q || p) by the score; this estimate gives another",
    "reward - beta * (logp - ref_logp).detach()",
    "other_estimates_as_rewards",
)
SIGN_OF_PENALTY: Final = Mistake(
    "sign of the penalty",
    "the divergence is added to the reward: the policy is paid for leaving the reference",
    "reward - beta * kl",
    "elbo_is_the_negative_sum",
)
SIGN_OF_LOG_DET: Final = Mistake(
    "sign of the log determinant",
    "log q of what a flow makes is log q of the noise less the log determinant; it is added here",
    "log_q = log_q0 - log_det",
    "flow_adds_the_log_slope",
)
SWAPPED_HEADS: Final = Mistake(
    "mean and spread exchanged",
    "the half that is taken for the mean is the logarithm of the spread, and the other way round",
    "mu, logvar = h.chunk(2, dim=-1), in the order in which the encoder puts them out",
    "heads_exchanged",
)
NO_SAMPLE: Final = Mistake(
    "no sample",
    "the decoder is run at the encoder's mean, not at a draw: the reconstruction is no average over q",
    "z = mu + torch.randn_like(mu) * (0.5 * logvar).exp()",
    "error_at_the_mean",
)
WRONG_DRAW: Final = Mistake(
    "a draw of another width",
    "the noise is multiplied by something else than the standard deviation that the divergence speaks of",
    "z = mu + torch.randn_like(mu) * (0.5 * logvar).exp()",
    "log_variance_is_log_std",
)
FREE_BITS: Final = Mistake(
    "free bits: at least the negative ELBO",
    "below the floor the divergence has no gradient, and the number is not the negative ELBO: report it without the floor",
    "for reporting: reconstruction + kl",
    "free_bits_is_the_negative_elbo",
)
CEILING: Final = Mistake(
    "a ceiling: at most the negative ELBO",
    "above the ceiling the divergence has no gradient: nothing holds a code that is far from the prior",
    "reconstruction + kl, without the ceiling; clip gradients instead",
    "capped_divergence_is_the_divergence",
)
NO_HALF: Final = Mistake(
    "the factor 1/2 is missing", "this is twice the divergence", KL_LINE, "divergence_without_half"
)
UNUSED: Final = Mistake(
    "an argument does not enter", "what was declared to be part of the loss is not in it", "", "mask_forgotten"
)
SCALE: Final = Mistake("scale", "all of the loss has another factor than the one asked for", "", "factor_on_the_whole")
NO_DIVERGENCE: Final = Mistake(
    "no divergence",
    "the encoder's arguments do not enter: this is an autoencoder's loss",
    "loss = reconstruction + kl",
    "divergence_left_out",
)
NO_RECONSTRUCTION: Final = Mistake(
    "no reconstruction", "the data do not enter", "loss = reconstruction + kl", "data_left_out"
)
