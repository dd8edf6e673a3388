r"""# The same two bounds for data of any kind

Over a data set of $N$ points the information in the codes lies between what a decoder shows and what the divergence
costs. Nothing depends on the data being finite in number. Let the data $y$ have a density $q(y)$, of pixels with real values
say, and the encoder send it to $z \sim q(z \mid y)$, with the aggregate $q(z) = \int q(y)\, q(z \mid y)\,dy$. Then

$$h[q(y)] + \mathbb{E} \log p(y \mid z) \le I(y; z) \le \mathbb{E}_{q(y)}\, D_{\mathrm{KL}}(q(z \mid y) \,\|\, p(z)) .$$

The entropy $h$ of a density is differential and may be negative, and so may what the decoder shows; with the unit of
$y$ both change by the same, and the sum does not. For a finite data set the left side is that of the
[finite form](information_bounds.md), and the right side too.

From above, the difference is the divergence of the aggregate from the prior. From below, it is how far the decoder is
from $q(y \mid z)$ on average; the proof never needs that posterior, only that the decoder is a distribution of $y$.

If every code has the distribution of the prior, whoever sees one guesses the data as before: $q(y \mid z) = q(y)$.

Keywords: mutual information of continuous data, variational bound on mutual information, reconstruction and
information.
"""

from derivations import *
from derivations.divergence.gibbs import P, Q, gibbs

DATA, ENCODER, AGGREGATE = density("q", "y"), density("q", "z|y"), density("q", "z")
PRIOR, DECODER, MADE = density("p", "z"), density("p", "y|z"), density("h", "y")
data, codes = Tuple(v), whole
q_y, q_zy, q_z, prior, decoder = DATA(v), ENCODER(u, v), AGGREGATE(u), PRIOR(u), DECODER(v, u)
information = Information(q_y, q_zy, q_z, codes, data)
codes_mass, each_code = normalised(q_z, codes), ForAll(Converges(KL(q_zy, q_z, codes)), v)

bells = {
    DATA: Lambda(y, gauss(y, 0, 1)),
    ENCODER: Lambda((z, y), gauss(z, y / 2, Rational(1, 2))),
    AGGREGATE: Lambda(z, gauss(z, 0, Rational(3, 4))),
    PRIOR: Lambda(z, gauss(z, 1, 1)),
    DECODER: Lambda((y, z), gauss(y, z, 1)),
    MADE: Lambda(y, gauss(y, 0, Rational(7, 4))),
}
table = {
    K: 3,
    DATA: Lambda(k, (k + 2) / 12),
    ENCODER: Lambda((m, k), (k + m) / (3 * k + 6)),
    AGGREGATE: Lambda(m, (m + 2) / 12),
    PRIOR: Lambda(m, m / 6),
    DECODER: Lambda((k, m), (4 - k) / 6),
    MADE: Lambda(k, (4 - k) / 6),
}

exact = {**bells, DECODER: Lambda((y, z), gauss(y, 2 * z / 3, Rational(2, 3))), MADE: bells[DATA]}
exact_table = {**table, DECODER: Lambda((k, m), (k + m) / (3 * m + 6)), MADE: table[DATA]}


def _matched(example: dict) -> dict:
    """The prior is the aggregate."""
    return {**example, PRIOR: example[AGGREGATE]}


def _blind(example: dict) -> dict:
    """The codes tell nothing of the data."""
    code = example[AGGREGATE]
    return {**example, ENCODER: Lambda((*code.variables, *example[DATA].variables), code.expr)}


# --- from above ---

drift = log(q_z / prior)
mixture = ForAll(same(total(q_y * q_zy, data), q_z), u)
crossing = total(total(q_y * q_zy * drift, codes), data)
marginal = KL(q_z, prior, codes)
cost = E(KL(q_zy, prior, codes), q_y, data)
each_mass = ForAll(normalised(q_zy, codes), v)
finite = (
    each_code,
    ForAll(Converges(E(drift, q_zy, codes)), v),
    Converges(information),
    Converges(crossing),
    Converges(total(Abs(q_y * q_zy * drift), codes, data)),
    Converges(marginal),
)


def _drift_is_marginal() -> Thm:
    """E_{q(y)} E_{q(z|y)}[log q(z)/p(z)] = KL(q(z) || p(z)): forgetting y leaves the aggregate."""
    forget = termwise(("log q(z)/p(z) does not depend on y", linearity), ("the aggregate", given(mixture)))
    return discharge(calc(crossing, ("Fubini", fubini), forget, folded(marginal)), converges(mixture))


@theorem(
    at_least(cost, information),
    "The average divergence to the prior is at least the information, for data of any kind",
    given=(mixture, codes_mass, normalised(prior, codes), *finite),
    claims=("003-30", "003-37"),
    forms=on_both((bells, _matched(bells)), (table, _matched(table))),
)
def average_kl_bounds_information() -> Thm:
    """Insert the aggregate into each log ratio; what is left over is a divergence."""
    thm = _cost_in_parts()
    one = instantiate(gibbs.thm, {Q: Lambda(z, AGGREGATE(z)), P: Lambda(z, PRIOR(z))})
    return chain(thm, rearrange(one, thm.prop.rhs, information))


@theorem(
    at_least(cost, marginal),
    "The average divergence to the prior is at least that of the aggregate, for data of any kind",
    given=(mixture, each_mass, codes_mass, *finite),
    claims=("002-31", "003-42", "003-48"),
    forms=on_both((bells, _blind(bells)), (table, _blind(table))),
    narrows={
        "002-31": "samples of the prior are compared with decoded codes of the data, not with data",
        "003-42": "samples of the prior are compared with decoded codes of the data, not with data",
        "003-48": "samples of the prior are compared with decoded codes of the data, not with data",
    },
)
def average_kl_bounds_marginal() -> Thm:
    """What is left over is the information, an average of divergences."""
    thm = _cost_in_parts()
    one = instantiate(gibbs.thm, {Q: Lambda(z, ENCODER(z, v)), P: Lambda(z, AGGREGATE(z))})
    one = discharge(one, given(each_mass), given(each_code))
    weighted = rearrange(one, q_y * KL(q_zy, q_z, codes), Integer(0), times=q_y)
    told = chain(unfold(information), monotone(weighted, data))
    return chain(thm, rearrange(told, thm.prop.rhs, marginal))


def _cost_in_parts() -> Thm:
    """The average divergence is information and marginal divergence."""
    onwards = total(q_zy * drift, codes)
    split = ("through the aggregate", inside(q_zy * log(q_zy / q_z) + q_zy * drift))
    through = calc(KL(q_zy, prior, codes), opened, split, linearity, folded(KL(q_zy, q_z, codes) + onwards))
    thm = calc(
        cost,
        unfold(cost),
        termwise(through, to(q_y * KL(q_zy, q_z, codes) + q_y * onwards)),
        linearity,
        at(termwise(move_in(onwards, q_y)), total(q_y * onwards, data)),
        ("the marginal divergence", _drift_is_marginal()),
        ("the definition of the mutual information", flip(unfold(information))),
    )
    return discharge(
        thm, carry(given(Converges(crossing)), Converges(total(q_y * onwards, data)), move_in(onwards, q_y))
    )


# --- collapse ---

data_mass = normalised(q_y, data)
collapse = AlmostEverywhere(ForAll(same(q_zy, prior), v), codes)


def _asleep(example: dict) -> dict:
    """Every code has the distribution of the prior, and so has the aggregate."""
    return _blind({**example, AGGREGATE: example[PRIOR]})


@theorem(
    AlmostEverywhere(ForAll(same(q_y * q_zy / q_z, q_y), v), codes),
    "Who sees a collapsed code guesses the data as before, data of any kind",
    given=(mixture, data_mass, collapse),
    claims=("003-51",),
    forms=on_both(_asleep(bells), _asleep(table)),
    words={2: "whatever the data, the code has the distribution of the prior"},
)
def collapse_tells_nothing_of_any_data() -> Thm:
    """The aggregate is the prior too, so that Bayes' rule divides the prior by the prior."""
    is_prior = each(assume(collapse.args[0]))
    mixed = calc(
        q_z,
        ("the aggregate", flip(given(mixture))),
        ("every code is the prior", termwise(is_prior)),
        linearity,
        ("the data have a distribution", given(data_mass)),
    )
    return almost_all(given(collapse), for_all(calc(q_y * q_zy / q_z, mixed, is_prior), v))


# --- from below ---

masses = (data_mass, each_mass, codes_mass)
decoder_mass = ForAll(normalised(decoder, data), u)
doubt, skill = Entropy(q_y, data), E(E(log(decoder), q_zy, codes), q_y, data)
made = MADE(v)  # what the decoder makes of the codes
generated = ForAll(same(total(decoder * q_z, codes), made), v)


def _made_mass() -> Thm:
    """What the decoder makes of the codes is a distribution of y."""
    both = total(decoder * q_z, data, codes)
    at_one_z = calc(
        total(decoder * q_z, data), linearity, ("the decoder is a distribution of y", given(decoder_mass)), to(q_z)
    )
    one = calc(both, termwise(at_one_z), ("the aggregate is a distribution", given(codes_mass)))
    other = calc(both, ("Fubini", fubini), termwise(("what the decoder makes of them", given(generated))))
    finite = carry(integrable(given(codes_mass)), Converges(both), at_one_z)
    each_z = combined(total(decoder * q_z, data), q_z * total(decoder, data))
    return settled_by(discharge(chain(flip(other), one), finite, for_all(each_z, u)), decoder_mass)


@theorem(
    at_least(information, doubt + skill),
    "Any decoder shows information (Barber and Agakov), for data of any kind",
    given=(
        *masses,
        decoder_mass,
        generated,
        each_code,
        ForAll(Converges(E(log(decoder), q_zy, codes)), v),
        *map(Converges, (information, doubt, skill)),
    ),
    claims=("003-25", "003-32"),
    forms=on_both((bells, exact), (table, exact_table)),
)
def decoder_shows_information() -> Thm:
    """The logarithm lies below its tangent at 1, at the ratio of decoder times aggregate to data times encoder."""
    below = q_y * q_zy - decoder * q_z
    logs = q_y * (q_zy * log(q_zy / q_z)) + q_y * log(q_y) * q_zy - q_y * (q_zy * log(decoder))
    pointwise = rearrange(log_tangent(decoder * q_z / (q_y * q_zy)), logs, below, times=q_y * q_zy)
    divergence, fit = KL(q_zy, q_z, codes), E(log(decoder), q_zy, codes)
    at_one_y = q_y * divergence + q_y * log(q_y) - q_y * fit
    unit = ("each q(z|y) integrates to one", given(masses[1]))
    left = calc(total(logs, codes), linearity, unit, folded(at_one_y))
    right = calc(total(below, codes), linearity, unit, ("what the decoder makes of them", given(generated)))
    mass = total(q_zy, codes)
    inner = discharge(
        chain(flip(left), monotone(pointwise, codes), right),
        combined(total(logs, codes), q_y * divergence + q_y * log(q_y) * mass - q_y * fit),
        combined(total(below, codes), q_y * mass - total(decoder * q_z, codes)),
    )
    crossed = _made_mass()
    above_all = calc(total(at_one_y, data), linearity, folded(information - doubt - skill))
    rest = total(q_y, data) - total(made, data)
    below_all = calc(
        total(q_y - made, data), linearity, ("the data have a distribution", given(masses[0])), crossed, to(0)
    )
    thm = discharge(
        chain(flip(above_all), monotone(inner, data), below_all),
        combined(total(at_one_y, data), information - doubt - skill),
        combined(total(q_y - made, data), rest),
        integrable(crossed),
    )
    return settled_by(rearrange(thm, information, doubt + skill), *masses[:2], generated)
