"""A model with one latent, a Gaussian prior and a Gaussian q: evidence, reconstruction, divergence, ELBO and gap.

Each is the trapezoid rule on its definition; the closed forms that the linear-Gaussian model has are not used. The
error is that of the rule, `2 M / (exp(2 pi a / h) - 1)` for the step and `2 phi(R) (c0 / R + c1 + c2 (R + 1 / R))` for
the end, with a and `c0, c1, c2` from the decoder. Of a log evidence the bound is on the integral, relative to its peak;
the logarithm is taken of the ball.
"""

from typing import Any

from flint import arb, fmpq

from elbo_ref.certified.ball import Enclosure, Number, enclose, positive, rational
from elbo_ref.certified.decoders import Decoder, Local, Rest, density
from elbo_ref.certified.trapezoid import Growth, Integrand, gaussian_mean


def mean_of(log: Local, bits: int) -> arb:
    """The integral of phi(t) log(t)."""
    return gaussian_mean(Integrand(log.value, None if log.rest is None else log.rest.strip, log.growth), bits)


def _log_evidence(decoder: Decoder, mean: fmpq, var: fmpq, bits: int) -> arb:
    """The logarithm of the integral of p(z) p(x | z).

    With z = mean + sqrt(var) t it is the integral of phi(t) exp(c0 + c1 t + c2 t^2 + rest(t)). With
    s^2 = 1 / (1 - 2 c2), m = s^2 c1 and t = m + s w that is s exp(top) times the integral of phi(w) g(w), where
    top = c0 + m^2 / (2 s^2) + upper(0) and |g(w)| = |exp(rest(t) - upper(0))| <= exp(upper(s a) - upper(0)) on the
    strip. The nodes evaluate the prior and the likelihood themselves: that the square can be completed serves only the
    bound.
    """
    c0, c1, c2, rest, _ = decoder(arb(mean), arb(var).sqrt())
    s2 = 1 / (1 - 2 * c2)
    m, s = s2 * c1, s2.sqrt()
    peak = m * m / (2 * s2)
    curvature = c2 - arb(0.5)
    if rest is None:
        rest = Rest(lambda t: arb(0), lambda t: arb(1), None, lambda a: (arb(0), arb(0)), lambda a: arb(0))
    likelihood, strip, upper = rest.exp, rest.strip, rest.upper
    highest = upper(arb(0))
    scale = (-highest).exp()

    def value(w: Any) -> Any:
        if c1 == 0 and c2 == 0:
            return likelihood(w) * scale
        t = m + s * w
        return (t * (c1 + t * curvature) + w * w / 2 - peak).exp() * likelihood(t) * scale

    def growth(a: arb) -> Growth:
        return Growth((upper(s * a) - highest).exp(), arb(0), arb(0))

    integral = gaussian_mean(Integrand(value, None if strip is None else strip / s, growth), bits)
    return c0 + peak + highest + s.log() + integral.log()


def _elbo(decoder: Decoder, mean_q: fmpq, var_q: fmpq, mean_prior: fmpq, var_prior: fmpq, bits: int) -> arb:
    at = arb(mean_q), arb(var_q).sqrt()
    return mean_of(decoder(*at).plus(density(mean_prior, var_prior)(*at)).minus(density(mean_q, var_q)(*at)), bits)


def log_evidence(decoder: Decoder, mean_prior: Number = 0, var_prior: Number = 1, *, digits: int = 30) -> Enclosure:
    """An enclosure of log p(x) = log of the integral of p(x | z) N(z; mean_prior, var_prior).

    Scalars in, an `Enclosure` in nats out: its radius is at most 10^-digits, or 10^-digits |value| where |value| > 1.
    ValueError for a variance that is not positive or an input that is not finite; PrecisionError if not certain.

    Theorem: marginal_likelihood.
    """
    mean, var = rational("mean_prior", mean_prior), positive("var_prior", var_prior)
    return enclose(lambda bits: _log_evidence(decoder, mean, var, bits), digits)


def reconstruction(decoder: Decoder, mean_q: Number, var_q: Number, *, digits: int = 30) -> Enclosure:
    """An enclosure of E_q log p(x | z) for q = N(mean_q, var_q).

    Scalars in, an `Enclosure` in nats out: its radius is at most 10^-digits, or 10^-digits |value| where |value| > 1.
    ValueError for a variance that is not positive or an input that is not finite; PrecisionError if not certain.

    Theorem: elbo_standard_form.
    """
    mean, var = rational("mean_q", mean_q), positive("var_q", var_q)
    return enclose(lambda bits: mean_of(decoder(arb(mean), arb(var).sqrt()), bits), digits)


def kl_gaussian(mean_q: Number, var_q: Number, mean_p: Number, var_p: Number, *, digits: int = 30) -> Enclosure:
    """An enclosure of KL(N(mean_q, var_q) || N(mean_p, var_p)), by the integral of q log(q / p).

    Scalars in, an `Enclosure` in nats out: its radius is at most 10^-digits, or 10^-digits |value| where |value| > 1.
    ValueError for a variance that is not positive or an input that is not finite; PrecisionError if not certain.

    Theorem: gaussian_kl.
    """
    q = rational("mean_q", mean_q), positive("var_q", var_q)
    p = rational("mean_p", mean_p), positive("var_p", var_p)

    def compute(bits: int) -> arb:
        at = arb(q[0]), arb(q[1]).sqrt()
        return mean_of(density(*q)(*at).minus(density(*p)(*at)), bits)

    return enclose(compute, digits)


def elbo(
    decoder: Decoder, mean_q: Number, var_q: Number, mean_prior: Number = 0, var_prior: Number = 1, *, digits: int = 30
) -> Enclosure:
    """An enclosure of E_q[log p(x | z) + log p(z) - log q(z)], q = N(mean_q, var_q), p(z) = N(mean_prior, var_prior).

    Scalars in, an `Enclosure` in nats out: its radius is at most 10^-digits, or 10^-digits |value| where |value| > 1.
    ValueError for a variance that is not positive or an input that is not finite; PrecisionError if not certain.

    Theorem: elbo_one_expectation.
    """
    q = rational("mean_q", mean_q), positive("var_q", var_q)
    prior = rational("mean_prior", mean_prior), positive("var_prior", var_prior)
    return enclose(lambda bits: _elbo(decoder, *q, *prior, bits), digits)


def gap(
    decoder: Decoder, mean_q: Number, var_q: Number, mean_prior: Number = 0, var_prior: Number = 1, *, digits: int = 30
) -> Enclosure:
    """An enclosure of KL(q || p(z | x)), by the integral of q log(q / posterior): log p(x) less the ELBO.

    Scalars in, an `Enclosure` in nats out: its radius is at most 10^-digits, or 10^-digits |value| where |value| > 1.
    ValueError for a variance that is not positive or an input that is not finite; PrecisionError if not certain.

    Theorem: gap_and_evidence.
    """
    q = rational("mean_q", mean_q), positive("var_q", var_q)
    prior = rational("mean_prior", mean_prior), positive("var_prior", var_prior)
    return enclose(lambda bits: _log_evidence(decoder, *prior, bits) - _elbo(decoder, *q, *prior, bits), digits)
