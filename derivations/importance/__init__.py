"""# Importance weighting

Averaging several weights before the logarithm gives a tighter bound (IWAE).

[The bound](iwae_bound.md), [it never falls with one more sample](iwae_growth.md), [independent
samples](iwae_independent.md), [how fast the gap closes](iwae_rate.md), [when the variance that this needs is
infinite](infinite_variance.md), and [a share of the prior](defensive_mixture.md), which makes it finite.

[Powers of the weights](power_means.md) bound the evidence from both sides, and [the effective sample
size](effective_sample_size.md) says how many samples the weights are worth.
"""
