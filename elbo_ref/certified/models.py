"""A model with one latent, a Gaussian prior and a Gaussian q: evidence, reconstruction, divergence, ELBO and gap.

Each is the trapezoid rule on its definition; the closed forms that the linear-Gaussian model has are not used. The
error is that of the rule, `2 M / (exp(2 pi a / h) - 1)` for the step and `2 phi(R) (c0 / R + c1 + c2 (R + 1 / R))` for
the end, with a and `c0, c1, c2` from the decoder. Of a log evidence the bound is on the integral, relative to its peak;
the logarithm is taken of the ball.
"""

from typing import Any, TypeAlias

from flint import arb, fmpq

from elbo_ref.certified.ball import Enclosure, Number, enclose, positive, rational
from elbo_ref.certified.decoders import Decoder, Rest, density
from elbo_ref.certified.trapezoid import Growth, Integrand, gaussian_mean

Law: TypeAlias = tuple[fmpq, fmpq]  # the mean and the variance of a Gaussian


def _law(name: str, mean: Number, var: Number) -> Law:
    return rational(f"mean_{name}", mean), positive(f"var_{name}", var)


def mean_under(q: Law, log: Decoder, bits: int, *others: tuple[int, Law]) -> arb:
    """The integral of q(z) times log(z) and, with their signs, other log densities."""
    at = arb(q[0]), arb(q[1]).sqrt()
    local = log(*at)
    for sign, law in others:
        local = local.plus(density(*law)(*at), sign)
    return gaussian_mean(Integrand(local.value, None if local.rest is None else local.rest.strip, local.growth), bits)


def divergence(q: Law, p: Law, bits: int) -> arb:
    """The integral of q log(q / p)."""
    return mean_under(q, density(*q), bits, (-1, p))


def _elbo(decoder: Decoder, q: Law, prior: Law, bits: int) -> arb:
    return mean_under(q, decoder, bits, (1, prior), (-1, q))


def _log_evidence(decoder: Decoder, prior: Law, bits: int) -> arb:
    """The logarithm of the integral of p(z) p(x | z).

    With z = mean + sqrt(var) t it is the integral of phi(t) exp(c0 + c1 t + c2 t^2 + rest(t)). With
    s^2 = 1 / (1 - 2 c2), m = s^2 c1 and t = m + s w that is s exp(top) times the integral of phi(w) g(w), where
    top = c0 + m^2 / (2 s^2) + upper(0) and |g(w)| = |exp(rest(t) - upper(0))| <= exp(upper(s a) - upper(0)) on the
    strip. The nodes evaluate the prior and the likelihood themselves: that the square can be completed serves only the
    bound.
    """
    mean, var = prior
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


def log_evidence(decoder: Decoder, mean_prior: Number = 0, var_prior: Number = 1, *, digits: int = 30) -> Enclosure:
    """An enclosure of log p(x) = log of the integral of p(x | z) N(z; mean_prior, var_prior).

    Scalars in, an `Enclosure` in nats out: its radius is at most 10^-digits, or 10^-digits |value| where |value| > 1.
    ValueError for a variance that is not positive or an input that is not finite; PrecisionError if not certain.

    Theorem: marginal_likelihood.
    """
    prior = _law("prior", mean_prior, var_prior)
    return enclose(lambda bits: _log_evidence(decoder, prior, bits), digits)


def reconstruction(decoder: Decoder, mean_q: Number, var_q: Number, *, digits: int = 30) -> Enclosure:
    """An enclosure of E_q log p(x | z) for q = N(mean_q, var_q).

    Scalars in, an `Enclosure` in nats out: its radius is at most 10^-digits, or 10^-digits |value| where |value| > 1.
    ValueError for a variance that is not positive or an input that is not finite; PrecisionError if not certain.

    Theorem: elbo_standard_form.
    """
    q = _law("q", mean_q, var_q)
    return enclose(lambda bits: mean_under(q, decoder, bits), digits)


def kl_gaussian(mean_q: Number, var_q: Number, mean_p: Number, var_p: Number, *, digits: int = 30) -> Enclosure:
    """An enclosure of KL(N(mean_q, var_q) || N(mean_p, var_p)), by the integral of q log(q / p).

    Scalars in, an `Enclosure` in nats out: its radius is at most 10^-digits, or 10^-digits |value| where |value| > 1.
    ValueError for a variance that is not positive or an input that is not finite; PrecisionError if not certain.

    Theorem: gaussian_kl.
    """
    q, p = _law("q", mean_q, var_q), _law("p", mean_p, var_p)
    return enclose(lambda bits: divergence(q, p, bits), digits)


def elbo(
    decoder: Decoder, mean_q: Number, var_q: Number, mean_prior: Number = 0, var_prior: Number = 1, *, digits: int = 30
) -> Enclosure:
    """An enclosure of E_q[log p(x | z) + log p(z) - log q(z)], q = N(mean_q, var_q), p(z) = N(mean_prior, var_prior).

    Scalars in, an `Enclosure` in nats out: its radius is at most 10^-digits, or 10^-digits |value| where |value| > 1.
    ValueError for a variance that is not positive or an input that is not finite; PrecisionError if not certain.

    Theorem: elbo_one_expectation.
    """
    q, prior = _law("q", mean_q, var_q), _law("prior", mean_prior, var_prior)
    return enclose(lambda bits: _elbo(decoder, q, prior, bits), digits)


def gap(
    decoder: Decoder, mean_q: Number, var_q: Number, mean_prior: Number = 0, var_prior: Number = 1, *, digits: int = 30
) -> Enclosure:
    """An enclosure of KL(q || p(z | x)), by the integral of q log(q / posterior): log p(x) less the ELBO.

    Scalars in, an `Enclosure` in nats out: its radius is at most 10^-digits, or 10^-digits |value| where |value| > 1.
    ValueError for a variance that is not positive or an input that is not finite; PrecisionError if not certain.

    Theorem: gap_and_evidence.
    """
    q, prior = _law("q", mean_q, var_q), _law("prior", mean_prior, var_prior)
    return enclose(lambda bits: _log_evidence(decoder, prior, bits) - _elbo(decoder, q, prior, bits), digits)
