r"""# Decoded codes of the data, and decoded codes of the prior

To sample from the prior is to decode codes that no data point has. When does that give what decoded codes of the data
give? Decode the aggregate $q(z)$ and the prior $p(z)$ with the same decoder, and compare what comes out:

$$D_{\mathrm{KL}}\Big(\int q(z)\, p(y \mid z)\,dz \,\Big\|\, \int p(z)\, p(y \mid z)\,dz\Big)
\le D_{\mathrm{KL}}(q(z) \,\|\, p(z)) .$$

Decoding never takes two distributions of codes further apart. With the [average divergence](information_any_data.md)
above the right side, a small divergence term makes samples of the prior like decoded codes of the data. It does not
make either like the data: that is for the decoder, of which the divergence term knows nothing.

Keywords: prior samples, posterior hole, aggregate posterior and generation, data processing for a decoder.
"""

from derivations import *
from derivations.surgery import information_any_data as info
from derivations.surgery.information_any_data import codes, data, decoder, marginal, prior, q_z

CODED, DRAWN = density("h", "y"), density("g", "y")  # what comes out for the codes of the data, and of the prior
coded, drawn = CODED(v), DRAWN(v)
of_data = ForAll(same(total(q_z * decoder, codes), coded), v)
of_prior = ForAll(same(total(prior * decoder, codes), drawn), v)
term = q_z * decoder * log(q_z / prior)

bells = {f: info.bells[f] for f in (info.AGGREGATE, info.PRIOR, info.DECODER)}
bells |= {CODED: info.bells[info.MADE], DRAWN: Lambda(y, gauss(y, 1, 2))}
table = {f: info.table[f] for f in (info.AGGREGATE, info.PRIOR, K)}
table |= {info.DECODER: Lambda((k, m), (k + m) / (3 * m + 6))}
table |= {CODED: Lambda(k, (k + 2) / 12), DRAWN: Lambda(k, sum(j * (k + j) / (18 * j + 36) for j in (1, 2, 3)))}
blur = Rational(1, 10**30)  # a decoder that all but tells the code
clear = {
    K: 2,
    info.AGGREGATE: Lambda(m, m / 3),
    info.PRIOR: Lambda(m, Rational(1, 2)),
    DRAWN: Lambda(k, Rational(1, 2)),
}
clear |= {info.DECODER: Lambda((k, m), blur ** ((k - m) ** 2) / (1 + blur))}
clear |= {CODED: Lambda(k, (k + blur * (3 - k)) / (3 + 3 * blur))}


@theorem(
    at_least(marginal, KL(coded, drawn, data)),
    "Decoding never takes two distributions of codes further apart",
    given=(
        info.decoder_mass,
        of_data,
        of_prior,
        ForAll(Converges(total(term, codes)), v),
        Converges(total(term, codes, data)),
        Converges(total(Abs(term), codes, data)),
        Converges(KL(coded, drawn, data)),
    ),
    claims=("002-31", "003-42", "003-48"),
    forms=on_both(bells, (table, clear)),
    narrows={
        "002-31": "samples of the prior are compared with decoded codes of the data, not with data",
        "003-42": "samples of the prior are compared with decoded codes of the data, not with data",
        "003-48": "samples of the prior are compared with decoded codes of the data, not with data",
    },
)
def decoding_brings_closer() -> Thm:
    """At each outcome the logarithm lies below its tangent at the ratio of what comes out."""
    ratio = coded / drawn
    below = log(ratio) * (q_z * decoder) + q_z * decoder - ratio * (prior * decoder)
    pointwise = rearrange(log_tangent(ratio * prior / q_z), term, below, times=q_z * decoder)
    out = ("what comes out", given(of_data)), given(of_prior)
    right = calc(total(below, codes), linearity, *out, to(coded * log(ratio)))
    inner = chain(monotone(pointwise, codes), right)
    parts = (log(ratio) + 1) * total(q_z * decoder, codes) - ratio * total(prior * decoder, codes)
    inner = discharge(inner, combined(total(below, codes), parts))
    outside = calc(
        total(term, data, codes),
        termwise(linearity, ("the decoder is a distribution", given(info.decoder_mass)), to(q_z * log(q_z / prior))),
        folded(marginal),
    )
    inside_out = calc(total(term, codes, data), ("Fubini", fubini))
    thm = chain(flip(outside), flip(inside_out), monotone(inner, data), flip(unfold(KL(coded, drawn, data))))
    return settled_by(thm, info.decoder_mass, of_data, of_prior)
