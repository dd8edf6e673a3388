"""# Importance weighting

Averaging several weights before the logarithm gives a tighter bound (IWAE).

[The bound](iwae_bound.md), [it never falls with one more sample](iwae_growth.md), [independent
samples](iwae_independent.md), [how fast the gap closes](iwae_rate.md), and [when the variance that this needs is
infinite](infinite_variance.md).
"""
