"""An independent checker of the proofs of elbo-ref: standard library only, nothing of the project.

Read in this order: FORMAT.md (what a certificate is), terms, notation, poly, signs, powers, normal (the decision
procedure), props, step, the four files of rules, load, replay. What a statement asks for its usual meaning
is a question of its own: obligations (what is asked), lemmas and settle (what is known), meaning (the answer).
"""

from elbo_check.replay import check

__all__ = ["check"]
