"""# Fitting in one direction or the other

Minimising the divergence from q to p is not minimising it from p to q.

[Forward and reverse](forward_reverse_kl.md). Forward: [moments are matched](forward_kl_moments.md), and [the best
product](forward_product.md) has the right marginals. Reverse: [when a mode is picked](reverse_kl_modes.md), and [a
Gaussian between two modes](gaussian_between_modes.md). Mean field: [on a correlated Gaussian](mean_field_gaussian.md),
[a mode that is missed](mean_field_misses.md), [a mode that is sought](mean_field_modes.md), and [what that
costs](mean_field_price.md).
"""
