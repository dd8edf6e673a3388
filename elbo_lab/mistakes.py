"""The mistakes that people make in the lines of a variational autoencoder: the right program with one piece replaced.

`cost` trains each and says what it loses. What was trained with a wrong line is still a decoder and a prior: it has a log p(x).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from elbo_lab.model import Autoencoders
from elbo_lab.training import Step

Codes = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]  # of mean and logvar


def _draw(mean: Tensor, logvar: Tensor, noise: Tensor) -> Tensor:
    return mean + torch.exp(logvar / 2) * noise


def _misfit(logits: Tensor, x: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(-1)


def _kl(mean: Tensor, logvar: Tensor, z: Tensor) -> Tensor:
    return -0.5 * (1 + logvar - mean**2 - logvar.exp()).sum(-1)


class Sizes(NamedTuple):
    """What a slip in a reduction multiplies or divides by."""

    data: int
    batch: int
    latent: int


@dataclass(frozen=True)
class Program:
    """A loss of an image in pieces, each the right one unless it is given. What is printed is their sum, averaged.

    `audit` is the audit's word for it, where the loss alone shows it, and `page` a verdict of the book.
    """

    name: str
    line: str
    audit: str = ""
    page: str = ""
    heads: Codes = lambda mean, logvar: (mean, logvar)
    noise: Callable[[Tensor], Tensor] = lambda normal: normal
    draw: Callable[[Tensor, Tensor, Tensor], Tensor] = _draw
    misfit: Callable[[Tensor, Tensor], Tensor] = _misfit
    kl: Callable[[Tensor, Tensor, Tensor], Tensor] = _kl
    beta: Callable[[Sizes], float] = lambda sizes: 1
    grey: bool = False
    """It is trained on the grey levels."""
    posterior: Codes = lambda mean, logvar: (mean, logvar)
    """The mean and log-variance that it means by what the heads put out."""
    logits: Callable[[Tensor], Tensor] = lambda logits: logits
    """The logits of the model that it defines, from what the decoder puts out."""

    def step(self, sizes: Sizes) -> Step:
        """The loss of each image, and what it takes for the divergence."""
        beta = self.beta(sizes)

        def step(networks: Autoencoders, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
            mean, logvar = self.heads(*networks.encode(x))
            z = self.draw(mean, logvar, self.noise(noise))
            kl = self.kl(mean, logvar, z)
            return self.misfit(networks.decode(z), x) + beta * kl, kl

        return step

    def encode(self, networks: Autoencoders, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of its posterior."""
        return self.posterior(*self.heads(*networks.encode(x)))

    def decode(self, networks: Autoencoders) -> Callable[[Tensor], Tensor]:
        """Its decoder, to logits."""
        return lambda z: self.logits(networks.decode(z))


def _squares(prediction: Tensor, x: Tensor) -> Tensor:
    return ((prediction - x) ** 2).sum(-1)


def _swapped_kl(mean: Tensor, logvar: Tensor, z: Tensor) -> Tensor:
    return 0.5 * ((1 + mean**2) * torch.exp(-logvar) - 1 + logvar).sum(-1)


def _log_ratio(mean: Tensor, logvar: Tensor, z: Tensor) -> Tensor:
    """log q(z) - log p(z), entry by entry."""
    return 0.5 * (z**2 - (z - mean) ** 2 / logvar.exp() - logvar)


def _swapped_arguments(logits: Tensor, x: Tensor) -> Tensor:
    prob = torch.sigmoid(logits)
    return -(prob * x.log() + (1 - prob) * (1 - x).log()).sum(-1)


KL = "-0.5 * (1 + logvar - mu**2 - logvar.exp())"
RIGHT = Program("correct", f"bce_sum(logits, x) + ({KL}).sum(-1)", page="bernoulli_vae_loss")
MISTAKES = (
    Program("the KL averaged over latents", "kl.mean(-1)", "weighted", "rate_falls_with_weight",
            beta=lambda sizes: 1 / sizes.latent),
    Program("the KL averaged over the batch, the BCE summed", "bce.sum() + kl.sum(-1).mean()", "weighted",
            "tempered_decomposition", beta=lambda sizes: 1 / sizes.batch),
    Program("the KL times batch / data", "kl * len(x) / len(dataset)", "weighted", "weighted_loss_is_the_negative_elbo",
            beta=lambda sizes: sizes.batch / sizes.data),
    Program("the KL summed over the batch, the BCE averaged", "bce.sum(-1).mean() + kl.sum()", "weighted",
            "heavy_weight_squeezes", beta=lambda sizes: sizes.batch),
    Program("means of both", "bce.mean() + kl.mean()", "weighted", "means_everywhere",
            misfit=lambda logits, x: _misfit(logits, x) / x.shape[-1], beta=lambda sizes: 1 / sizes.latent),
    Program("the BCE averaged over pixels", "bce.mean() + kl.sum(-1).mean()", "weighted", "mean_over_entries",
            misfit=lambda logits, x: _misfit(logits, x) / x.shape[-1]),
    Program("the KL without its 1/2", "-(1 + logvar - mu**2 - logvar.exp())", "the factor 1/2 is missing",
            "divergence_without_half", beta=lambda sizes: 2),
    Program("no KL", "bce", "no divergence", "narrower_reconstructs_better", beta=lambda sizes: 0),
    Program("the sign of the KL", "bce - kl", "sign of the KL", "elbo_is_the_negative_sum", beta=lambda sizes: -1),
    Program("the KL without its logarithm", "-0.5 * (1 - mu**2 - logvar.exp())", "the logarithm is missing",
            "gaussian_kl_standard", kl=lambda mean, logvar, z: 0.5 * (mean**2 + logvar.exp() - 1).sum(-1)),
    Program("the KL without mu squared", "-0.5 * (1 + logvar - logvar.exp())", "mu squared is missing",
            "gaussian_kl_standard", kl=lambda mean, logvar, z: 0.5 * (logvar.exp() - 1 - logvar).sum(-1)),
    Program("the KL without the variance", "-0.5 * (1 + logvar - mu**2)", "the variance is missing",
            "gaussian_kl_standard", kl=lambda mean, logvar, z: 0.5 * (mean**2 - 1 - logvar).sum(-1)),
    Program("the log-variance twice in the KL", "-0.5 * (1 + 2 * logvar - mu**2 - logvar.exp())",
            "std/variance mix-up", "twice_the_log_variance",
            kl=lambda mean, logvar, z: 0.5 * (mean**2 + logvar.exp() - 1 - 2 * logvar).sum(-1)),
    Program("the variance squared in the KL", "-0.5 * (1 + logvar - mu**2 - logvar.exp()**2)", "std/variance mix-up",
            "log_variance_is_log_std",
            kl=lambda mean, logvar, z: 0.5 * (mean**2 + torch.exp(2 * logvar) - 1 - logvar).sum(-1)),
    Program("KL(p || q)", "kl_divergence(prior, q)", "swapped KL", "kl_is_symmetric", kl=_swapped_kl),
    Program("the KL by one draw, without its sign", "(log_q - log_p).sum(-1).abs()", "absolute value of an estimate",
            "absolute_value_keeps_the_mean", kl=lambda *codes: _log_ratio(*codes).sum(-1).abs()),
    Program("std = exp(logvar) when drawing", "mu + logvar.exp() * eps", "a draw of another width",
            "log_variance_is_log_std", draw=lambda mean, logvar, noise: mean + logvar.exp() * noise),
    Program("std = logvar when drawing", "mu + logvar * eps", "a draw of another width", "log_variance_is_log_std",
            draw=lambda mean, logvar, noise: mean + logvar * noise),
    Program("no draw", "z = mu", "no sample", "reparameterization", draw=lambda mean, logvar, noise: mean),
    Program("z detached", "decode(z.detach())", "", "pathwise_gradient_mean",
            draw=lambda *codes: _draw(*codes).detach()),
    Program("rand_like for randn_like", "mu + std * torch.rand_like(std)", "", "reparameterization",
            noise=torch.special.ndtr),  # uniform, since what it is given is normal
    Program("one noise for the whole batch", "mu + std * torch.randn(K)", "", "reparameterization",
            noise=lambda normal: normal[..., :1, :].expand_as(normal)),
    Program("ReLU on both heads", "F.relu(fc_mu(h)), F.relu(fc_logvar(h))", "", "larger_family",
            heads=lambda mean, logvar: (mean.relu(), logvar.relu())),
    Program("sigmoid twice", "bce_with_logits(torch.sigmoid(logits), x)", "double sigmoid", "probability_for_a_logit",
            misfit=lambda logits, x: _misfit(logits.sigmoid(), x), logits=torch.sigmoid),
    Program("the arguments of the BCE swapped", "F.binary_cross_entropy(x, prob)", "swapped cross-entropy",
            "bernoulli_cross_entropy", misfit=_swapped_arguments),
    Program("squared error, summed", "((prob - x)**2).sum(-1)", "another model", "summed_error_fixes_variance",
            misfit=lambda logits, x: _squares(logits.sigmoid(), x)),
    Program("squared error, averaged", "((prob - x)**2).mean()", "another model", "averaged_error_fixes_variance",
            misfit=lambda logits, x: _squares(logits.sigmoid(), x) / x.shape[-1]),
    Program("squared error of logits", "((logits - x)**2).sum(-1)", "squared error of logits",
            "summed_error_fixes_variance", misfit=_squares),
    Program("grey levels in the BCE", "bce(logits, grey)", "surrogate", "grey_bernoulli_mass", grey=True),
    Program("logvar is log std, everywhere", "0.5 * (mu**2 + (2*logvar).exp() - 1 - 2*logvar)", "equal",
            "reparameterization_log_variance", draw=lambda mean, logvar, noise: mean + logvar.exp() * noise,
            kl=lambda mean, logvar, z: _kl(mean, 2 * logvar, z), posterior=lambda mean, logvar: (mean, 2 * logvar)),
)  # fmt: skip
PROGRAMS = (RIGHT, *MISTAKES)
