"""Models with two latents, prior N(0, I), by the trapezoid rule in both directions.

An observation depends on z through one number, `s = v1 z1 + v2 z2`: it is a decoder of one latent and the direction
`(v1, v2)`. Expectations of sums, such as the ELBO, are then integrals in one dimension. The evidence is not,

    p(x) = integral of phi(t1) phi(t2) g(t1, t2) dt1 dt2,      g = product of the p(x_i | v_i . t),

and is approximated by h^2 times the sum over the nodes `(j h, k h)` with `|j|, |k| <= n`. Let g be analytic, with `|g|
<= M`, where `|Im t1| <= a` and `|Im t2| <= a`. With I1, I2 the integrals under phi in one variable and T1, T2 the
infinite trapezoid sums,

    T2 T1 g - I2 I1 g = T2 (T1 g - I1 g) + (T2 - I2) (I1 g).

*The step.* By the bound for one dimension, `|T1 g - I1 g| <= M E` for each real t2, `E = 2 exp(a^2 / 2) / (exp(2 pi a /
h) - 1)`. T2 of a constant is at most 1 + E times it, by the same bound with g = 1. And I1 g is analytic in t2 on the
strip with `|I1 g| <= M`, since phi is positive on the line with integral 1. Together: `M E (2 + E)`.

*The end.* With `R = n h`, h times the sum of phi over `|k| > n` is at most `2 phi(R) / R`. A node that is left out has
`|j| > n` or `|k| > n`, so what is left out is at most `2 (2 phi(R) / R) (1 + E)` times the largest |g| on the real
plane.

M comes from the decoders: on the two strips `|Im s| <= (|v1| + |v2|) a`, and each decoder has a bound on `Re log p`
there.
"""

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

from flint import arb, fmpq

from elbo_ref.certified.ball import Enclosure, Number, PrecisionError, enclose, positive, rational
from elbo_ref.certified.decoders import Decoder
from elbo_ref.certified.models import divergence, mean_under
from elbo_ref.certified.trapezoid import Growth, Integrand, log_of, step_error, widest_step

_MOST_NODES = 400  # on each side of both axes: some seconds

Observation: TypeAlias = tuple[Decoder, Number, Number]
_Seen: TypeAlias = tuple[Decoder, fmpq, fmpq]  # a decoder and the direction that it looks along


def _seen(observations: Sequence[Observation]) -> list[_Seen]:
    if not observations:
        raise ValueError("observations must not be empty")
    found = []
    for i, (decoder, *direction) in enumerate(observations):
        v1, v2 = (rational(f"observations[{i}][{d}]", v) for d, v in enumerate(direction, start=1))
        if v1 == v2 == 0:
            raise ValueError(f"observations[{i}] must have a direction other than (0, 0)")
        found.append((decoder, v1, v2))
    return found


class _Product:
    """The likelihood g(t1, t2) of all observations, at the working precision."""

    def __init__(self, observations: Sequence[_Seen]):
        self.parts = []
        for decoder, v1, v2 in observations:
            local = decoder(arb(0), arb(1))
            if local.ceiling is None:
                raise TypeError("observations must hold decoders of this package")
            self.parts.append((arb(v1), arb(v2), local, local.ceiling))

    @property
    def strip(self) -> arb | None:
        """The half-width in t1 and t2 on which all factors are analytic."""
        widths = [
            local.rest.strip / (abs(v1) + abs(v2))
            for v1, v2, local, _ in self.parts
            if local.rest is not None and local.rest.strip is not None
        ]
        return min(widths, key=float) if widths else None

    def growth(self, a: arb) -> Growth:
        highest = sum((ceiling((abs(v1) + abs(v2)) * a) for v1, v2, _, ceiling in self.parts), start=arb(0))
        return Growth(highest.exp(), arb(0), arb(0))

    def nodes(self, h: arb) -> Callable[[int, int], arb]:
        """g(j h, k h)."""
        parts = [(v1 * h, v2 * h, local) for v1, v2, local, _ in self.parts]

        def at(j: int, k: int) -> arb:
            exponent, factor = arb(0), arb(1)
            for v1, v2, local in parts:
                s = v1 * j + v2 * k
                if local.rest is not None:
                    factor *= local.rest.exp(s)
                if local.c1 == 0 and local.c2 == 0:
                    exponent += local.c0
                else:
                    exponent += local.c0 + s * (local.c1 + s * local.c2)
            return factor if exponent == 0 else exponent.exp() * factor

        return at


def _evidence(likelihood: _Product, bits: int) -> arb:
    """The integral of phi(t1) phi(t2) g(t1, t2): the rule of the module's docstring."""
    nats = bits * math.log(2) + 4
    strip = likelihood.strip
    a, h = widest_step(Integrand(lambda t: t, strip, likelihood.growth), nats)
    if strip is not None and not a < strip:
        return arb("nan")
    on_the_plane = likelihood.growth(arb(0)).c0
    reach = math.sqrt(2 * max(nats + log_of(on_the_plane), 2.0))
    n = math.ceil(reach / float(h))
    if n > _MOST_NODES:
        raise PrecisionError(
            f"the likelihood is too narrow or too far out: {n} nodes on each side, at most {_MOST_NODES}"
        )
    one = Growth(arb(1), arb(0), arb(0))
    step, end = step_error(one, a, h), one.beyond(n * h)  # n h >= 2 > sqrt(2), as the bound on the end requires
    error = likelihood.growth(a).c0 * step * (2 + step) + 2 * end * (1 + step) * on_the_plane

    at = likelihood.nodes(h)
    weights = [(-(k * h) * (k * h) / 2).exp() for k in range(n + 1)]
    total = arb(0)
    for j in range(-n, n + 1):
        total += weights[abs(j)] * sum((weights[abs(k)] * at(j, k) for k in range(-n, n + 1)), start=arb(0))
    return total * h * h / (2 * arb.pi()) + arb(0, error)


def log_evidence_plane(observations: Sequence[Observation], *, digits: int = 15) -> Enclosure:
    """An enclosure of log p(x) for z ~ N(0, I) in two dimensions and p(x | z) = product over i of p_i(x_i | v_i . z).

    Each observation is (decoder, v1, v2): a decoder of one latent, which is v1 z1 + v2 z2. An `Enclosure` in nats out:
    its radius is at most 10^-digits, or 10^-digits |value| where |value| > 1. ValueError for no observation, a direction
    (0, 0) or an input that is not finite; PrecisionError if not certain.

    Theorem: marginal_likelihood.
    """
    seen = _seen(observations)
    return enclose(lambda bits: _evidence(_Product(seen), bits).log(), digits)


def elbo_plane(
    observations: Sequence[Observation], means_q: Sequence[Number], vars_q: Sequence[Number], *, digits: int = 15
) -> Enclosure:
    """An enclosure of the ELBO of that model for q = N(means_q, diag(vars_q)), both of length 2.

    The sum over the observations of E log p_i, each under the Gaussian N(v . means_q, sum v_d^2 vars_q_d) of its latent,
    less the divergences of the two dimensions: integrals in one dimension. An `Enclosure` in nats out, as above.
    ValueError for no observation, a direction (0, 0), other lengths, a variance that is not positive or an input that
    is not finite; PrecisionError if not certain.

    Theorem: elbo_standard_form.
    """
    seen = _seen(observations)
    if not len(means_q) == len(vars_q) == 2:
        raise ValueError(f"means_q and vars_q must have length 2, got {len(means_q)} and {len(vars_q)}")
    mean_1, mean_2 = (rational(f"means_q[{d}]", mean) for d, mean in enumerate(means_q))
    var_1, var_2 = (positive(f"vars_q[{d}]", var) for d, var in enumerate(vars_q))

    def compute(bits: int) -> arb:
        total = arb(0)
        for decoder, v1, v2 in seen:
            total += mean_under((v1 * mean_1 + v2 * mean_2, v1 * v1 * var_1 + v2 * v2 * var_2), decoder, bits)
        for q in ((mean_1, var_1), (mean_2, var_2)):
            total -= divergence(q, (fmpq(0), fmpq(1)), bits)
        return total

    return enclose(compute, digits)
