"""The rules of the kernel in words, for pages and terminals."""

from derivations._kernel import Thm

REASONS = {  # the kernel's names of its rules in words, where the name alone would not do
    "Gaussian tail": "a polynomial times a Gaussian is integrable",
    "almost all": "true wherever the step before is",
    "antiderivative": "an antiderivative, checked by differentiating it",
    "antisymmetry": "each is at least the other",
    "between": "what lies between integrable functions is integrable",
    "carry": "put equals for equals",
    "constant sum": "every term of the sum is the same",
    "dominated": "what has an integrable bound is integrable",
    "difference quotients": "difference quotients with an integrable bound (dominated convergence)",
    "divergence": "terms that stay away from zero add up to infinity",
    "evaluate": "evaluated to fifty digits",
    "finite integral": "an integral with a finite value converges",
    "instantiate": "for these densities",
    "leibniz": "differentiate under the integral",
    "log of a product": "the logarithm of a product",
    "monotone": "integrals keep inequalities",
    "on the space": "on this space",
    "rename": "rename the bound variable",
    "sign": "the signs of its parts",
    "substitute": "for these values",
    "swap": "exchange the order (Fubini, Tonelli)",
    "term of a sum": "drop the other terms, none negative",
    "triangular map": "each coordinate is moved and stretched, given those before it",
    "unequal": "equal to two different numbers",
    "variance of a sum": "the variances of independent coordinates add up",
    "write out": "write the sum out",
    "zero integral": "a non-negative function with integral zero",
}
DEFINED = {  # what is defined, by the name of its head
    "Bernoulli": "the Bernoulli distribution",
    "CrossEntropy": "the cross-entropy",
    "E": "the expectation",
    "ELBO": "the ELBO",
    "Entropy": "the entropy",
    "Information": "the mutual information",
    "KL": "the divergence",
    "Normal": "the Gaussian density",
}
CITED = {"gaussian": "the Gaussian integral"}  # facts that the checker takes from a table, by name
SILENT = {"chain", "discharge", "rewrite", "read backwards", "hypothesis", "for all", "each"}  # no reason of their own


def rule(thm: Thm) -> str:
    """The rule that made a theorem, in words."""
    if thm.rule == "definition":
        return f"definition of {DEFINED[type(thm.prop.lhs).__name__]}"
    return REASONS.get(thm.rule, thm.rule)
