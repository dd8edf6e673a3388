"""# The evidence and the ELBO

A latent variable model, the probability that it gives to the data (the evidence), and the evidence lower bound (ELBO,
the negative free energy) that is computed instead.

[Joint, marginal and Bayes' rule](bayes.md) set the scene; [the evidence is the ELBO plus a
divergence](evidence_decomposition.md), so [the gap is a divergence](gap.md), [an integral of
variances along a path](gap_path.md) as well, and the same bound reads as
[reconstruction minus divergence from the prior](reconstruction_minus_kl.md). Then the fine print: [which points an
encoder may leave out](elbo_support.md), [infinite halves](elbo_infinite_parts.md), [a whole data
set](dataset_objective.md), [estimates from samples](monte_carlo_elbo.md), [more latent
variables](auxiliary_latents.md), [what can be computed at all](tractability.md), [what a family of encoders can
reach](variational_family.md), [what one mode lacks of two](one_mode_gap.md), and [flows](normalizing_flow.md).
"""
