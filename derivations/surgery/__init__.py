"""# Surgery and information

The average divergence of the encoder from the prior, cut into the information in the codes and the distance of their
average (the aggregate posterior) from the prior.

[Mutual information](mutual_information.md) and [the limits on measuring it](information_limits.md), [total
correlation](total_correlation.md), then [ELBO surgery](elbo_surgery.md) itself, [with the index made
explicit](index_corrections.md), and [estimates from a batch](minibatch_estimates.md). What follows from it: [bounds on the information](information_bounds.md),
[for data of any kind](information_any_data.md), [what the
prior pulls at](prior_pull.md), [codes that remember every data point](memorising.md) and [the holes that they leave](holes.md), [decoded codes of the data and of the
prior](decoded_codes.md), and [sampling from the prior](generation.md).
"""
