"""A variational autoencoder on real images, and the identities of the book measured on it. The extra `lab`.

`data` and `model` say what is trained, `training` trains it and `checkpoint` keeps it; `plane` computes exactly, in a latent
space of two dimensions, what is estimated elsewhere; `measure` and `mistakes` make the committed results, `figures` draws them.
"""
