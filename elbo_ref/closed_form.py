"""Closed forms. One body each, for every library that follows the array API; in nats, with N(mean, variance).

Arguments are floating arrays of one library, dtype and device, or Python floats. Elementwise arguments broadcast. The
work is done in float64 and rounded once to the dtype of the arguments. An argument outside its domain raises `ValueError`
(a wrong type or dtype `TypeError`); where values cannot be read, as under `torch.compile` or `vmap`, the result is NaN.

In torch the gradients are formulas of their own, to any order of reverse mode; forward mode is not supported. Probability
tables are divided by their sums, which floats hardly ever bring to exactly 1, so a gradient does not see a common factor.
"""

from typing import Any, Literal

from elbo_ref import _arrays, _discrete, _gaussian, _linear_gaussian, _logits, _matrix, _scalar
from elbo_ref._arrays import (
    Array,
    Namespace,
    checked_elementwise,
    cholesky,
    finite,
    logits,
    narrow,
    positive,
    prepare,
    prepare_elementwise,
    simplex,
    symmetric,
    triangular,
    unit_interval,
    vectors_and_matrices,
)

Reduction = Literal["none", "sum", "mean"]


def _joint(name: str, x: Array) -> Array:
    return simplex(name, x, axes=2)


def _binary(name: str, x: Array) -> Array:
    return _arrays.member(name, x, 0.0, 1.0)


# Discrete distributions


def entropy(p: Array) -> Array:
    """Entropy of a categorical distribution.

    H(p) = - sum_i p_i log p_i, with 0 log 0 = 0; between 0 and log K.

    Shapes: p (..., K) -> (...). Unit: nats.
    Raises ValueError if p is not a probability vector along its last axis.
    Source: Heads, Shoulders, Knees, and ELBOs, Expected Extra Surprise.
    Theorem: kl_entropy.
    """
    xp, dtype, p = prepare(p=(simplex, p))
    return _discrete.entropy(xp, dtype, p)


def cross_entropy(q: Array, p: Array) -> Array:
    """Cross entropy of a categorical q relative to p: the mean code length for q with the code of p.

    H(q, p) = - sum_i q_i log p_i = H(q) + KL(q || p); inf where p_i = 0 < q_i.

    Shapes: q, p (..., K) -> (...), equal K. Unit: nats.
    Raises ValueError if q or p is not a probability vector along its last axis.
    Source: Heads, Shoulders, Knees, and ELBOs, Expected Extra Surprise.
    Theorem: kl_entropy.
    """
    xp, dtype, q, p = prepare_elementwise(q=(simplex, q), p=(simplex, p))
    _arrays.same_last_axis(q=q, p=p)
    return _discrete.cross_entropy(xp, dtype, q, p)


def kl_categorical(q: Array, p: Array) -> Array:
    """KL divergence between two categorical distributions.

    KL(q || p) = sum_i q_i log(q_i / p_i) of the arrays divided by their sums; 0 log 0 = 0, inf where p_i = 0 < q_i.

    Shapes: q, p (..., K) -> (...), equal K. Unit: nats.
    Raises ValueError if q or p is not a probability vector along its last axis.
    Source: Heads, Shoulders, Knees, and ELBOs, Defns.
    Theorem: kl_entropy.
    """
    xp, dtype, q, p = prepare_elementwise(q=(simplex, q), p=(simplex, p))
    _arrays.same_last_axis(q=q, p=p)
    return _discrete.kl_categorical(xp, dtype, q, p)


def kl_categorical_logits(logits_q: Array, logits_p: Array) -> Array:
    """KL divergence between two categorical distributions given by unnormalised log probabilities.

    KL(q || p) = sum_i q_i log(q_i / p_i), q = softmax(logits_q), p = softmax(logits_p); -inf stands for probability 0.

    Shapes: logits_q, logits_p (..., K) -> (...), equal K. Unit: nats.
    Raises ValueError if a row holds NaN or +inf, or nothing but -inf.
    Source: Heads, Shoulders, Knees, and ELBOs, Defns.
    Theorem: kl_entropy.
    """
    xp, dtype, a, b = prepare_elementwise(logits_q=(logits, logits_q), logits_p=(logits, logits_p))
    _arrays.same_last_axis(logits_q=a, logits_p=b)
    return _logits.kl_categorical_logits(xp, dtype, a, b)


def kl_bernoulli(prob_q: Array, prob_p: Array) -> Array:
    """KL divergence between two Bernoulli distributions given by the probability of 1.

    KL(q || p) = q log(q / p) + (1 - q) log((1 - q) / (1 - p)), q = prob_q, p = prob_p.

    Shapes: elementwise. Unit: nats.
    Raises ValueError if a probability is outside [0, 1].
    Source: Heads, Shoulders, Knees, and ELBOs, Defns.
    Theorem: kl_entropy.
    """
    xp, dtype, q, p = prepare_elementwise(prob_q=(unit_interval, prob_q), prob_p=(unit_interval, prob_p))
    return _discrete.kl_bernoulli(xp, dtype, q, p)


def kl_bernoulli_logits(logit_q: Array, logit_p: Array) -> Array:
    """KL divergence between two Bernoulli distributions given by their log odds.

    KL(q || p) = q (logit_q - logit_p) - softplus(logit_q) + softplus(logit_p), q = 1 / (1 + exp(-logit_q)).

    Shapes: elementwise. Unit: nats.
    Raises ValueError if a logit is not finite.
    Source: Heads, Shoulders, Knees, and ELBOs, Defns.
    Theorem: kl_entropy.
    """
    xp, dtype, a, b = prepare_elementwise(logit_q=(finite, logit_q), logit_p=(finite, logit_p))
    return _logits.kl_bernoulli_logits(xp, dtype, a, b)


def mutual_information(joint: Array) -> Array:
    """Mutual information of the row and column variables of a joint probability table.

    I(X; Y) = KL(joint || row sums x column sums) = H(X) + H(Y) - H(X, Y).

    Shapes: joint (..., X, Y) -> (...). Unit: nats.
    Raises ValueError if joint is not a probability table over its last two axes.
    Source: Heads, Shoulders, Knees, and ELBOs, Useful identities and properties.
    Theorem: mutual_information.
    """
    xp, dtype, joint = prepare(joint=(_joint, joint))
    return _discrete.mutual_information(xp, dtype, joint)


def conditional_entropy(joint: Array) -> Array:
    """Entropy of the column variable given the row variable of a joint probability table.

    H(Y | X) = - sum_xy joint_xy log(joint_xy / sum_y joint_xy) = H(X, Y) - H(X).

    Shapes: joint (..., X, Y) -> (...). Unit: nats.
    Raises ValueError if joint is not a probability table over its last two axes.
    Source: Heads, Shoulders, Knees, and ELBOs, Useful identities and properties.
    Theorem: conditional_entropy.
    """
    xp, dtype, joint = prepare(joint=(_joint, joint))
    return _discrete.conditional_entropy(xp, dtype, joint)


def kl_conditional(joint_q: Array, joint_p: Array) -> Array:
    """KL divergence between the conditional distributions of two joint probability tables, averaged over the rows of q.

    sum_x q(x) KL(q(y | x) || p(y | x)) = KL(joint_q || joint_p) - KL(row sums of q || row sums of p), if that is finite.

    Shapes: joint_q, joint_p (..., X, Y) -> (...), equal X and Y. Unit: nats.
    Raises ValueError if an argument is not a probability table over its last two axes.
    Source: Heads, Shoulders, Knees, and ELBOs, Useful identities and properties.
    Theorem: kl_chain_rule.
    """
    xp, dtype, q, p = prepare_elementwise(joint_q=(_joint, joint_q), joint_p=(_joint, joint_p))
    _arrays.same_last_axis(joint_q=q, joint_p=p)
    _arrays.same_last_axis(joint_q=q[..., 0], joint_p=p[..., 0])
    return _discrete.kl_conditional(xp, dtype, q, p)


def jensen_shannon(q: Array, p: Array) -> Array:
    """Jensen-Shannon divergence of two categorical distributions.

    JS(q, p) = KL(q || m) / 2 + KL(p || m) / 2 with m = (q + p) / 2; symmetric, between 0 and log 2.

    Shapes: q, p (..., K) -> (...), equal K. Unit: nats.
    Raises ValueError if q or p is not a probability vector along its last axis.
    Theorem: jensen_shannon.
    """
    xp, dtype, q, p = prepare_elementwise(q=(simplex, q), p=(simplex, p))
    _arrays.same_last_axis(q=q, p=p)
    return _discrete.jensen_shannon(xp, dtype, q, p)


# Gaussian distributions


def normal_log_density(x: Array, mean: Array, var: Array) -> Array:
    """Log density of N(mean, var) at x.

    log N(x; mean, var) = - (x - mean)^2 / (2 var) - log(2 pi var) / 2.

    Shapes: elementwise. Unit: nats.
    Raises ValueError if x or mean is not finite or var is not positive.
    Source: Evidence Lower Bound (ELBO) Derivation, Standard VAE ELBO Form.
    Theorem: gaussian_log_density.
    """
    xp, dtype, x, mean, var = prepare_elementwise(x=(finite, x), mean=(finite, mean), var=(positive, var))
    return _gaussian.normal_log_density(xp, dtype, x, mean, var)


def entropy_normal(std: Array) -> Array:
    """Differential entropy of N(mean, std^2), whatever the mean.

    H = log(std) + (1 + log(2 pi)) / 2. It may be negative.

    Shapes: elementwise. Unit: nats.
    Raises ValueError if std is not positive.
    Source: Heads, Shoulders, Knees, and ELBOs, Expected Extra Surprise.
    Theorem: gaussian_entropy.
    """
    xp, dtype, std = prepare_elementwise(std=(positive, std))
    return _gaussian.entropy_normal(xp, dtype, std)


def cross_entropy_normal(mean_q: Array, std_q: Array, mean_p: Array, std_p: Array) -> Array:
    """Cross entropy of N(mean_q, std_q^2) relative to N(mean_p, std_p^2).

    - E_q log p = log(std_p) + log(2 pi) / 2 + (std_q^2 + (mean_q - mean_p)^2) / (2 std_p^2).

    Shapes: elementwise. Unit: nats.
    Raises ValueError if a mean is not finite or a std is not positive.
    Source: Heads, Shoulders, Knees, and ELBOs, Expected Extra Surprise.
    Theorem: gaussian_cross_entropy.
    """
    xp, dtype, mean_q, std_q, mean_p, std_p = prepare_elementwise(
        mean_q=(finite, mean_q), std_q=(positive, std_q), mean_p=(finite, mean_p), std_p=(positive, std_p)
    )
    return _gaussian.cross_entropy_normal(xp, dtype, mean_q, std_q, mean_p, std_p)


def kl_normal(mean_q: Array, std_q: Array, mean_p: Array, std_p: Array) -> Array:
    """KL divergence between two univariate Gaussians.

    KL(q || p) = log(std_p / std_q) + (std_q^2 + (mean_q - mean_p)^2) / (2 std_p^2) - 1 / 2.

    Shapes: elementwise. Unit: nats. Never negative, and 0 exactly where q and p are equal.
    Raises ValueError if a mean is not finite or a std is not positive.
    Source: Evidence Lower Bound (ELBO) Derivation, Practical VAE Loss.
    Theorem: gaussian_kl.
    """
    if type(mean_q) is type(std_q) is type(mean_p) is type(std_p) is float:
        value = _scalar.kl_normal(mean_q, std_q, mean_p, std_p)
        if value is not None:
            return value
    xp, dtype, mean_q, std_q, mean_p, std_p = checked_elementwise(
        mean_q=(finite, mean_q), std_q=(positive, std_q), mean_p=(finite, mean_p), std_p=(positive, std_p)
    )
    return _gaussian.kl_normal(xp, dtype, mean_q, std_q, mean_p, std_p)


def kl_diag_normal(mean_q: Array, std_q: Array, mean_p: Array, std_p: Array) -> Array:
    """KL divergence between two Gaussians with diagonal covariance: the sum over the last axis of `kl_normal`.

    KL(q || p) = sum_j log(std_p_j / std_q_j) + (std_q_j^2 + (mean_q_j - mean_p_j)^2) / (2 std_p_j^2) - 1 / 2.

    Shapes: all broadcast to (..., D) -> (...). Unit: nats. Never negative, and 0 exactly where q and p are equal.
    Raises ValueError if a mean is not finite, a std is not positive, or there is no axis to sum over.
    Source: Evidence Lower Bound (ELBO) Derivation, Practical VAE Loss.
    Theorem: gaussian_kl_diagonal.
    """
    xp, dtype, mean_q, std_q, mean_p, std_p = checked_elementwise(
        mean_q=(finite, mean_q), std_q=(positive, std_q), mean_p=(finite, mean_p), std_p=(positive, std_p)
    )
    _arrays.some_axis(mean_q=mean_q, std_q=std_q, mean_p=mean_p, std_p=std_p)
    return _gaussian.kl_diag_normal(xp, dtype, mean_q, std_q, mean_p, std_p)


def kl_standard_normal(mean: Array, logvar: Array) -> Array:
    """KL divergence from a diagonal Gaussian to the standard normal: the KL term of a VAE.

    KL(N(mean, exp(logvar)) || N(0, I)) = sum_j (mean_j^2 + exp(logvar_j) - 1 - logvar_j) / 2.

    Shapes: both broadcast to (..., D) -> (...), no reduction over the batch. Unit: nats. Never negative.
    Raises ValueError if an argument is not finite or there is no axis to sum over.
    Source: Tutorial 4: VAE, ELBO & Variational Inference, 4. Understanding the ELBO Terms.
    Theorem: gaussian_kl_standard.
    """
    xp, dtype, mean, logvar = checked_elementwise(mean=(finite, mean), logvar=(finite, logvar))
    _arrays.some_axis(mean=mean, logvar=logvar)
    return _gaussian.kl_standard_normal(xp, dtype, mean, logvar)


def kl_mvn(mean_q: Array, cov_q: Array, mean_p: Array, cov_p: Array) -> Array:
    """KL divergence between two Gaussians from their covariance matrices.

    KL(q || p) = (tr(cov_p^-1 cov_q) + d^T cov_p^-1 d - D + log det cov_p - log det cov_q) / 2, d = mean_q - mean_p.

    Shapes: means (..., D), covariances (..., D, D) -> (...). Unit: nats. The relative error is some eps times the larger
    condition number of the two, however close they are; from Cholesky factors, `kl_mvn_tril` needs its square root only.
    Raises ValueError if a mean is not finite or a covariance is not symmetric positive definite.
    Source: Tutorial 4: VAE, ELBO & Variational Inference, 4. Understanding the ELBO Terms.
    Theorem: gaussian_kl_full.
    """
    xp, dtype, mean_q, cov_q, mean_p, cov_p = prepare(
        mean_q=(finite, mean_q), cov_q=(symmetric, cov_q), mean_p=(finite, mean_p), cov_p=(symmetric, cov_p)
    )
    mean_q, cov_q, mean_p, cov_p = vectors_and_matrices(xp, mean_q=mean_q, cov_q=cov_q, mean_p=mean_p, cov_p=cov_p)
    tril_q, tril_p = cholesky("cov_q", cov_q), cholesky("cov_p", cov_p)
    return _matrix.kl_mvn(xp, dtype, mean_q, cov_q, tril_q, mean_p, cov_p, tril_p)


def kl_mvn_tril(mean_q: Array, tril_q: Array, mean_p: Array, tril_p: Array) -> Array:
    """KL divergence between two Gaussians from the Cholesky factors of their covariance matrices.

    The formula of `kl_mvn` with cov = tril tril^T.

    Shapes: means (..., D), factors (..., D, D) -> (...). Unit: nats.
    Raises ValueError if a mean is not finite or a factor is not lower triangular with a positive diagonal.
    Source: Tutorial 4: VAE, ELBO & Variational Inference, 4. Understanding the ELBO Terms.
    Theorem: gaussian_kl_full.
    """
    xp, dtype, mean_q, tril_q, mean_p, tril_p = prepare(
        mean_q=(finite, mean_q), tril_q=(triangular, tril_q), mean_p=(finite, mean_p), tril_p=(triangular, tril_p)
    )
    arrays = vectors_and_matrices(xp, mean_q=mean_q, tril_q=tril_q, mean_p=mean_p, tril_p=tril_p)
    return _matrix.kl_mvn_tril(xp, dtype, *arrays)


def entropy_mvn(cov: Array) -> Array:
    """Differential entropy of a Gaussian with covariance matrix `cov`, whatever the mean.

    H = (D (1 + log(2 pi)) + log det cov) / 2. It may be negative.

    Shapes: cov (..., D, D) -> (...). Unit: nats.
    Raises ValueError if cov is not symmetric positive definite.
    Theorem: gaussian_entropy_full.
    """
    xp, dtype, cov = prepare(cov=(symmetric, cov))
    return _gaussian.entropy_mvn(xp, dtype, cholesky("cov", cov))


# The linear-Gaussian model: z ~ N(mean_prior, var_prior), x = weight z + bias + noise, noise ~ N(0, var_noise)


def linear_gaussian_log_evidence(
    x: Array, weight: Array, bias: Array, var_noise: Array, mean_prior: Array, var_prior: Array
) -> Array:
    """Log evidence log p(x) of the linear-Gaussian model z ~ N(mean_prior, var_prior), x | z ~ N(weight z + bias, var_noise).

    log N(x; weight mean_prior + bias, weight^2 var_prior + var_noise).

    Shapes: elementwise. Unit: nats.
    Raises ValueError if an argument is not finite or a variance is not positive.
    Source: Evidence Lower Bound (ELBO) Derivation, Exercise 2.
    Theorem: linear_gaussian_evidence.
    """
    xp, dtype, *model = _model(x, weight, bias, var_noise, mean_prior, var_prior)
    return _linear_gaussian.log_evidence(xp, dtype, *model)


def _model(
    x: Array,
    weight: Array,
    bias: Array,
    var_noise: Array,
    mean_prior: Array,
    var_prior: Array,
    **more: tuple[Any, Array],
) -> tuple[Any, ...]:
    return prepare_elementwise(
        x=(finite, x),
        weight=(finite, weight),
        bias=(finite, bias),
        var_noise=(positive, var_noise),
        mean_prior=(finite, mean_prior),
        var_prior=(positive, var_prior),
        **more,
    )


def linear_gaussian_posterior(
    x: Array, weight: Array, bias: Array, var_noise: Array, mean_prior: Array, var_prior: Array
) -> tuple[Array, Array]:
    """Mean and variance of the posterior p(z | x) of the linear-Gaussian model.

    With gain = weight var_prior / (weight^2 var_prior + var_noise):
    mean = mean_prior + gain (x - weight mean_prior - bias), var = var_prior (1 - gain weight).

    Shapes: elementwise; returns (mean, var).
    Raises ValueError if an argument is not finite or a variance is not positive.
    Source: Evidence Lower Bound (ELBO) Derivation, Exercise 2.
    Theorem: linear_gaussian_posterior.
    """
    xp, dtype, *model = _model(x, weight, bias, var_noise, mean_prior, var_prior)
    return _posterior(xp, dtype, *model)


def _posterior(
    xp: Namespace,
    dtype: Any,
    x: Array,
    weight: Array,
    bias: Array,
    var_noise: Array,
    mean_prior: Array,
    var_prior: Array,
) -> tuple[Array, Array]:
    mean = _linear_gaussian.posterior_mean(xp, dtype, x, weight, bias, var_noise, mean_prior, var_prior)
    var = _linear_gaussian.posterior_var(xp, dtype, weight, var_noise, var_prior)
    return mean, xp.broadcast_to(var, mean.shape)


def linear_gaussian_reconstruction(
    x: Array, mean_q: Array, var_q: Array, weight: Array, bias: Array, var_noise: Array
) -> Array:
    """Expected log likelihood E_q log N(x; weight z + bias, var_noise) under q = N(mean_q, var_q).

    - ((x - weight mean_q - bias)^2 + weight^2 var_q) / (2 var_noise) - log(2 pi var_noise) / 2.

    Shapes: elementwise. Unit: nats.
    Raises ValueError if an argument is not finite or a variance is not positive.
    Source: Evidence Lower Bound (ELBO) Derivation, Standard VAE ELBO Form.
    Theorem: linear_gaussian_reconstruction.
    """
    xp, dtype, x, mean_q, var_q, weight, bias, var_noise = prepare_elementwise(
        x=(finite, x),
        mean_q=(finite, mean_q),
        var_q=(positive, var_q),
        weight=(finite, weight),
        bias=(finite, bias),
        var_noise=(positive, var_noise),
    )
    return _linear_gaussian.reconstruction(xp, dtype, x, mean_q, var_q, weight, bias, var_noise)


def linear_gaussian_elbo(
    x: Array,
    mean_q: Array,
    var_q: Array,
    weight: Array,
    bias: Array,
    var_noise: Array,
    mean_prior: Array,
    var_prior: Array,
) -> Array:
    """ELBO of the linear-Gaussian model for q = N(mean_q, var_q), a lower bound of its log evidence.

    E_q log N(x; weight z + bias, var_noise) - KL(N(mean_q, var_q) || N(mean_prior, var_prior)).

    Shapes: elementwise. Unit: nats.
    Raises ValueError if an argument is not finite or a variance is not positive.
    Source: Evidence Lower Bound (ELBO) Derivation, Exercise 2.
    Theorem: linear_gaussian_elbo.
    """
    xp, dtype, x, weight, bias, var_noise, mean_prior, var_prior, mean_q, var_q = _model(
        x, weight, bias, var_noise, mean_prior, var_prior, mean_q=(finite, mean_q), var_q=(positive, var_q)
    )
    model = weight, bias, var_noise, mean_prior, var_prior
    return _linear_gaussian.elbo(xp, dtype, x, mean_q, var_q, *model)


def linear_gaussian_gap(
    x: Array,
    mean_q: Array,
    var_q: Array,
    weight: Array,
    bias: Array,
    var_noise: Array,
    mean_prior: Array,
    var_prior: Array,
) -> Array:
    """Gap between log evidence and ELBO of the linear-Gaussian model: KL from q = N(mean_q, var_q) to the posterior.

    KL(N(mean_q, var_q) || p(z | x)), with the posterior of `linear_gaussian_posterior`.

    Shapes: elementwise. Unit: nats. Never negative.
    Raises ValueError if an argument is not finite or a variance is not positive.
    Source: Evidence Lower Bound (ELBO) Derivation, The ELBO Gap.
    Theorem: linear_gaussian_gap.
    """
    xp, dtype, x, weight, bias, var_noise, mean_prior, var_prior, mean_q, var_q = _model(
        x, weight, bias, var_noise, mean_prior, var_prior, mean_q=(finite, mean_q), var_q=(positive, var_q)
    )
    model = weight, bias, var_noise, mean_prior, var_prior
    return _linear_gaussian.gap(xp, dtype, x, mean_q, var_q, *model)


def linear_gaussian_mutual_information(weight: Array, var_noise: Array, var_prior: Array) -> Array:
    """Mutual information of latent and observation in the linear-Gaussian model: that of a Gaussian channel.

    I(x; z) = log(1 + weight^2 var_prior / var_noise) / 2.

    Shapes: elementwise. Unit: nats.
    Raises ValueError if weight is not finite or a variance is not positive.
    Source: Tutorial 4: VAE, ELBO & Variational Inference, 5. Why KL to Prior? The Information Bottleneck.
    Theorem: mutual_information_gaussian.
    """
    xp, dtype, weight, var_noise, var_prior = prepare_elementwise(
        weight=(finite, weight), var_noise=(positive, var_noise), var_prior=(positive, var_prior)
    )
    return _linear_gaussian.mutual_information(xp, dtype, weight, var_noise, var_prior)


def linear_gaussian_beta_posterior(
    x: Array, weight: Array, bias: Array, var_noise: Array, mean_prior: Array, var_prior: Array, beta: Array
) -> tuple[Array, Array]:
    """Mean and variance of the Gaussian q that maximises the beta-ELBO of the linear-Gaussian model.

    The maximiser of E_q log p(x | z) - beta KL(q || p(z)) is proportional to p(z) p(x | z)^(1 / beta): the posterior of
    the model with noise variance beta var_noise.

    Shapes: elementwise; returns (mean, var).
    Raises ValueError if an argument is not finite, or a variance or beta is not positive.
    Source: Tutorial 4: VAE, ELBO & Variational Inference, 7. The VAE Architecture.
    Theorem: beta_elbo_optimum.
    """
    xp, dtype, x, weight, bias, var_noise, mean_prior, var_prior, beta = _model(
        x, weight, bias, var_noise, mean_prior, var_prior, beta=(positive, beta)
    )
    return _posterior(xp, dtype, x, weight, bias, beta * var_noise, mean_prior, var_prior)


def linear_gaussian_em_step(
    x: Array, weight: Array, bias: Array, var_noise: Array, mean_prior: Array, var_prior: Array
) -> Array:
    """The weight after one step of EM for independent observations of the linear-Gaussian model, all else fixed.

    With the posterior N(mean_n, var) of each x_n: sum_n (x_n - bias) mean_n / sum_n (mean_n^2 + var).

    Shapes: all broadcast to (..., N) -> (...).
    Raises ValueError if an argument is not finite, a variance is not positive, or there is no axis of observations.
    Source: Evidence Lower Bound (ELBO) Derivation, ELBO and the EM Algorithm.
    Theorem: linear_gaussian_em_step.
    """
    xp, dtype, *model = _model(x, weight, bias, var_noise, mean_prior, var_prior)
    _arrays.has_axes("x", model[0], 1, nonempty=True)
    return _linear_gaussian.em_weight(xp, dtype, *model)


# Likelihoods of decoders and the objectives made of them


def gaussian_log_likelihood(x: Array, mean_x: Array, var_noise: Array) -> Array:
    """Log likelihood of a vector under a Gaussian decoder with diagonal covariance, constant included.

    sum_j - (x_j - mean_x_j)^2 / (2 var_noise_j) - log(2 pi var_noise_j) / 2.

    Shapes: x, mean_x (..., D) with equal D, var_noise broadcasts -> (...). Unit: nats.
    Raises ValueError if x or mean_x is not finite or var_noise is not positive.
    Source: Evidence Lower Bound (ELBO) Derivation, Concrete Loss Functions.
    Theorem: gaussian_likelihood.
    """
    xp, dtype, x, mean_x, var_noise = prepare_elementwise(
        x=(finite, x), mean_x=(finite, mean_x), var_noise=(positive, var_noise)
    )
    _arrays.has_axes("x", x, 1)
    _arrays.same_last_axis(x=x, mean_x=mean_x)
    return _gaussian.gaussian_log_likelihood(xp, dtype, x, mean_x, var_noise)


def bernoulli_log_likelihood_logits(x: Array, logits_x: Array) -> Array:
    """Log likelihood of a binary vector under independent Bernoulli variables given by their log odds.

    sum_j x_j logits_x_j - softplus(logits_x_j): minus the binary cross entropy.

    Shapes: x, logits_x (..., D) with equal D -> (...). Unit: nats.
    Raises ValueError if x is not 0 or 1 everywhere (for grey values see `continuous_bernoulli_log_likelihood_logits`) or
    a logit is not finite.
    Source: Evidence Lower Bound (ELBO) Derivation, Concrete Loss Functions.
    Theorem: bernoulli_likelihood.
    """
    xp, dtype, x, logits_x = prepare_elementwise(x=(_binary, x), logits_x=(finite, logits_x))
    _arrays.has_axes("x", x, 1)
    _arrays.same_last_axis(x=x, logits_x=logits_x)
    return _logits.bernoulli_log_likelihood(xp, dtype, x, logits_x)


def continuous_bernoulli_log_likelihood_logits(x: Array, logits_x: Array) -> Array:
    """Log likelihood of a vector in the unit cube under independent continuous Bernoulli variables.

    sum_j x_j l_j - log((exp(l_j) - 1) / l_j) with l = logits_x; the second term, the normaliser, is 0 at l = 0.

    Shapes: x, logits_x (..., D) with equal D -> (...). Unit: nats (a density: it may be positive).
    Raises ValueError if x is outside [0, 1] or a logit is not finite.
    Source: Evidence Lower Bound (ELBO) Derivation, Concrete Loss Functions, made a likelihood for grey values.
    Theorem: continuous_bernoulli_likelihood.
    """
    xp, dtype, x, logits_x = prepare_elementwise(x=(unit_interval, x), logits_x=(finite, logits_x))
    _arrays.has_axes("x", x, 1)
    _arrays.same_last_axis(x=x, logits_x=logits_x)
    return _logits.continuous_bernoulli_log_likelihood(xp, dtype, x, logits_x)


def _reduce(xp: Namespace, values: Array, reduction: Reduction) -> Array:
    if reduction == "none":
        return values
    if reduction == "sum":
        return xp.sum(values)
    if 0 in values.shape:
        raise ValueError(
            f"x must hold at least one example for reduction 'mean', got batch shape {tuple(values.shape)}"
        )
    return xp.mean(values)


def negative_elbo_gaussian(
    x: Array, mean_x: Array, var_noise: Array, mean: Array, logvar: Array, *, reduction: Reduction, beta: float = 1.0
) -> Array:
    """Loss of a VAE with a Gaussian decoder, one sample of z per example, every constant included.

    -log N(x; mean_x, var_noise) + beta KL(N(mean, exp(logvar)) || N(0, I)), summed over pixels and latent dimensions.

    Shapes: x, mean_x (..., D), var_noise broadcasts with them; mean, logvar (..., K), with equal batch axes.
    The batch is kept ("none"), summed ("sum") or averaged ("mean"); there is no default. Unit: nats.
    Raises ValueError as `gaussian_log_likelihood` and `kl_standard_normal` do, or if shapes or reduction do not fit.
    Source: Evidence Lower Bound (ELBO) Derivation, Practical VAE Loss.
    Theorem: gaussian_vae_loss_diagonal.
    """
    _arrays.choice("reduction", reduction, "none", "sum", "mean")
    xp, dtype, x, mean_x, var_noise, mean, logvar, beta = prepare(
        x=(finite, x),
        mean_x=(finite, mean_x),
        var_noise=(positive, var_noise),
        mean=(finite, mean),
        logvar=(finite, logvar),
        beta=(_arrays.nonnegative, beta),
    )
    _arrays.same_shape(x=x, mean_x=mean_x)
    _arrays.broadcastable(x=x, var_noise=var_noise)
    _arrays.same_batch(x=x, mean=mean, logvar=logvar)
    log_likelihood = _gaussian.gaussian_log_likelihood.wide(xp, dtype, x, mean_x, var_noise)
    loss = beta * _gaussian.kl_standard_normal.wide(xp, dtype, mean, logvar) - log_likelihood
    return narrow(xp, _reduce(xp, loss, reduction), dtype)


def negative_elbo_bernoulli(
    x: Array, logits_x: Array, mean: Array, logvar: Array, *, reduction: Reduction, beta: float = 1.0
) -> Array:
    """Loss of a VAE with a Bernoulli decoder, one sample of z per example.

    Binary cross entropy of x and logits_x + beta KL(N(mean, exp(logvar)) || N(0, I)), summed over pixels and latent
    dimensions.

    Shapes: x, logits_x (..., D); mean, logvar (..., K), with equal batch axes.
    The batch is kept ("none"), summed ("sum") or averaged ("mean"); there is no default. Unit: nats.
    Raises ValueError as `bernoulli_log_likelihood_logits` and `kl_standard_normal` do, or if shapes or reduction do not fit.
    Source: Evidence Lower Bound (ELBO) Derivation, Practical VAE Loss.
    Theorem: bernoulli_vae_loss.
    """
    _arrays.choice("reduction", reduction, "none", "sum", "mean")
    xp, dtype, x, logits_x, mean, logvar, beta = prepare(
        x=(_binary, x),
        logits_x=(finite, logits_x),
        mean=(finite, mean),
        logvar=(finite, logvar),
        beta=(_arrays.nonnegative, beta),
    )
    _arrays.same_shape(x=x, logits_x=logits_x)
    _arrays.same_batch(x=x, mean=mean, logvar=logvar)
    log_likelihood = _logits.bernoulli_log_likelihood.wide(xp, dtype, x, logits_x)
    loss = beta * _gaussian.kl_standard_normal.wide(xp, dtype, mean, logvar) - log_likelihood
    return narrow(xp, _reduce(xp, loss, reduction), dtype)
