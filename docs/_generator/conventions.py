"""The conventions, each as a question, our answer and a program that is run while the site is built.

A program compares the same number in elbo_ref, torch and SciPy. One whose assertion fails stops the build.
"""

from dataclasses import dataclass

from docs._generator.refer import link
from docs._generator.run import annotated, fenced


@dataclass(frozen=True)
class Row:
    """One convention. `elsewhere` is a call of a library that is not installed here, from its documentation."""

    question: str
    answer: str
    code: str
    theorem: str
    elsewhere: str = ""


ROWS = (
    Row(
        "Nats or bits?",
        "Natural logarithms everywhere: entropies, divergences and bounds are in nats. Divide by log 2 for bits.",
        """
        import math
        import numpy as np, scipy.stats, torch
        import elbo_ref

        coin = np.array([0.9, 0.1])
        ours = elbo_ref.entropy(coin)
        in_torch = torch.distributions.Categorical(torch.tensor(coin)).entropy()
        in_scipy = scipy.stats.entropy(coin)
        bits = scipy.stats.entropy(coin, base=2)
        assert np.allclose([in_torch, in_scipy, bits * math.log(2)], ours)
        """,
        "kl_units",
        "tfd.Categorical(probs=[0.9, 0.1]).entropy()  # in nats",
    ),
    Row(
        "Variance or standard deviation in the second slot?",
        "In mathematics the variance. In code no argument is a bare second slot: it is called `std`, `var` or `logvar`. "
        "`Normal` of torch and `norm` of SciPy take a standard deviation, `multivariate_normal` a covariance.",
        """
        import numpy as np, scipy.stats, torch
        import elbo_ref

        variance = 0.5
        std = variance**0.5
        ours = elbo_ref.normal_log_density(1.0, 0.0, variance)
        in_torch = torch.distributions.Normal(0.0, std).log_prob(torch.tensor(1.0))
        in_scipy = scipy.stats.norm(0.0, std).logpdf(1.0)
        as_vector = scipy.stats.multivariate_normal([0.0], [[variance]]).logpdf([1.0])
        misread = scipy.stats.norm(0.0, variance).logpdf(1.0)
        assert np.allclose([in_torch, in_scipy, as_vector], ours)
        assert not np.isclose(misread, ours)
        """,
        "gaussian_log_density",
        "tfd.Normal(loc=0.0, scale=std).log_prob(1.0)  # scale is a standard deviation",
    ),
    Row(
        "What does an encoder put out?",
        "`logvar`, the logarithm of the variance. The standard deviation is `exp(logvar / 2)`, not `exp(logvar)`.",
        """
        import numpy as np, torch
        import elbo_ref

        mean, logvar = np.array([0.5, -1.0]), np.array([-2.0, 0.3])
        std = np.exp(logvar / 2)
        ours = elbo_ref.kl_standard_normal(mean, logvar)
        q = torch.distributions.Normal(torch.tensor(mean), torch.tensor(std))
        in_torch = torch.distributions.kl_divergence(q, torch.distributions.Normal(0.0, 1.0)).sum()
        misread = elbo_ref.kl_diag_normal(mean, np.exp(logvar), np.zeros(2), np.ones(2))
        assert np.isclose(in_torch, ours)
        assert not np.isclose(misread, ours)
        """,
        "reparameterization_log_variance",
    ),
    Row(
        "Which argument of a divergence comes first?",
        "The distribution that the average is taken under: the divergence of q from p is `kl(q, p)`. torch and SciPy agree.",
        """
        import numpy as np, scipy.special, scipy.stats, torch
        import elbo_ref

        q, p = np.array([0.9, 0.1]), np.array([0.5, 0.5])
        ours = elbo_ref.kl_categorical(q, p)
        law = lambda probs: torch.distributions.Categorical(torch.tensor(probs))
        in_torch = torch.distributions.kl_divergence(law(q), law(p))
        in_scipy = scipy.special.rel_entr(q, p).sum()
        as_entropy = scipy.stats.entropy(q, p)
        other_way = elbo_ref.kl_categorical(p, q)
        assert np.allclose([in_torch, in_scipy, as_entropy], ours)
        assert not np.isclose(other_way, ours)
        """,
        "kl_is_expected_log_ratio",
        "tfp.distributions.kl_divergence(q, p)  # KL(distribution_a || distribution_b)",
    ),
    Row(
        "And in `torch.nn.functional.kl_div`?",
        "There the order is turned round: the first argument is the second distribution, and in logarithms. "
        "`reduction='sum'` adds up everything; the default, `'mean'`, divides by the number of entries as well.",
        """
        import numpy as np, torch
        import torch.nn.functional as F
        import elbo_ref

        q, p = np.array([0.9, 0.1]), np.array([0.5, 0.5])
        ours = elbo_ref.kl_categorical(q, p)
        target, log_input = torch.tensor(q), torch.tensor(p).log()
        in_torch = F.kl_div(log_input, target, reduction="sum")
        per_entry = F.kl_div(log_input, target, reduction="mean")
        assert np.isclose(in_torch, ours)
        assert np.isclose(per_entry * q.size, ours)
        """,
        "kl_is_expected_log_ratio",
    ),
    Row(
        "What if a probability is zero?",
        "A point without mass under q adds nothing. A point with mass under q and none under p makes the divergence "
        "infinite; that is a value, not an error.",
        """
        import math
        import numpy as np, scipy.special, torch
        import elbo_ref

        point, coin = np.array([1.0, 0.0]), np.array([0.5, 0.5])
        ours = elbo_ref.kl_categorical(point, coin)
        reverse = elbo_ref.kl_categorical(coin, point)
        in_scipy = scipy.special.rel_entr(coin, point).sum()
        law = lambda probs: torch.distributions.Categorical(torch.tensor(probs))
        in_torch = torch.distributions.kl_divergence(law(coin), law(point))
        assert np.isclose(ours, math.log(2))
        assert reverse == in_scipy == in_torch == math.inf
        """,
        "kl_well_defined",
    ),
    Row(
        "Can a log density be positive?",
        "Yes. Densities are taken with respect to Lebesgue measure for real variables, and may exceed one. "
        "Only probabilities have logarithms of at most zero.",
        """
        import math
        import numpy as np, scipy.stats
        import elbo_ref

        variance = 1 / (8 * math.pi)
        ours = elbo_ref.normal_log_density(0.0, 0.0, variance)
        in_scipy = scipy.stats.norm(0.0, math.sqrt(variance)).logpdf(0.0)
        assert np.isclose(in_scipy, ours) and ours > 0
        """,
        "log_evidence_is_at_most_zero",
    ),
    Row(
        "Bound or loss?",
        "`elbo` is a lower bound of the log evidence: larger is better. A loss is called `negative_elbo`: it is the bound "
        "with the other sign, with nothing left out.",
        """
        import numpy as np
        import elbo_ref

        x, mean_x, var_noise = np.array([1.0, 2.0]), np.array([0.5, 1.5]), np.array(0.5)
        mean, logvar = np.array([0.5]), np.array([-1.0])
        loss = elbo_ref.negative_elbo_gaussian(x, mean_x, var_noise, mean, logvar, reduction="none")
        reconstruction = elbo_ref.gaussian_log_likelihood(x, mean_x, var_noise)
        rate = elbo_ref.kl_standard_normal(mean, logvar)
        elbo = reconstruction - rate
        assert np.isclose(loss, -elbo)
        """,
        "negative_elbo_loss",
    ),
    Row(
        "What is summed, and what is averaged?",
        "Latent dimensions and pixels are summed, over the last axis. A batch keeps its shape; the caller of a loss "
        "says `'none'`, `'sum'` or `'mean'`. There is no default.",
        """
        import numpy as np
        import elbo_ref

        batch, latent = 32, 4
        mean, logvar = np.full((batch, latent), 0.5), np.zeros((batch, latent))
        ours = elbo_ref.kl_standard_normal(mean, logvar)
        total = -0.5 * np.sum(1 + logvar - mean**2 - np.exp(logvar))
        averaged_twice = -0.5 * np.mean(1 + logvar - mean**2 - np.exp(logvar))
        assert ours.shape == (batch,)
        assert np.isclose(ours.sum(), total)
        assert np.isclose(averaged_twice * latent, ours.mean())
        """,
        "gaussian_kl_batch",
    ),
    Row(
        "Is `mse_loss + kl` the negative ELBO?",
        "Only for one decoder variance, and up to a constant. Summed over D pixels the error belongs to the variance 1/2; "
        "averaged over them, to the variance D/2. With the divergence averaged over its K dimensions as well, "
        "`mse.mean() + kl.mean()`, it is the variance D/(2K), or a weight of D/K on the divergence at 1/2: "
        "[off by a factor](symptoms.md#factor).",
        """
        import math
        import numpy as np, torch
        import torch.nn.functional as F
        import elbo_ref

        x, mean_x = np.linspace(-1, 1, 6), np.zeros(6)
        mean, logvar = np.array([0.5, -0.2]), np.array([-1.0, 0.3])
        kl = elbo_ref.kl_standard_normal(mean, logvar)
        loss = lambda var: elbo_ref.negative_elbo_gaussian(x, mean_x, np.array(var), mean, logvar, reduction="none")
        summed = F.mse_loss(torch.tensor(mean_x), torch.tensor(x), reduction="sum") + kl
        averaged = F.mse_loss(torch.tensor(mean_x), torch.tensor(x), reduction="mean") + kl
        means_everywhere = averaged - kl + kl / mean.size
        D, K = x.size, mean.size
        assert np.isclose(summed, loss(1 / 2) - D / 2 * math.log(math.pi))
        assert np.isclose(averaged, loss(D / 2) - D / 2 * math.log(math.pi * D))
        assert np.isclose(K * means_everywhere, loss(D / (2 * K)) - D / 2 * math.log(math.pi * D / K))
        """,
        "averaged_error_fixes_variance",
    ),
    Row(
        "Which constants does a Gaussian loss keep?",
        "All of them. `torch.nn.GaussianNLLLoss` takes a variance and leaves out the part with 2 pi unless `full=True`.",
        """
        import math
        import numpy as np, torch
        import elbo_ref

        x, mean_x, variance = np.array([1.0, 2.0]), np.array([0.5, 1.5]), 0.5
        ours = -elbo_ref.gaussian_log_likelihood(x, mean_x, np.array(variance))
        arguments = torch.tensor(mean_x), torch.tensor(x), torch.full((2,), variance, dtype=torch.float64)
        full = torch.nn.GaussianNLLLoss(full=True, reduction="sum")(*arguments)
        default = torch.nn.GaussianNLLLoss(reduction="sum")(*arguments)
        assert np.isclose(full, ours)
        assert np.isclose(default + x.size / 2 * math.log(2 * math.pi), ours)
        """,
        "gaussian_likelihood",
        "tfd.Independent(tfd.Normal(mean_x, std), 1).log_prob(x)  # every constant; scale is a standard deviation",
    ),
    Row(
        "Logits or probabilities for binary data?",
        "Logits. The sum of torch's `binary_cross_entropy_with_logits` is minus our log likelihood; "
        "`binary_cross_entropy` takes probabilities, and caps what one pixel can cost at 100 nats.",
        """
        import numpy as np, torch
        import torch.nn.functional as F
        import elbo_ref

        x, logits = np.array([1.0, 0.0, 1.0]), np.array([2.0, -1.0, -200.0])
        ours = -elbo_ref.bernoulli_log_likelihood_logits(x, logits)
        from_logits = F.binary_cross_entropy_with_logits(torch.tensor(logits), torch.tensor(x), reduction="sum")
        probs = torch.tensor(logits).sigmoid().float().double()
        from_probs = F.binary_cross_entropy(probs, torch.tensor(x), reduction="sum")
        assert np.isclose(from_logits, ours)
        assert from_probs < 101 < ours
        """,
        "bernoulli_likelihood",
        "tfd.Bernoulli(logits=logits).log_prob(x)  # the positional argument is logits; in torch it is probs",
    ),
    Row(
        "What is q(z) without a condition?",
        "The aggregate, the average of all encoders q(z | x). The encoder is always written with its condition.",
        """
        import math
        import numpy as np, scipy.special, scipy.stats
        import elbo_ref

        mean, std = np.array([[-1.0], [2.0]]), np.array([[0.5], [1.0]])
        z = np.array([[0.3]])
        ours = elbo_ref.aggregate_log_density(z, mean, std)
        each = scipy.stats.norm(mean[:, 0], std[:, 0]).logpdf(0.3)
        in_scipy = scipy.special.logsumexp(each) - math.log(2)
        assert np.allclose(ours, in_scipy)
        """,
        "aggregate_is_a_law",
    ),
    Row(
        "Is the Jensen-Shannon divergence a distance?",
        "Ours is the divergence. SciPy's `jensenshannon` returns its square root, which is a distance.",
        """
        import numpy as np, scipy.spatial
        import elbo_ref

        q, p = np.array([0.9, 0.1]), np.array([0.5, 0.5])
        ours = elbo_ref.jensen_shannon(q, p)
        in_scipy = scipy.spatial.distance.jensenshannon(q, p)
        assert np.isclose(in_scipy**2, ours)
        """,
        "jensen_shannon",
    ),
)


def page(rows: tuple[Row, ...] = ROWS) -> str:
    """Every convention with its program and the numbers that came out of it."""
    return "\n\n".join(map(_section, rows)) + "\n"


def _section(row: Row) -> str:
    parts = [f"## {row.question}", row.answer, annotated(row.code, row.question)]
    if row.elsewhere:
        parts.append(f"TensorFlow Probability, as documented, not run here:\n\n{fenced(row.elsewhere)}")
    return "\n\n".join([*parts, f"See {link(row.theorem)}."])
