"""Enclosures: integrals of models in ball arithmetic, tails included.

A function here returns an `Enclosure`, a midpoint and a radius, and the true value of the integral lies inside. The
radius meets the number of digits asked for, or `PrecisionError` is raised. Nothing is estimated: rounding is bounded
by Arb (python-flint), the two errors of the quadrature by a theorem that `trapezoid` derives.

Every number that goes in is taken as exact: an int, a float (the binary fraction it is), a `Fraction`, or a string
such as "0.33" or "1/3". All results are in nats.
"""

from elbo_ref.certified.ball import Enclosure, PrecisionError
from elbo_ref.certified.decoders import Decoder, bernoulli_decoder, gaussian_decoder, tanh_decoder
from elbo_ref.certified.laplace import kl_laplace
from elbo_ref.certified.mixtures import kl_mixtures
from elbo_ref.certified.models import elbo, gap, kl_gaussian, log_evidence, reconstruction
from elbo_ref.certified.network import Bracket, log_evidence_network
from elbo_ref.certified.plane import elbo_plane, log_evidence_plane
from elbo_ref.certified.surgery import Surgery, elbo_surgery

__all__ = [
    "Bracket",
    "Decoder",
    "Enclosure",
    "PrecisionError",
    "Surgery",
    "bernoulli_decoder",
    "elbo",
    "elbo_plane",
    "elbo_surgery",
    "gap",
    "gaussian_decoder",
    "kl_gaussian",
    "kl_laplace",
    "kl_mixtures",
    "log_evidence",
    "log_evidence_network",
    "log_evidence_plane",
    "reconstruction",
    "tanh_decoder",
]
