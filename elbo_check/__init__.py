"""An independent checker of the proofs of elbo-ref: standard library only, nothing of the project.

Read in this order: FORMAT.md (what a certificate is); replay (what a verdict is); terms, notation (what is said); poly,
signs, powers, normal (the decision procedure: a polynomial; its sign, which powers ask for; products and powers, with what
each rewriting needs; a term); props (when propositions are the same, what is among hypotheses); step (an inference as its
rule sees it); the four files of rules; load. `from elbo_check.terms import *`, and poly's, are the vocabulary of the rest.
What a statement asks for its usual meaning is a question of its own, in meaning.
"""

from elbo_check.replay import check

__all__ = ["check"]
