"""Reference functions for variational inference, each licensed by a theorem that `derivations` proves.

One body each, for every library that follows the array API; in nats, with N(mean, variance). Arguments are floating arrays
of one library, dtype and device, or Python floats; float16, bfloat16 and float32 may stand beside each other, and then the result is
float32 and each gradient of the dtype of its argument. Elementwise arguments broadcast. The work is done in float64 and rounded
once to the dtype of the arguments; torch.compile gets float32 code for float32 losses, right to 3 units of the last place a
term, and so does a device without float64. An argument outside its domain raises `ValueError` (a wrong type or dtype
`TypeError`): the result is looked at, and the arguments if it is not finite. Where values cannot be read, as under
`torch.compile`, `jit` or `vmap`, the result is NaN (shapes and dtypes are refused in the same words, which torch.compile puts into
an error of its own); within `unchecked()` nothing is looked at, and it is NaN or infinite.

Derivatives are right to any order, in reverse and in forward mode.

Importing this loads NumPy, nothing else. `elbo_ref.distributed` needs torch, `elbo_ref.quadrature` and
`elbo_ref.certified` need SciPy and python-flint: import them by their names. Where numba is installed, contiguous float32
arrays on a CPU go through loops. They are loaded, and the first time compiled, at the eleventh call, for a large array, or where
torch records what is done. Where Triton is, `kl_standard_normal` and the Bernoulli loss of float32 tensors on a CUDA device are one
kernel each way.
"""

from elbo_ref._core.arrays import unchecked
from elbo_ref.discrete import (
    conditional_entropy,
    cross_entropy,
    entropy,
    jensen_shannon,
    kl_bernoulli,
    kl_bernoulli_logits,
    kl_categorical,
    kl_categorical_logits,
    kl_conditional,
    mutual_information,
)
from elbo_ref.estimators import (
    doubly_reparameterized_gradient,
    iwae_bound,
    kl_estimator_bregman,
    kl_estimator_half_square,
    kl_estimator_log_ratio,
    log_normal_diag,
    log_normal_diag_held,
    monte_carlo_elbo,
    reparameterize,
    reparameterized_gradient,
    score_function_gradient,
    score_normal,
)
from elbo_ref.gaussian import (
    cross_entropy_normal,
    entropy_mvn,
    entropy_normal,
    kl_diag_normal,
    kl_mvn,
    kl_mvn_tril,
    kl_normal,
    kl_standard_normal,
    normal_log_density,
)
from elbo_ref.importance import chi_bound, defensive_log_density, effective_sample_size, renyi_bound, tail_index
from elbo_ref.likelihoods import (
    bernoulli_log_likelihood_logits,
    categorical_log_likelihood_logits,
    continuous_bernoulli_log_likelihood_logits,
    discretized_logistic_log_likelihood,
    gaussian_log_likelihood,
)
from elbo_ref.linear_gaussian import (
    linear_gaussian_beta_posterior,
    linear_gaussian_elbo,
    linear_gaussian_em_step,
    linear_gaussian_gap,
    linear_gaussian_log_evidence,
    linear_gaussian_mutual_information,
    linear_gaussian_posterior,
    linear_gaussian_reconstruction,
)
from elbo_ref.low_rank import kl_low_rank_normal, log_normal_low_rank
from elbo_ref.minibatch import minibatch_surgery
from elbo_ref.mixtures import kl_mixture_bounds, mixture_log_density
from elbo_ref.objectives import (
    negative_elbo_bernoulli,
    negative_elbo_categorical,
    negative_elbo_continuous_bernoulli,
    negative_elbo_discretized_logistic,
    negative_elbo_gaussian,
    negative_elbo_sigma,
)
from elbo_ref.surgery import aggregate_log_density, elbo_surgery, elbo_surgery_table, total_correlation

__version__ = "0.2.0"

__all__ = [
    "aggregate_log_density",
    "bernoulli_log_likelihood_logits",
    "categorical_log_likelihood_logits",
    "chi_bound",
    "conditional_entropy",
    "continuous_bernoulli_log_likelihood_logits",
    "cross_entropy",
    "cross_entropy_normal",
    "defensive_log_density",
    "discretized_logistic_log_likelihood",
    "doubly_reparameterized_gradient",
    "effective_sample_size",
    "elbo_surgery",
    "elbo_surgery_table",
    "entropy",
    "entropy_mvn",
    "entropy_normal",
    "gaussian_log_likelihood",
    "iwae_bound",
    "jensen_shannon",
    "kl_bernoulli",
    "kl_bernoulli_logits",
    "kl_categorical",
    "kl_categorical_logits",
    "kl_conditional",
    "kl_diag_normal",
    "kl_estimator_bregman",
    "kl_estimator_half_square",
    "kl_estimator_log_ratio",
    "kl_low_rank_normal",
    "kl_mixture_bounds",
    "kl_mvn",
    "kl_mvn_tril",
    "kl_normal",
    "kl_standard_normal",
    "linear_gaussian_beta_posterior",
    "linear_gaussian_elbo",
    "linear_gaussian_em_step",
    "linear_gaussian_gap",
    "linear_gaussian_log_evidence",
    "linear_gaussian_mutual_information",
    "linear_gaussian_posterior",
    "linear_gaussian_reconstruction",
    "log_normal_diag",
    "log_normal_diag_held",
    "log_normal_low_rank",
    "minibatch_surgery",
    "mixture_log_density",
    "monte_carlo_elbo",
    "mutual_information",
    "negative_elbo_bernoulli",
    "negative_elbo_categorical",
    "negative_elbo_continuous_bernoulli",
    "negative_elbo_discretized_logistic",
    "negative_elbo_gaussian",
    "negative_elbo_sigma",
    "normal_log_density",
    "renyi_bound",
    "reparameterize",
    "reparameterized_gradient",
    "score_function_gradient",
    "score_normal",
    "tail_index",
    "total_correlation",
    "unchecked",
]
