r"""# Labels: the softmax and its cross-entropy

A decoder that puts out $C$ numbers for each entry, its logits, gives label $c$ the mass $e^{\ell_c} / \sum_b e^{\ell_b}$. These are positive and
add up to one, whatever the logits; a number added to all of them changes nothing. With independent entries

$$\log p(x \mid z) = \sum_m \Big( \ell_{m, x_m} - \log \sum_c e^{\ell_{m, c}} \Big),$$

which is minus the cross-entropy that libraries compute from logits and labels. It is a likelihood as it stands: nothing is dropped.
In the theorems labels are counted from one; code counts them from zero.

Keywords: categorical cross entropy, softmax, log softmax, CrossEntropyLoss, categorical likelihood, labels, logits.
"""

from derivations import *

C = Symbol("C", integer=True, positive=True)
labels, logits = IndexedBase("x", integer=True), IndexedBase("logits_x", real=True)
classes, entries = Tuple(k, 1, C), Tuple(m, 1, d)
size = Sum(exp(logits[m, k]), classes)
chosen = exp(logits[m, labels[m]]) / size
pixels = {d: 2, C: 3, m: 1, labels: [3, 1], logits: [[0, 1, Rational(1, 2)], [-1, 2, 0]]}
other = {d: 3, C: 2, m: 1, labels: [2, 2, 1], logits: [[1, 1], [Rational(1, 3), -2], [0, 3]]}


@theorem(
    same(log(Product(chosen, entries)), Sum(logits[m, labels[m]] - log(size), entries)),
    "The log likelihood of labels, from logits",
    examples=(pixels, other),
)
def categorical_likelihood() -> Thm:
    """The logarithm of a product of quotients."""
    return calc(
        log(Product(chosen, entries)), log_product(Product(chosen, entries)), inside(logits[m, labels[m]] - log(size))
    )


shift = Symbol("shift", real=True)
moved = Sum(exp(shift + logits[m, k]), classes)


@theorem(
    same(exp(shift + logits[m, labels[m]]) / moved, chosen),
    "A number added to all logits changes no mass",
    examples=({**pixels, shift: 2}, {**other, shift: Rational(-1, 3)}),
)
def softmax_shift() -> Thm:
    """It is a factor above and below."""
    factored = calc(moved, inside(exp(shift) * exp(logits[m, k])), flip(move_in(size, exp(shift))))
    return calc(softmax_shift.statement.lhs, factored, to(chosen))
