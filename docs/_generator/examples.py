"""An example for each function of the reference. It runs while the site is built, and each number shown is the one that came out."""

import functools
import textwrap

from docs._generator.run import annotated

LIBRARY = "import numpy as np\n\nimport elbo_ref"
TORCH = "import torch\n\nfrom elbo_ref import quadrature_torch as quadrature"
QUADRATURE = "import math\n\nfrom elbo_ref import quadrature"
CERTIFIED = "from elbo_ref import certified"
LINEAR = "x, weight, bias, var_noise, mean_prior, var_prior = 1.3, 2.0, 0.1, 0.5, 0.0, 1.0\n"
ENCODERS = """\
draw = np.random.default_rng(0)
mean, std = draw.normal(size=(100, 2)), np.full((100, 2), 0.5)  # 100 encoders, 2 latent dimensions
noise = draw.normal(size=(100, 2))
"""

WEIGHTS = """\
z = np.random.default_rng(0).normal(size=1000)  # from q, here the prior N(0, 1)
log_weights = elbo_ref.normal_log_density(1.0, z, 1.0)
evidence = elbo_ref.normal_log_density(1.0, 0.0, 2.0)
"""

_PROGRAMS = {
    "discrete.entropy": "h = elbo_ref.entropy(np.array([0.5, 0.25, 0.25]))\nassert np.isclose(h, 1.5 * np.log(2))",
    "discrete.cross_entropy": """
        q, p = np.array([0.5, 0.5]), np.array([0.9, 0.1])
        h = elbo_ref.cross_entropy(q, p)
        assert np.isclose(h, elbo_ref.entropy(q) + elbo_ref.kl_categorical(q, p))
        """,
    "discrete.kl_categorical": """
        q, p = np.array([0.5, 0.5]), np.array([0.9, 0.1])
        kl = elbo_ref.kl_categorical(q, p)
        reverse = elbo_ref.kl_categorical(p, q)
        assert kl != reverse
        """,
    "discrete.kl_categorical_logits": """
        q, p = np.array([0.5, 0.5]), np.array([0.9, 0.1])
        kl = elbo_ref.kl_categorical_logits(np.log(q), np.log(p))
        assert np.isclose(kl, elbo_ref.kl_categorical(q, p))
        """,
    "discrete.kl_bernoulli": """
        kl = elbo_ref.kl_bernoulli(0.3, 0.5)
        assert np.isclose(kl, elbo_ref.kl_categorical(np.array([0.3, 0.7]), np.array([0.5, 0.5])))
        """,
    "discrete.kl_bernoulli_logits": """
        kl = elbo_ref.kl_bernoulli_logits(np.log(0.3 / 0.7), 0.0)
        assert np.isclose(kl, elbo_ref.kl_bernoulli(0.3, 0.5))
        """,
    "discrete.mutual_information": """
        joint = np.array([[0.4, 0.1], [0.1, 0.4]])
        information = elbo_ref.mutual_information(joint)
        assert np.isclose(information, np.log(2) - elbo_ref.conditional_entropy(joint))
        """,
    "discrete.conditional_entropy": """
        joint = np.array([[0.4, 0.1], [0.1, 0.4]])
        h = elbo_ref.conditional_entropy(joint)
        assert np.isclose(h, elbo_ref.entropy(joint.ravel()) - np.log(2))
        """,
    "discrete.kl_conditional": """
        joint_q, joint_p = np.array([[0.4, 0.1], [0.1, 0.4]]), np.full((2, 2), 0.25)
        kl = elbo_ref.kl_conditional(joint_q, joint_p)
        assert np.isclose(kl, elbo_ref.kl_categorical(joint_q.ravel(), joint_p.ravel()))  # the row sums agree
        """,
    "discrete.jensen_shannon": """
        q, p = np.array([1.0, 0.0]), np.array([0.5, 0.5])
        js = elbo_ref.jensen_shannon(q, p)
        assert js == elbo_ref.jensen_shannon(p, q) and js < np.log(2)
        """,
    "gaussian.normal_log_density": """
        var = 4.0
        log_density = elbo_ref.normal_log_density(1.0, 0.0, var)
        assert np.isclose(np.exp(log_density), np.exp(-1 / 8) / np.sqrt(8 * np.pi))
        """,
    "gaussian.entropy_normal": "h = elbo_ref.entropy_normal(0.1)\nassert h < 0  # a density may exceed 1",
    "gaussian.cross_entropy_normal": """
        h = elbo_ref.cross_entropy_normal(0.5, 0.8, 0.0, 1.0)
        assert np.isclose(h, elbo_ref.entropy_normal(0.8) + elbo_ref.kl_normal(0.5, 0.8, 0.0, 1.0))
        """,
    "gaussian.kl_normal": """
        kl = elbo_ref.kl_normal(0.5, 0.8, 0.0, 1.0)
        tiny = elbo_ref.kl_normal(0.0, 1 + 1e-10, 0.0, 1.0)
        assert np.isclose(tiny, 1e-20)  # no digit is lost where the two almost agree
        """,
    "gaussian.kl_diag_normal": """
        mean, std = np.array([0.5, -1.0]), np.array([0.8, 0.3])
        kl = elbo_ref.kl_diag_normal(mean, std, np.zeros(2), np.ones(2))
        assert np.isclose(kl, elbo_ref.kl_normal(mean, std, 0.0, 1.0).sum())
        """,
    "gaussian.kl_standard_normal": """
        mean, logvar = np.array([[0.3, -1.2]]), np.array([[-0.5, 0.1]])  # of one observation
        kl = elbo_ref.kl_standard_normal(mean, logvar)
        assert np.isclose(kl[0], -0.5 * np.sum(1 + logvar - mean**2 - np.exp(logvar)))
        """,
    "gaussian.kl_mvn": """
        cov = np.array([[1.0, 0.6], [0.6, 1.0]])
        kl = elbo_ref.kl_mvn(np.zeros(2), cov, np.zeros(2), np.eye(2))
        assert np.isclose(kl, -0.5 * np.log(1 - 0.6**2))  # the mutual information of the two coordinates
        """,
    "gaussian.kl_mvn_tril": """
        cov = np.array([[1.0, 0.6], [0.6, 1.0]])
        kl = elbo_ref.kl_mvn_tril(np.zeros(2), np.linalg.cholesky(cov), np.zeros(2), np.eye(2))
        assert np.isclose(kl, elbo_ref.kl_mvn(np.zeros(2), cov, np.zeros(2), np.eye(2)))
        """,
    "gaussian.entropy_mvn": """
        h = elbo_ref.entropy_mvn(np.diag([1.0, 4.0]))
        assert np.isclose(h, elbo_ref.entropy_normal(1.0) + elbo_ref.entropy_normal(2.0))
        """,
    "likelihoods.gaussian_log_likelihood": """
        x, mean_x = np.array([1.0, 0.0]), np.array([0.9, 0.2])
        log_likelihood = elbo_ref.gaussian_log_likelihood(x, mean_x, 1.0)
        error = np.sum((x - mean_x) ** 2) / 2
        assert np.isclose(log_likelihood, -error - np.log(2 * np.pi))
        """,
    "likelihoods.bernoulli_log_likelihood_logits": """
        x, logits = np.array([1.0, 0.0]), np.array([2.0, -1.0])
        log_likelihood = elbo_ref.bernoulli_log_likelihood_logits(x, logits)
        probability = 1 / (1 + np.exp(-logits))
        assert np.isclose(log_likelihood, np.log(probability[0]) + np.log(1 - probability[1]))
        """,
    "likelihoods.continuous_bernoulli_log_likelihood_logits": """
        grey = np.array([0.7])
        log_likelihood = elbo_ref.continuous_bernoulli_log_likelihood_logits(grey, np.array([0.0]))
        assert abs(log_likelihood) < 1e-12  # with logit 0 the density is uniform on [0, 1]
        """,
    "linear_gaussian.linear_gaussian_log_evidence": LINEAR + """
evidence = elbo_ref.linear_gaussian_log_evidence(x, weight, bias, var_noise, mean_prior, var_prior)
assert np.isclose(evidence, elbo_ref.normal_log_density(x, bias, weight**2 * var_prior + var_noise))
""",
    "linear_gaussian.linear_gaussian_posterior": LINEAR + """
mean, var = elbo_ref.linear_gaussian_posterior(x, weight, bias, var_noise, mean_prior, var_prior)
gap = elbo_ref.linear_gaussian_gap(x, mean, var, weight, bias, var_noise, mean_prior, var_prior)
assert abs(gap) < 1e-12
""",
    "linear_gaussian.linear_gaussian_reconstruction": LINEAR + """
reconstruction = elbo_ref.linear_gaussian_reconstruction(x, 0.5, 0.2, weight, bias, var_noise)
assert reconstruction < elbo_ref.normal_log_density(x, weight * 0.5 + bias, var_noise)  # the width of q costs
""",
    "linear_gaussian.linear_gaussian_elbo": LINEAR + """
elbo = elbo_ref.linear_gaussian_elbo(x, 0.5, 0.2, weight, bias, var_noise, mean_prior, var_prior)
evidence = elbo_ref.linear_gaussian_log_evidence(x, weight, bias, var_noise, mean_prior, var_prior)
assert elbo < evidence
""",
    "linear_gaussian.linear_gaussian_gap": LINEAR + """
gap = elbo_ref.linear_gaussian_gap(x, 0.5, 0.2, weight, bias, var_noise, mean_prior, var_prior)
elbo = elbo_ref.linear_gaussian_elbo(x, 0.5, 0.2, weight, bias, var_noise, mean_prior, var_prior)
evidence = elbo_ref.linear_gaussian_log_evidence(x, weight, bias, var_noise, mean_prior, var_prior)
assert np.isclose(elbo + gap, evidence)
""",
    "linear_gaussian.linear_gaussian_mutual_information": """
        information = elbo_ref.linear_gaussian_mutual_information(2.0, 0.5, 1.0)
        assert np.isclose(information, np.log(1 + 2.0**2 * 1.0 / 0.5) / 2)
        """,
    "linear_gaussian.linear_gaussian_beta_posterior": LINEAR + """
mean, var = elbo_ref.linear_gaussian_beta_posterior(x, weight, bias, var_noise, mean_prior, var_prior, 4.0)
posterior = elbo_ref.linear_gaussian_posterior(x, weight, bias, var_noise, mean_prior, var_prior)
assert var > posterior[1]  # a weight above 1 draws q to the prior
""",
    "linear_gaussian.linear_gaussian_em_step": """
        x = np.random.default_rng(0).normal(size=1000) * 2.0  # evidence N(0, weight^2 + 1) for the weight sqrt(3)
        weight = 0.5
        for _ in range(200):
            weight = elbo_ref.linear_gaussian_em_step(x, weight, 0.0, 1.0, 0.0, 1.0)
        assert np.isclose(weight**2 + 1, np.mean(x**2))
        """,
    "objectives.negative_elbo_gaussian": """
        x, mean_x = np.array([[1.0, 0.0]]), np.array([[0.9, 0.2]])  # one observation and its reconstruction
        mean, logvar = np.array([[0.3]]), np.array([[-0.5]])
        loss = elbo_ref.negative_elbo_gaussian(x, mean_x, 1.0, mean, logvar, reduction="mean")
        kl = elbo_ref.kl_standard_normal(mean, logvar)
        assert np.isclose(loss, kl[0] - elbo_ref.gaussian_log_likelihood(x, mean_x, 1.0)[0])
        """,
    "objectives.negative_elbo_bernoulli": """
        x, logits_x = np.array([[1.0, 0.0]]), np.array([[2.0, -1.0]])
        mean, logvar = np.array([[0.3]]), np.array([[-0.5]])
        loss = elbo_ref.negative_elbo_bernoulli(x, logits_x, mean, logvar, reduction="mean")
        kl = elbo_ref.kl_standard_normal(mean, logvar)
        assert np.isclose(loss, kl[0] - elbo_ref.bernoulli_log_likelihood_logits(x, logits_x)[0])
        """,
    "estimators.reparameterize": """
        noise = np.random.default_rng(0).normal(size=(10_000, 1))
        z = elbo_ref.reparameterize(np.array([2.0]), np.array([0.5]), noise)
        mean = z.mean()
        std = z.std()
        assert abs(mean - 2) < 0.02 and abs(std - 0.5) < 0.02
        """,
    "estimators.log_normal_diag": """
        log_density = elbo_ref.log_normal_diag(np.zeros(3), np.zeros(3), np.ones(3))
        assert np.isclose(log_density, -1.5 * np.log(2 * np.pi))
        """,
    "estimators.monte_carlo_elbo": """
        z = np.random.default_rng(0).normal(0.4, 0.6, size=10_000)  # from q
        log_joint = elbo_ref.normal_log_density(1.0, z, 1.0) + elbo_ref.normal_log_density(z, 0.0, 1.0)
        value, standard_error = elbo_ref.monte_carlo_elbo(log_joint, elbo_ref.normal_log_density(z, 0.4, 0.36))
        exact = elbo_ref.linear_gaussian_elbo(1.0, 0.4, 0.36, 1.0, 0.0, 1.0, 0.0, 1.0)
        assert abs(value - exact) < 4 * standard_error
        """,
    "estimators.iwae_bound": """
        z = np.random.default_rng(0).normal(size=(1000, 64))  # from q, here the prior
        log_weights = elbo_ref.normal_log_density(1.0, z, 1.0)
        bound = elbo_ref.iwae_bound(log_weights, axis=1).mean()
        elbo = log_weights.mean()
        evidence = elbo_ref.normal_log_density(1.0, 0.0, 2.0)
        assert elbo < bound < evidence
        """,
    "estimators.kl_estimator_log_ratio": """
        z = np.random.default_rng(0).normal(0.5, 1.0, size=10_000)  # from q = N(1/2, 1); p = N(0, 1)
        log_q, log_p = elbo_ref.normal_log_density(z, 0.5, 1.0), elbo_ref.normal_log_density(z, 0.0, 1.0)
        k1 = elbo_ref.kl_estimator_log_ratio(log_q, log_p)
        value = k1.mean()
        assert abs(value - 0.125) < 0.02 and k1.min() < 0
        """,
    "estimators.kl_estimator_half_square": """
        z = np.random.default_rng(0).normal(0.5, 1.0, size=10_000)  # from q = N(1/2, 1); p = N(0, 1)
        log_q, log_p = elbo_ref.normal_log_density(z, 0.5, 1.0), elbo_ref.normal_log_density(z, 0.0, 1.0)
        k2 = elbo_ref.kl_estimator_half_square(log_q, log_p)
        value = k2.mean()
        assert k2.min() >= 0 and abs(value - (0.125 + 0.125**2 / 2)) < 0.01  # biased: the divergence is 1/8
        """,
    "estimators.kl_estimator_bregman": """
        z = np.random.default_rng(0).normal(0.5, 1.0, size=10_000)  # from q = N(1/2, 1); p = N(0, 1)
        log_q, log_p = elbo_ref.normal_log_density(z, 0.5, 1.0), elbo_ref.normal_log_density(z, 0.0, 1.0)
        k3 = elbo_ref.kl_estimator_bregman(log_q, log_p)
        value = k3.mean()
        assert k3.min() >= 0 and abs(value - 0.125) < 0.01
        """,
    "estimators.score_normal": """
        in_mean = elbo_ref.score_normal(1.5, 1.0, 0.5)[0]
        assert np.isclose(in_mean, (1.5 - 1.0) / 0.5**2)
        """,
    "estimators.score_function_gradient": """
        z = np.random.default_rng(0).normal(1.0, 1.0, size=10_000)  # from q = N(1, 1); f(z) = z^2, so the gradient is 2
        score, _ = elbo_ref.score_normal(z, 1.0, 1.0)
        value, standard_error = elbo_ref.score_function_gradient(z**2, score)
        assert abs(value - 2) < 4 * standard_error
        """,
    "estimators.reparameterized_gradient": """
        noise = np.random.default_rng(0).normal(size=10_000)
        z = elbo_ref.reparameterize(1.0, 1.0, noise)  # f(z) = z^2, so the gradients are 2 and 2
        in_mean, in_std = elbo_ref.reparameterized_gradient(2 * z, noise)
        assert abs(in_mean.value - 2) < 4 * in_mean.standard_error
        """,
    "estimators.doubly_reparameterized_gradient": """
        noise = np.random.default_rng(0).normal(size=64)
        z = 0.5 + 0.8 * noise  # from q = N(0.5, 0.64); x = 1 in N(z, 1), prior N(0, 1)
        log_joint = elbo_ref.normal_log_density(1.0, z, 1.0) + elbo_ref.normal_log_density(z, 0.0, 1.0)
        log_weights = log_joint - elbo_ref.normal_log_density(z, 0.5, 0.64)
        gradient = (1 - z) - z + (z - 0.5) / 0.64  # of the log weight in z
        in_mean, in_std = elbo_ref.doubly_reparameterized_gradient(log_weights, gradient, noise)
        assert abs(in_mean) < 0.1  # the posterior mean is 0.5
        """,
    "surgery.elbo_surgery_table": """
        q_z = np.array([[0.9, 0.1], [0.2, 0.8]])  # q(z | n) for two observations
        parts = elbo_ref.elbo_surgery_table(np.array([0.5, 0.5]), q_z, np.array([0.5, 0.5]))
        average, marginal, information = parts.average_kl, parts.marginal_kl, parts.mutual_information
        assert np.isclose(average, marginal + information)
        """,
    "surgery.elbo_surgery": ENCODERS + """\
parts = elbo_ref.elbo_surgery(mean, std, noise)
average, marginal = parts.average_kl, parts.marginal_kl.value
information = parts.mutual_information.value
assert 0 < information < np.log(100)
""",
    "surgery.total_correlation": ENCODERS + """\
parts = elbo_ref.total_correlation(mean, std, noise)
marginal, correlation = parts.marginal_kl.value, parts.total_correlation.value
dimensions = parts.dimension_kl.value
assert np.isclose(marginal, correlation + dimensions.sum())
""",
    "surgery.aggregate_log_density": ENCODERS + """\
log_q = elbo_ref.aggregate_log_density(np.zeros((1, 2)), mean, std)
assert log_q[0] < elbo_ref.log_normal_diag(np.zeros(2), np.zeros(2), np.full(2, 0.5))
""",
    "likelihoods.categorical_log_likelihood_logits": """
        labels, logits = np.array([2, 0]), np.array([[0.0, 1.0, 2.0], [1.0, 0.0, 0.0]])
        log_likelihood = elbo_ref.categorical_log_likelihood_logits(labels, logits)
        softmax = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        assert np.isclose(log_likelihood, np.log(softmax[0, 2]) + np.log(softmax[1, 0]))
        """,
    "likelihoods.discretized_logistic_log_likelihood": """
        levels = np.arange(256)[:, None] / 255
        log_likelihood = elbo_ref.discretized_logistic_log_likelihood(levels, np.array([0.4]), np.array([-3.0]))
        mass = np.exp(log_likelihood).sum()
        assert np.isclose(mass, 1)
        """,
    "objectives.negative_elbo_categorical": """
        labels, logits = np.array([[2, 0]]), np.array([[[0.0, 1.0, 2.0], [1.0, 0.0, 0.0]]])
        mean, logvar = np.array([[0.3]]), np.array([[-0.5]])
        loss = elbo_ref.negative_elbo_categorical(labels, logits, mean, logvar, reduction="mean")
        kl = elbo_ref.kl_standard_normal(mean, logvar)
        assert np.isclose(loss, kl[0] - elbo_ref.categorical_log_likelihood_logits(labels[0], logits[0]))
        """,
    "objectives.negative_elbo_continuous_bernoulli": """
        x, logits_x = np.array([[0.7, 0.2]]), np.array([[1.0, -1.0]])
        mean, logvar = np.array([[0.3]]), np.array([[-0.5]])
        loss = elbo_ref.negative_elbo_continuous_bernoulli(x, logits_x, mean, logvar, reduction="mean")
        kl = elbo_ref.kl_standard_normal(mean, logvar)
        assert np.isclose(loss, kl[0] - elbo_ref.continuous_bernoulli_log_likelihood_logits(x, logits_x)[0])
        """,
    "objectives.negative_elbo_discretized_logistic": """
        x, mean_x, logscale_x = np.array([[0.2, 0.8]]), np.array([[0.25, 0.7]]), np.array([[-3.0, -3.0]])
        mean, logvar = np.array([[0.3]]), np.array([[-0.5]])
        loss = elbo_ref.negative_elbo_discretized_logistic(x, mean_x, logscale_x, mean, logvar, reduction="mean")
        kl = elbo_ref.kl_standard_normal(mean, logvar)
        assert np.isclose(loss, kl[0] - elbo_ref.discretized_logistic_log_likelihood(x, mean_x, logscale_x)[0])
        """,
    "objectives.negative_elbo_sigma": """
        x, mean_x = np.array([[1.0, 0.0]]), np.array([[0.9, 0.2]])
        mean, logvar = np.array([[0.3]]), np.array([[-0.5]])
        loss = elbo_ref.negative_elbo_sigma(x, mean_x, mean, logvar, reduction="mean")
        best = np.mean((x - mean_x) ** 2)
        assert np.isclose(loss, elbo_ref.negative_elbo_gaussian(x, mean_x, best, mean, logvar, reduction="mean"))
        """,
    "low_rank.kl_low_rank_normal": """
        mean, factor, std = np.array([0.5, 0.0]), np.array([[0.6], [0.3]]), np.array([0.5, 1.0])
        kl = elbo_ref.kl_low_rank_normal(mean, factor, std)
        cov = np.diag(std**2) + factor @ factor.T
        assert np.isclose(kl, elbo_ref.kl_mvn(mean, cov, np.zeros(2), np.eye(2)))
        """,
    "low_rank.log_normal_low_rank": """
        factor, std = np.array([[0.6], [0.3]]), np.array([0.5, 1.0])
        log_density = elbo_ref.log_normal_low_rank(np.zeros(2), np.zeros(2), factor, std)
        cov = np.diag(std**2) + factor @ factor.T
        assert np.isclose(log_density, -np.log(2 * np.pi) - np.log(np.linalg.det(cov)) / 2)
        """,
    "mixtures.mixture_log_density": """
        weights, mean, std = np.array([0.5, 0.5]), np.array([[-1.0], [1.0]]), np.ones((2, 1))
        log_density = elbo_ref.mixture_log_density(np.array([0.0]), weights, mean, std)
        assert np.isclose(log_density, elbo_ref.normal_log_density(0.0, 1.0, 1.0))  # by symmetry
        """,
    "mixtures.kl_mixture_bounds": """
        weights, mean, std = np.array([0.5, 0.5]), np.array([[-1.0], [1.0]]), np.ones((2, 1))
        bounds = elbo_ref.kl_mixture_bounds(weights, mean, std, np.array([1.0]), np.zeros((1, 1)), np.ones((1, 1)))
        lower, upper = bounds
        assert lower < upper
        """,
    "estimators.log_normal_diag_held": """
        held = elbo_ref.log_normal_diag_held(np.zeros(3), np.zeros(3), np.ones(3))
        assert held == elbo_ref.log_normal_diag(np.zeros(3), np.zeros(3), np.ones(3))  # only gradients differ
        """,
    "importance.defensive_log_density": """
        log_q, log_p = np.log(0.1), np.log(0.4)
        log_density = elbo_ref.defensive_log_density(log_q, log_p, share=0.25)
        assert np.isclose(np.exp(log_density), 0.75 * 0.1 + 0.25 * 0.4)
        """,
    "importance.chi_bound": WEIGHTS + """\
upper = elbo_ref.chi_bound(log_weights)
assert upper > evidence
""",
    "importance.renyi_bound": WEIGHTS + """\
lower = elbo_ref.renyi_bound(log_weights, alpha=0.5)
elbo = elbo_ref.renyi_bound(log_weights, alpha=1.0)
assert elbo < lower < elbo_ref.iwae_bound(log_weights)
""",
    "importance.effective_sample_size": WEIGHTS + """\
count = elbo_ref.effective_sample_size(log_weights)
assert 1 < count < 1000
""",
    "importance.tail_index": WEIGHTS + """\
k = elbo_ref.tail_index(log_weights)
assert k < 0.5  # these weights are bounded
""",
    "minibatch.minibatch_surgery": """
        draw = np.random.default_rng(0)
        mean, std = draw.normal(size=(64, 2)), np.full((64, 2), 0.5)  # a batch of 64 of 1000 encoders
        z = mean + std * draw.normal(size=(64, 2))
        parts = elbo_ref.minibatch_surgery(z, mean, std, size=1000, estimator="mss")
        information = np.mean(parts.mutual_information)
        assert information < np.log(1000)
        """,
    "quadrature.expectation": """
        standard = quadrature.Density(lambda z: -z * z / 2 - math.log(2 * math.pi) / 2)
        fourth = quadrature.expectation(lambda z: z**4, standard)
        assert math.isclose(fourth, 3)
        """,
    "quadrature.entropy": """
        standard = quadrature.Density(lambda z: -z * z / 2 - math.log(2 * math.pi) / 2)
        h = quadrature.entropy(standard)
        assert math.isclose(h, (1 + math.log(2 * math.pi)) / 2)
        """,
    "quadrature.cross_entropy": """
        laplace = quadrature.Density(lambda z: -abs(z) - math.log(2), breaks=(0.0,))
        standard = quadrature.Density(lambda z: -z * z / 2 - math.log(2 * math.pi) / 2)
        h = quadrature.cross_entropy(laplace, standard)
        assert math.isclose(h, 1 + math.log(2 * math.pi) / 2)
        """,
    "quadrature.kl": """
        laplace = quadrature.Density(lambda z: -abs(z) - math.log(2), breaks=(0.0,))
        standard = quadrature.Density(lambda z: -z * z / 2 - math.log(2 * math.pi) / 2)
        kl = quadrature.kl(laplace, standard)
        assert math.isclose(kl, math.log(2 * math.pi) / 2 - math.log(2))
        """,
    "quadrature.log_evidence": """
        standard = quadrature.Density(lambda z: -z * z / 2 - math.log(2 * math.pi) / 2)
        evidence = quadrature.log_evidence(lambda z: min(z, 0) - math.log1p(math.exp(-abs(z))), standard)
        assert math.isclose(evidence, math.log(0.5))
        """,
    "quadrature.elbo": """
        standard = quadrature.Density(lambda z: -z * z / 2 - math.log(2 * math.pi) / 2)
        elbo = quadrature.elbo(lambda z: min(z, 0) - math.log1p(math.exp(-abs(z))), standard, standard)
        assert elbo < math.log(0.5)
        """,
    "quadrature.gap": """
        standard = quadrature.Density(lambda z: -z * z / 2 - math.log(2 * math.pi) / 2)
        decoder = lambda z: min(z, 0) - math.log1p(math.exp(-abs(z)))  # Bernoulli, at x = 1
        gap = quadrature.gap(decoder, standard, standard)
        assert math.isclose(gap + quadrature.elbo(decoder, standard, standard), math.log(0.5))
        """,
    "quadrature_torch.expectation": """
        q = quadrature.Normal(torch.tensor([0.0, 1.0]).double(), torch.tensor([1.0, 2.0]).double())  # two laws at once
        second = quadrature.expectation(lambda z: z**2, q).value
        assert torch.allclose(second, q.mean**2 + q.std**2)
        """,
    "quadrature_torch.log_evidence": """
        prior = quadrature.Normal(torch.tensor(0.0).double(), torch.tensor(1.0).double())
        evidence = quadrature.log_evidence(torch.nn.functional.logsigmoid, prior).value
        assert torch.isclose(evidence, torch.tensor(0.5).double().log())
        """,
    "quadrature_torch.kl": """
        q = quadrature.Normal(torch.tensor(0.5).double(), torch.tensor(1.0).double())
        p = quadrature.Normal(torch.tensor(0.0).double(), torch.tensor(1.0).double())
        kl = quadrature.kl(q, p).value
        assert abs(kl - 0.125) < 1e-9
        """,
    "quadrature_torch.elbo": """
        prior = quadrature.Normal(torch.tensor(0.0).double(), torch.tensor(1.0).double())
        elbo = quadrature.elbo(torch.nn.functional.logsigmoid, prior, prior).value
        assert elbo < torch.tensor(0.5).log()
        """,
    "quadrature_torch.gap": """
        prior = quadrature.Normal(torch.tensor(0.0).double(), torch.tensor(1.0).double())
        gap = quadrature.gap(torch.nn.functional.logsigmoid, prior, prior).value
        elbo = quadrature.elbo(torch.nn.functional.logsigmoid, prior, prior).value
        assert torch.isclose(elbo + gap, torch.tensor(0.5).double().log())
        """,
    "certified.models.log_evidence": """
        decoder = certified.bernoulli_decoder(1)
        evidence = certified.log_evidence(decoder).decimal(20)
        assert evidence == "-0.69314718055994530942"  # log(1 / 2)
        """,
    "certified.models.reconstruction": """
        reconstruction = certified.reconstruction(certified.bernoulli_decoder(1), 0, 1).decimal(20)
        assert float(reconstruction) < -0.6931
        """,
    "certified.models.kl_gaussian": """
        kl = certified.kl_gaussian(0, 4, 0, 1).decimal(20)
        assert kl.startswith("0.80685281944")  # 3 / 2 - log 2
        """,
    "certified.models.elbo": """
        elbo = certified.elbo(certified.bernoulli_decoder(1), 0, 1).decimal(20)
        assert float(elbo) < -0.6931
        """,
    "certified.models.gap": """
        gap = certified.gap(certified.bernoulli_decoder(1), 0, 1).decimal(15)
        assert float(gap) > 0
        """,
    "certified.decoders.gaussian_decoder": """
        evidence = certified.log_evidence(certified.gaussian_decoder(1, var_noise=1)).decimal(20)
        assert evidence.startswith("-1.515512")  # log N(1; 0, 2)
        """,
    "certified.decoders.bernoulli_decoder": """
        evidence = certified.log_evidence(certified.bernoulli_decoder(1, weight=2, bias=1)).decimal(20)
        assert float(evidence) < 0
        """,
    "certified.decoders.tanh_decoder": """
        evidence = certified.log_evidence(certified.tanh_decoder(1), digits=15).decimal(15)
        assert float(evidence) < 0
        """,
    "certified.mixtures.kl_mixtures": """
        kl = certified.kl_mixtures([1], [0], [1], ["1/2", "1/2"], [-1, 1], [1, 1], digits=15).decimal(15)
        assert float(kl) > 0
        """,
    "certified.laplace.kl_laplace": """
        kl = certified.kl_laplace(0, 1, 0, 2).decimal(20)
        assert kl.startswith("0.19314718")  # log 2 - 1 / 2
        """,
    "certified.surgery.elbo_surgery": """
        parts = certified.elbo_surgery([-1, 1], [1, 1])
        information = parts.mutual_information.decimal(10)
        assert 0 < float(information) < 0.6932
        """,
    "certified.plane.log_evidence_plane": """
        seen = [(certified.bernoulli_decoder(1), 1, 0), (certified.bernoulli_decoder(0), 0, 1)]  # each of its own latent
        evidence = certified.log_evidence_plane(seen).decimal(12)
        assert evidence.startswith("-1.38629436")  # log(1 / 4)
        """,
    "certified.plane.elbo_plane": """
        seen = [(certified.bernoulli_decoder(1), 1, 0), (certified.bernoulli_decoder(0), 0, 1)]  # each of its own latent
        elbo = certified.elbo_plane(seen, [0, 0], [1, 1]).decimal(12)
        assert float(elbo) < -1.3863
        """,
}  # fmt: skip

_SETUPS = {"quadrature": QUADRATURE, "quadrature_torch": TORCH, "certified": CERTIFIED}


@functools.cache
def example(path: str) -> str:
    """The example of a function, by its path below `elbo_ref`, with its numbers; empty if it has none."""
    if path not in _PROGRAMS:
        return ""
    setup = _SETUPS.get(path.partition(".")[0], LIBRARY)
    return annotated(f"{setup}\n\n{textwrap.dedent(_PROGRAMS[path]).strip()}", f"the example of {path}")


def paths() -> list[str]:
    """The functions that have one."""
    return list(_PROGRAMS)
