"""# Divergence

How far apart two distributions are, in nats: the Kullback-Leibler (KL) divergence and the inequalities that everything
else stands on.

Start with [what it is](kl_definition.md) and [how it splits](kl_entropy.md) into cross-entropy and entropy. [Jensen's
inequality](jensen.md), and [how far it can be off](jensen_gap.md), give [Gibbs' inequality](gibbs.md): a divergence is
never negative, [also where q misses something](gibbs_support.md) and for
[distributions that vanish](vanishing_laws.md). Then how divergences [add up](kl_chain_rule.md), what they say
[about events](kl_of_events.md), a [symmetric and bounded relative](jensen_shannon.md), and what a divergence
[costs in bits](code_length.md).
"""
