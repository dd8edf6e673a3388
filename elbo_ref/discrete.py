"""Discrete distributions: entropies, divergences and informations of probability vectors, tables and logits, in nats.

Probability tables are divided by their sums, which floats hardly ever bring to exactly 1, so a gradient does not see a
common factor. What holds for all functions is said in `elbo_ref`.
"""

from functools import partial

from elbo_ref import _discrete, _logits
from elbo_ref._core.arrays import Array
from elbo_ref._core.checks import Check, finite, logits, probability, simplex


def _table(x: Array, axes: int = 1) -> tuple[Check, Array]:
    """A table and its check, which knows in what dtype it was rounded: beside a wider one it is widened before anybody looks."""
    return partial(simplex, axes=axes, dtype=getattr(x, "dtype", None)), x


def entropy(p: Array) -> Array:
    """Entropy of a categorical distribution.

    H(p) = - sum_i p_i log p_i, with 0 log 0 = 0; between 0 and log K.

    Shapes: p (..., K) -> (...). Unit: nats.
    Raises ValueError if p is not a probability vector along its last axis.
    Source: Heads, Shoulders, Knees, and ELBOs, Expected Extra Surprise.
    Theorem: kl_entropy.
    """
    return _discrete.entropy(p=_table(p))


def cross_entropy(q: Array, p: Array) -> Array:
    """Cross entropy of a categorical q relative to p: the mean code length for q with the code of p.

    H(q, p) = - sum_i q_i log p_i = H(q) + KL(q || p); inf where p_i = 0 < q_i.

    Shapes: q, p (..., K) -> (...), equal K. Unit: nats.
    Raises ValueError if q or p is not a probability vector along its last axis.
    Source: Heads, Shoulders, Knees, and ELBOs, Expected Extra Surprise.
    Theorem: kl_entropy.
    """
    return _discrete.cross_entropy(q=_table(q), p=_table(p))


def kl_categorical(q: Array, p: Array) -> Array:
    """KL divergence between two categorical distributions.

    KL(q || p) = sum_i q_i log(q_i / p_i) of the arrays divided by their sums; 0 log 0 = 0, inf where p_i = 0 < q_i.

    Shapes: q, p (..., K) -> (...), equal K. Unit: nats.
    Raises ValueError if q or p is not a probability vector along its last axis.
    Source: Heads, Shoulders, Knees, and ELBOs, Defns.
    Theorem: kl_entropy.
    """
    return _discrete.kl_categorical(q=_table(q), p=_table(p))


def kl_categorical_logits(logits_q: Array, logits_p: Array) -> Array:
    """KL divergence between two categorical distributions given by unnormalised log probabilities.

    KL(q || p) = sum_i q_i log(q_i / p_i), q = softmax(logits_q), p = softmax(logits_p); -inf stands for probability 0.

    Shapes: logits_q, logits_p (..., K) -> (...), equal K. Unit: nats.
    Raises ValueError if a row holds NaN or +inf, or nothing but -inf.
    Source: Heads, Shoulders, Knees, and ELBOs, Defns.
    Theorem: kl_entropy.
    """
    return _logits.kl_categorical_logits(logits_q=(logits, logits_q), logits_p=(logits, logits_p))


def kl_bernoulli(prob_q: Array, prob_p: Array) -> Array:
    """KL divergence between two Bernoulli distributions given by the probability of 1.

    KL(q || p) = q log(q / p) + (1 - q) log((1 - q) / (1 - p)), q = prob_q, p = prob_p.

    Shapes: elementwise. Unit: nats.
    Raises ValueError if a probability is outside [0, 1].
    Source: Heads, Shoulders, Knees, and ELBOs, Defns.
    Theorem: kl_entropy.
    """
    return _discrete.kl_bernoulli(prob_q=(probability, prob_q), prob_p=(probability, prob_p))


def kl_bernoulli_logits(logit_q: Array, logit_p: Array) -> Array:
    """KL divergence between two Bernoulli distributions given by their log odds.

    KL(q || p) = q (logit_q - logit_p) - softplus(logit_q) + softplus(logit_p), q = 1 / (1 + exp(-logit_q)).

    Shapes: elementwise. Unit: nats.
    Raises ValueError if a logit is not finite.
    Source: Heads, Shoulders, Knees, and ELBOs, Defns.
    Theorem: kl_entropy.
    """
    return _logits.kl_bernoulli_logits(logit_q=(finite, logit_q), logit_p=(finite, logit_p))


def mutual_information(joint: Array) -> Array:
    """Mutual information of the row and column variables of a joint probability table.

    I(X; Y) = KL(joint || row sums * column sums) = H(X) + H(Y) - H(X, Y).

    Shapes: joint (..., X, Y) -> (...). Unit: nats.
    Raises ValueError if joint is not a probability table over its last two axes.
    Source: Heads, Shoulders, Knees, and ELBOs, Useful identities and properties.
    Theorem: mutual_information.
    """
    return _discrete.mutual_information(joint=_table(joint, 2))


def conditional_entropy(joint: Array) -> Array:
    """Entropy of the column variable given the row variable of a joint probability table.

    H(Y | X) = - sum_xy joint_xy log(joint_xy / sum_y joint_xy) = H(X, Y) - H(X).

    Shapes: joint (..., X, Y) -> (...). Unit: nats.
    Raises ValueError if joint is not a probability table over its last two axes.
    Source: Heads, Shoulders, Knees, and ELBOs, Useful identities and properties.
    Theorem: conditional_entropy.
    """
    return _discrete.conditional_entropy(joint=_table(joint, 2))


def kl_conditional(joint_q: Array, joint_p: Array) -> Array:
    """KL divergence between the conditional distributions of two joint probability tables, averaged over the rows of q.

    sum_x q(x) KL(q(y | x) || p(y | x)) = KL(joint_q || joint_p) - KL(row sums of q || row sums of p), if that is finite.

    Shapes: joint_q, joint_p (..., X, Y) -> (...), equal X and Y. Unit: nats.
    Raises ValueError if an argument is not a probability table over its last two axes.
    Source: Heads, Shoulders, Knees, and ELBOs, Useful identities and properties.
    Theorem: kl_chain_rule.
    """
    return _discrete.kl_conditional(joint_q=_table(joint_q, 2), joint_p=_table(joint_p, 2))


def jensen_shannon(q: Array, p: Array) -> Array:
    """Jensen-Shannon divergence of two categorical distributions.

    JS(q, p) = KL(q || m) / 2 + KL(p || m) / 2 with m = (q + p) / 2; symmetric, between 0 and log 2.

    Shapes: q, p (..., K) -> (...), equal K. Unit: nats.
    Raises ValueError if q or p is not a probability vector along its last axis.
    Theorem: jensen_shannon.
    """
    return _discrete.jensen_shannon(q=_table(q), p=_table(p))
