"""# Gradients and their estimators

Derivatives of expectations, and the estimators that training draws: which are unbiased, and how noisy they are.

[The gradient of the ELBO](elbo_gradient.md). The [reparameterization trick](reparameterization.md), [in two
dimensions](reparameterization_plane.md), [in any number of them](reparameterization_any_function.md), for every function; [by its
averages](reparameterization_vector.md), [coordinate after coordinate](reparameterization_coordinates.md). Then [gradients through
the noise](pathwise_gradient.md), [also through kinks](gradient_with_kinks.md), [in every coordinate](gradient_through_vectors.md);
[the score function](score_function.md) (REINFORCE), [both in all parameters at once](gradient_of_all_parameters.md), [over a data
set](data_set_gradient.md), [the ELBO with codes of any dimension](elbo_gradient_of_vectors.md), and [both for the
importance-weighted bound](doubly_reparameterized.md). Then [the variance of the two](gradient_variance.md), [where no
gradient flows](discontinuous_gradient.md), and [the gradients of three divergence
estimators](kl_estimator_gradients.md).
"""
