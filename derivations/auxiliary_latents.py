r"""# More latent variables need not help

Give the model a second latent variable $a$ beside $z$. The encoder now has a law $q(a \mid z)$ to choose, and the
posterior a law $r(a \mid z)$ that it should meet. By the chain rule the new gap is the old one **plus** the average
divergence between these two. It can be no smaller for the same laws of $z$, and it stays the same only when they agree.

What a deeper hierarchy can do is make the *family* of laws of $z$ richer, when $a$ is integrated out. That lowers the
best gap that the family can reach. Whether training reaches it is another question.
"""

from sympy import Integer, Lambda, Rational, log

from derivations import counterexample
from derivations._kernel import Thm, chain, constant, flip, write_out
from derivations._notation import KL, K, N, at_least, density, k, n, same, states
from derivations._steps import calc, opened, to

two = (k, 1, 2)
Q, P = density("q", "z"), density("p", "z")
ENCODER, MODEL = density("q", "a|z"), density("r", "a|z")
plain, wide = KL(Integer(1), Integer(1), (n, 1, 1)), KL(k / 3, Rational(1, 2), two, (n, 1, 1))


@counterexample(
    at_least(KL(Q(n), P(n), (n, 1, N)), KL(Q(n) * ENCODER(k, n), P(n) * MODEL(k, n), states, (n, 1, N))),
    same(wide, plain + log(32) / 3 - log(3)),
    "Another layer of latent variables reduces the gap",
    at={
        N: Integer(1),
        K: Integer(2),
        Q: Lambda(n, Integer(1)),
        P: Lambda(n, Integer(1)),
        ENCODER: Lambda((k, n), k / 3),
        MODEL: Lambda((k, n), Rational(1, 2)),
    },
    instead="kl_forget",
    claims=("002-62",),
)
def layers_reduce_the_gap() -> Thm:
    """A code with one value has no gap; a second one that the model draws as 1:1 and the encoder as 1:2 makes one."""
    excess = log(32) / 3 - log(3)
    none = calc(plain, opened, write_out, to(0))
    made = calc(wide, opened, constant, write_out, to(excess))
    return chain(made, flip(calc(plain + excess, none, to(excess))))
