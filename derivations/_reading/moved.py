"""Verdicts that are no longer there: their addresses still lead somewhere. By name: the derivation they stood in, and why."""

GONE = {
    "beta_objective_is_no_bound": ("beta_vae", "see `weighted_loss_is_the_negative_elbo`"),
    "best_codes_leave_holes": ("without_kl", "see the theorem `narrow_codes_leave_holes`"),
    "complex_posterior_has_a_larger_gap": ("variational_family", "how complex a posterior is, is not defined"),
    "entropy_is_finite": ("kl_entropy", "see the theorem `heavy_entropy`"),
    "every_missed_point_costs": ("forward_reverse_kl", "see the theorem `missed_mass_costs`"),
    "everything_is_backpropagated": ("discontinuous_gradient", "see the theorem `step_gradient`"),
    "evidence_cannot_be_computed": ("tractability", "a statement about cost"),
    "exact_likelihood_is_impossible": ("tractability", "a statement about cost"),
    "excess_length_is_the_divergence": ("code_length", "see the theorem `ideal_code_redundancy`"),
    "grey_bernoulli_is_a_density": ("continuous_bernoulli", "see the theorem `grey_bernoulli_mass`"),
    "kl_is_infinite_at_one_point": ("kl_definition", "see the theorem `kl_is_finite_at_one_point`"),
    "nonlinear_evidence_has_no_closed_form": ("tractability", "see the theorem `folded_evidence`"),
    "posterior_cannot_be_sampled": ("tractability", "a statement about cost; see `rejection_sampling`"),
    "rate_zero_generates_the_data": ("generation", "meaningful samples are not defined"),
    "reverse_kl_seeks_a_mode": ("mean_field_modes", "see the theorem `both_modes_are_dear`"),
    "squared_error_is_the_mean": ("loss_weights", "a matter of names; see `sse_loss_fixes_variance`"),
}


def anchors(module: str = "") -> list[str]:
    """A line for each verdict that is gone from this derivation, or from any, under its old anchor."""
    return [
        f'<span id="{name}"></span>`{name}` is no longer here: {why}.'
        for name, (home, why) in GONE.items()
        if module in ("", home)
    ]
