"""# Weights, rate and collapse

What a weight on the divergence term trades, and when the codes carry nothing any more.

[Another weight on the divergence](beta_vae.md) (the beta-VAE), also [in the linear Gaussian
model](linear_gaussian_beta.md); [rate and distortion](rate_distortion.md); [what the weight
moves](weight_and_rate.md); [no divergence at all](without_kl.md); [posterior collapse](posterior_collapse.md); and the
[information bottleneck](information_bottleneck.md).
"""
