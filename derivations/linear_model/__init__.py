"""# The linear Gaussian model

The one latent variable model in which every quantity has a closed form, to learn from and to test code on.

[The model](linear_gaussian.md), [an exercise worked out](exercise_linear_gaussian.md), [a step of
EM](linear_gaussian_em.md), and [the linear autoencoder](linear_vae.md), where one can see the codes collapse,
[coordinate by coordinate](linear_vae_diagonal.md), as is [the model itself](linear_gaussian_diagonal.md). With a full
matrix, [the model](linear_gaussian_matrix.md) and [the autoencoder](linear_vae_matrix.md) are sums over its singular
directions.
"""
