"""The derivations by what they are about, in the order in which to read them, for the index and the menu.

A derivation that no topic names comes last, under "More".
"""

from collections.abc import Mapping, Sequence

TOPICS: Mapping[str, Sequence[str]] = {
    topic: names.split()
    for topic, names in {
        "Divergence": """kl_definition kl_entropy jensen jensen_gap gibbs gibbs_support kl_chain_rule kl_not_a_metric
            kl_of_events jensen_shannon code_length""",
        "Gaussians": """gaussian_moments gaussian_kl gaussian_kl_diagonal gaussian_kl_full gaussian_entropy_full""",
        "The evidence and the ELBO": """bayes evidence_decomposition gap reconstruction_minus_kl elbo_support
            elbo_infinite_parts dataset_objective monte_carlo_elbo auxiliary_latents tractability variational_family
            normalizing_flow""",
        "The linear Gaussian model": """linear_gaussian exercise_linear_gaussian linear_gaussian_beta
            linear_gaussian_em linear_vae""",
        "Losses of a VAE": """gaussian_likelihood bernoulli_likelihood continuous_bernoulli gaussian_kl_batch
            gaussian_vae_loss loss_signs loss_weights""",
        "Surgery and information": """mutual_information information_limits total_correlation elbo_surgery
            index_corrections information_bounds prior_pull memorising without_kl generation""",
        "Weights, rate and collapse": """beta_vae rate_distortion weight_and_rate posterior_collapse
            information_bottleneck""",
        "Fitting in one direction or the other": """forward_reverse_kl forward_kl_moments forward_product
            reverse_kl_modes gaussian_between_modes mean_field_gaussian mean_field_misses mean_field_modes
            mean_field_price""",
        "Importance weighting": "iwae_bound iwae_growth iwae_independent iwae_rate",
        "EM and steps of training": "em elbo_steps elbo_ascent_fails gradient_step",
        "Gradients and their estimators": """elbo_gradient reparameterization pathwise_gradient score_function
            doubly_reparameterized gradient_variance discontinuous_gradient kl_estimator_gradients""",
    }.items()
}


def by_topic(modules: Sequence[str]) -> dict[str, list[str]]:
    """The modules that there are of each topic, and then the others in the order in which they are given."""
    found = {topic: [m for m in names if m in modules] for topic, names in TOPICS.items()}
    found["More"] = [m for m in modules if not any(m in names for names in TOPICS.values())]
    return {topic: members for topic, members in found.items() if members}
