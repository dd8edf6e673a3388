"""# Losses of a VAE

The lines that people write as a loss, and the log likelihoods they are, with the constants that they leave out.

Decoders first: [Gaussian](gaussian_likelihood.md), [Bernoulli](bernoulli_likelihood.md), [grey
values](continuous_bernoulli.md), [pixels in levels](logistic_levels.md), and [labels](categorical_likelihood.md). Then [the divergence term](gaussian_kl_batch.md), [the whole
loss](gaussian_vae_loss.md), [its signs](loss_signs.md), and [its weights](loss_weights.md): a mean where a sum should
be is a weight.

The slips by name, each with its exact size: [in the divergence](mistake_divergence.md), [in an
estimate](mistake_estimate.md), [in a weight](mistake_weight.md), [in what is left out or
exchanged](mistake_parts.md). And the factor of [one term of a sum, drawn at random](one_term_drawn.md): a time step
of a diffusion model, a batch of the data.
"""
