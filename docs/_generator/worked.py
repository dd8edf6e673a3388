"""Programs that pages include by name, run while the site is built, each with the numbers that came out of it."""

from docs._generator import symptoms
from docs._generator.run import annotated

PROGRAMS = {
    "point-mass": """
        import numpy as np
        import elbo_ref

        joint = np.array([1 / 4, 1 / 8])  # p(x, z) at the two values of z, for the x that was seen
        log_evidence = np.log(joint.sum())
        # q puts everything on the better value: E log p(x, z) is one logarithm, E log q is 0.
        elbo = np.log(joint[0])
        posterior = joint / joint.sum()
        gap = elbo_ref.kl_categorical(np.array([1.0, 0.0]), posterior)
        assert elbo < log_evidence
        assert np.isclose(log_evidence - elbo, gap) and np.isclose(gap, -np.log(posterior[0]))
        """,
    "narrow-gaussian": """
        import numpy as np
        import elbo_ref

        model = dict(weight=1.0, bias=0.0, var_noise=0.5, mean_prior=0.0, var_prior=1.0)
        log_evidence = elbo_ref.linear_gaussian_log_evidence(1.0, **model)
        var_q = np.array([1 / 3, 1e-2, 1e-4, 1e-6])
        elbo = elbo_ref.linear_gaussian_elbo(1.0, 2 / 3, var_q, **model)
        fall = elbo[:-1] - elbo[1:]
        assert np.isclose(elbo[0], log_evidence)  # the posterior itself
        assert np.allclose(fall[1:], np.log(10), atol=0.02)  # each hundredth of the variance costs log 10
        """,
    "elbo-at-one": """
        import numpy as np
        import elbo_ref

        model = dict(weight=1.0, bias=0.0, var_noise=0.5, mean_prior=0.0, var_prior=1.0)
        mean_q, var_q = 1 / 1.5, 0.33
        reconstruction = elbo_ref.linear_gaussian_reconstruction(1.0, mean_q, var_q, 1.0, 0.0, 0.5)
        divergence = elbo_ref.kl_normal(mean_q, var_q**0.5, 0.0, 1.0)
        elbo = reconstruction - divergence
        log_evidence = elbo_ref.linear_gaussian_log_evidence(1.0, **model)
        gap = elbo_ref.linear_gaussian_gap(1.0, mean_q, var_q, **model)
        assert np.isclose(elbo, np.log(33 / (100 * np.pi)) / 2 - 197 / 600)
        assert np.isclose(log_evidence, elbo + gap)
        """,
    "elbo-at-one-std": """
        import numpy as np
        import elbo_ref

        model = dict(weight=1.0, bias=0.0, var_noise=0.5**2, mean_prior=0.0, var_prior=1.0)
        elbo = elbo_ref.linear_gaussian_elbo(1.0, 1 / 1.5, 0.33**2, **model)
        log_evidence = elbo_ref.linear_gaussian_log_evidence(1.0, **model)
        gap = elbo_ref.linear_gaussian_gap(1.0, 1 / 1.5, 0.33**2, **model)
        assert np.isclose(gap, 2 / 45 - 911 / 4000 - np.log(1089 / 2000) / 2)
        assert np.isclose(log_evidence, elbo + gap)
        """,
    "a-step-too-long": """
        import numpy as np
        import elbo_ref

        x, mean_q, var_q = 1.0, 1.0, 1.0

        def elbo(weight):
            return elbo_ref.linear_gaussian_elbo(x, mean_q, var_q, weight, 0.0, 1.0, 0.0, 1.0)

        # The slope of the ELBO at weight 0.
        slope = mean_q * x
        before = elbo(0.0)
        short = elbo(0.5 * slope)
        too_long = elbo(2.0 * slope)
        assert too_long < before < short
        """,
    "em-climbs": """
        import numpy as np
        import elbo_ref

        x = np.array([-2.0, -1.0, 0.5, 3.0])
        model = dict(bias=0.0, var_noise=1.0, mean_prior=0.0, var_prior=1.0)
        weights = [0.1]
        for _ in range(3):
            weights.append(float(elbo_ref.linear_gaussian_em_step(x, weights[-1], **model)))
        slopes = np.asarray(weights)
        total = lambda weight: elbo_ref.linear_gaussian_log_evidence(x, weight, **model).sum()
        log_evidence = np.asarray([total(weight) for weight in weights])
        gains = np.diff(log_evidence)
        assert (gains > 0).all()
        """,
    "two-encoders": """
        import numpy as np
        import elbo_ref

        data, latent = 8, 2
        noise = np.random.default_rng(0).standard_normal((500, data, latent))
        angle = 2 * np.pi * np.arange(data) / data
        apart = 3 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        std = np.full((data, latent), 0.3)

        tells = elbo_ref.elbo_surgery(apart, std, noise)
        pays = tells.average_kl
        knows = tells.mutual_information.value
        ceiling = np.log(data)
        wasted = tells.marginal_kl.value

        silent = elbo_ref.elbo_surgery(np.zeros_like(apart), std, noise)
        pays_too = silent.average_kl
        knows_nothing = np.round(silent.mutual_information.value, 12)
        assert 0.99 * ceiling < knows <= ceiling + 1e-9
        assert np.isclose(tells.sampled_kl.value, knows + wasted)
        assert pays_too > 1 and knows_nothing == 0
        """,
    "vae-loss": """
        import numpy as np, torch
        import elbo_ref

        torch.manual_seed(0)
        x = torch.rand(16, 6, dtype=torch.float64)  # 16 examples, 6 pixels
        mean, logvar = torch.zeros(16, 2, dtype=torch.float64), torch.zeros(16, 2, dtype=torch.float64)
        decoder = torch.nn.Linear(2, 6, dtype=torch.float64)
        z = elbo_ref.reparameterize(mean, torch.exp(logvar / 2), torch.randn_like(mean))
        var_noise = torch.tensor(0.1, dtype=torch.float64)
        loss = elbo_ref.negative_elbo_gaussian(x, decoder(z), var_noise, mean, logvar, reduction="mean")
        loss.backward()

        law = torch.distributions.Normal(decoder(z), var_noise**0.5)
        # The codes are at the prior: there is no divergence to add.
        by_hand = -law.log_prob(x).sum(-1).mean()
        assert torch.isclose(loss, by_hand)
        """,
    "three-weights": """
        import numpy as np

        D, error = 784, 20.0  # pixels, and the summed squared error of one image
        loss = lambda var: error / (2 * var) + D / 2 * np.log(2 * np.pi * var)
        # The variance that a decoder would learn.
        best = error / D
        at_half = loss(0.5)
        at_best = loss(best)
        at_mean_reduction = loss(D / 2)
        std_of_mean_reduction = np.sqrt(D / 2)
        assert at_best < at_half < at_mean_reduction
        """,
}


def program(name: str) -> str:
    """One program with its numbers. KeyError if there is none of this name."""
    return annotated((PROGRAMS | symptoms.PROGRAMS)[name], name) + "\n"
