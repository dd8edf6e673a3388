r"""# A finite ELBO with two infinite halves

"ELBO = reconstruction - divergence from the prior" splits one expectation in two. Here is a model in which the whole is
finite and both halves are $+\infty$, so that the split reads $\infty - \infty$.

The code is a pair $(i, j)$, $i = 1, 2, \dots$, $j \in \{1, 2\}$. The prior gives block $i$ the mass $2^{-i}$ and puts
nearly all of it on $j = 2$, with odds $2^{6 + 2^{i+1}}$ that grow doubly exponentially. The posterior gives the block
the same mass and shares it evenly; the encoder is that posterior, so the gap is zero and the ELBO is $\log p(x) =
-\log 4$. The likelihood $p(x \mid i, j)$ is joint over prior and exceeds every bound at $j = 1$, as a density in $x$
may.

Each block then costs at least $\log 2$ nats of divergence from the prior, and there are infinitely many blocks. It also
gains at least $\log 2$ nats of reconstruction. Nothing in such a model is wrong: only the split is.

Headline: reconstruction_of_a_finite_elbo_is_finite.
Keywords: infinite KL with finite ELBO, infinite reconstruction, heavy tails.
"""

from derivations import *
from derivations.divergence.kl_definition import no_divergence

i, j = Symbol("i", integer=True, positive=True), Symbol("j", integer=True, positive=True)
pair, blocks = Tuple(j, 1, 2), Tuple(i, 1, oo)
ENCODER, PRIOR, LIKELIHOOD = density("q", "i,j"), density("p", "i,j"), density("p", "x|i,j")

leak = 2 ** (-6 - 2 ** (i + 1))
q, prior = 2 ** (-i) / 2, 2 ** (-i) * leak ** (2 - j) / (1 + leak)
likelihood = (1 + leak) / (8 * leak ** (2 - j))
at_blocks = {ENCODER: Lambda((i, j), q), PRIOR: Lambda((i, j), prior), LIKELIHOOD: Lambda((x, i, j), likelihood)}
laws = tuple(same(total(law(i, j), pair, blocks), 1) for law in (ENCODER, PRIOR))


def _block(f: Expr, value: Expr) -> Thm:
    """The sum over the two letters of a block, written out."""
    return chain(both := write_out(total(f, pair)), algebra(both.prop.rhs, value))


@theorem(same(total(prior, pair, blocks), 1), "A lopsided prior")
def lopsided_mass() -> Thm:
    """The two letters of block i share the mass 2^-i."""
    spread = monotone(_block(prior, 2 ** (-i)), blocks)
    return chain(spread, telescope(spread.prop.rhs, 2 * 2 ** (-i)))


@theorem(same(ELBO(likelihood * prior, q, pair, blocks), -log(4)), "Its ELBO is finite")
def lopsided_elbo() -> Thm:
    """The encoder is the posterior, so the log ratio is the constant log p(x) = -log 4."""
    return calc(
        ELBO(likelihood * prior, q, pair, blocks),
        opened,
        ("both letters of the block", monotone(_block(-q * log(4), -(2 ** (-i)) * log(4)), blocks)),
        linearity,
        ("the blocks add up to one", telescope(total(2 ** (-i), blocks), 2 * 2 ** (-i))),
    )


def _even_mass() -> Thm:
    """Both letters of block i have mass 2^-i / 2."""
    spread = monotone(_block(q, 2 ** (-i)), blocks)
    return chain(spread, telescope(spread.prop.rhs, 2 * 2 ** (-i)))


def _laws() -> tuple[Thm, ...]:
    """Encoder and prior are distributions."""
    return _even_mass(), lopsided_mass.thm


def _constant_log() -> Thm:
    """A likelihood that is 2 everywhere has a logarithm whose mean is log 2."""
    spread = monotone(_block(q * log(2), 2 ** (-i) * log(2)), blocks)
    return integrable(chain(spread, telescope(spread.prop.rhs, 2 * 2 ** (-i) * log(2))))


def _unbounded(start: Expr, f: Expr, block: Expr, above: Expr) -> Thm:
    """The sum over the blocks is infinite: each is at least log 2."""
    floor = rearrange(sign(above), block, log(2))
    return chain(opened(start), monotone(_block(f, block), blocks), diverges(floor, blocks))


@counterexample(
    Converges(E(log(LIKELIHOOD(x, i, j)), ENCODER(i, j), pair, blocks)),
    same(E(log(likelihood), q, pair, blocks), oo),
    "A finite ELBO has a finite reconstruction term",
    at=at_blocks,
    holds_at={**at_blocks, LIKELIHOOD: Lambda((x, i, j), 2)},
    facts=_laws,
    witness=lambda: (*_laws(), _constant_log()),
    given=laws,
    instead="elbo_standard_form",
)
def reconstruction_of_a_finite_elbo_is_finite() -> Thm:
    r"""Every block gains more than $\log 2$ nats, and there is no last block: the sum passes every bound."""
    extra = 2 ** (-i) * log(1 + leak)
    return _unbounded(E(log(likelihood), q, pair, blocks), q * log(likelihood), log(2) + extra, extra)


@counterexample(
    Converges(KL(ENCODER(i, j), PRIOR(i, j), pair, blocks)),
    same(KL(q, prior, pair, blocks), oo),
    "A finite ELBO has a finite divergence from the prior",
    at=at_blocks,
    holds_at={**at_blocks, PRIOR: Lambda((i, j), q)},
    facts=_laws,
    witness=lambda: (_even_mass(), no_divergence()),
    given=laws,
    instead="elbo_standard_form",
)
def rate_of_a_finite_elbo_is_finite() -> Thm:
    r"""Every block costs more than $\log 2$ nats, and there is no last block: the sum passes every bound."""
    extra = 2 ** (-i) * (log(1 + leak) + 2 * log(2))
    return _unbounded(KL(q, prior, pair, blocks), q * log(q / prior), log(2) + extra, extra)
