"""# Gaussians

Closed forms for the distributions that almost every model uses.

The [moments](gaussian_moments.md) carry all of it: the divergence [between two Gaussians](gaussian_kl.md), [coordinate
by coordinate](gaussian_kl_diagonal.md), [in the plane](gaussian_kl_plane.md) with determinant and trace, [with full
covariance](gaussian_kl_cholesky.md) in any dimension, and [from moments alone](gaussian_kl_full.md), with the
[entropy](gaussian_entropy_full.md) that goes with it. A covariance with [a diagonal and a direction](gaussian_low_rank.md)
needs no matrix at all, and [mixtures](gaussian_mixture.md) have bounds where they have no formula. Two Gaussians also show [what a divergence is
not](kl_not_a_metric.md): a distance.
"""
