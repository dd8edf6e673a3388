"""# EM and steps of training

What happens to the likelihood when the bound is climbed.

[EM never goes down](em.md); [what a step up the ELBO does](elbo_steps.md) to the likelihood and to the gap, and [where
it does harm](elbo_ascent_fails.md); [how much a gradient step gains](gradient_step.md).
"""
