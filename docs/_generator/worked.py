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
        encoder = torch.nn.Linear(6, 4, dtype=torch.float64)
        decoder = torch.nn.Linear(2, 6, dtype=torch.float64)
        mean, logvar = encoder(x).chunk(2, dim=-1)
        z = elbo_ref.reparameterize(mean, logvar=logvar, noise=torch.randn_like(mean))
        var_noise = torch.tensor(0.1, dtype=torch.float64)
        loss = elbo_ref.negative_elbo_gaussian(x, decoder(z), var_noise, mean, logvar, reduction="mean")
        loss.backward()

        likelihood = torch.distributions.Normal(decoder(z), var_noise**0.5)
        reconstruction = -likelihood.log_prob(x).sum(-1).mean()
        code, prior = torch.distributions.Normal(mean, torch.exp(logvar / 2)), torch.distributions.Normal(0.0, 1.0)
        kl = torch.distributions.kl_divergence(code, prior).sum(-1).mean()
        by_hand = reconstruction + kl
        assert torch.isclose(loss, by_hand) and kl > 0.1
        """,
    "loss-of-the-second-document": """
        import torch
        import torch.nn.functional as F
        import elbo_ref

        def loss_of(probability, pixels, mean, logvar, weight=1.0):
            # Cross-entropy plus weighted divergence, both summed over everything, as the second document codes it.
            misfit = F.binary_cross_entropy(probability, pixels, reduction="sum")
            divergence = -0.5 * torch.sum(1 + logvar - mean**2 - logvar.exp())
            return misfit + weight * divergence, misfit, divergence

        torch.manual_seed(0)
        pixels = torch.bernoulli(torch.full((4, 6), 0.5, dtype=torch.float64))
        logits, mean, logvar = (torch.randn(4, width, dtype=torch.float64) for width in (6, 2, 2))
        loss, misfit, divergence = loss_of(torch.sigmoid(logits), pixels, mean, logvar)
        ours = elbo_ref.negative_elbo_bernoulli(pixels, logits, mean, logvar, reduction="sum")
        assert torch.isclose(loss, ours)
        doubled = loss_of(torch.sigmoid(logits), pixels, mean, logvar, weight=2.0)[0]
        # With a weight of two it is off by one divergence: no negative ELBO of this model and encoder.
        off = doubled - ours
        assert torch.isclose(off, divergence) and divergence > 0
        """,
    "model-of-the-fifth-document": """
        import torch
        import torch.nn.functional as F
        import elbo_ref
        from torch import nn

        class Encoder(nn.Module):
            # One hidden layer, and a head each for the means and the log-variances.

            def __init__(self, pixels, hidden, codes):
                super().__init__()
                self.first, self.mean, self.logvar = nn.Linear(pixels, hidden), nn.Linear(hidden, codes), nn.Linear(hidden, codes)

            def forward(self, x):
                h = F.relu(self.first(x))
                return self.mean(h), self.logvar(h)

        class Decoder(nn.Module):
            # One hidden layer, then a probability for each pixel.

            def __init__(self, codes, hidden, pixels):
                super().__init__()
                self.first, self.last = nn.Linear(codes, hidden), nn.Linear(hidden, pixels)

            def logits(self, z):
                return self.last(F.relu(self.first(z)))

            def forward(self, z):
                return torch.sigmoid(self.logits(z))

        def elbo_of(x, probability, mean, logvar):
            misfit = F.binary_cross_entropy(probability, x, reduction="sum")
            divergence = -0.5 * torch.sum(1 + logvar - mean**2 - logvar.exp())
            return -(misfit + divergence), misfit, divergence

        torch.manual_seed(0)
        encoder, decoder = Encoder(784, 400, 20).double(), Decoder(20, 400, 784).double()
        parameters = sum(p.numel() for part in (encoder, decoder) for p in part.parameters())
        assert parameters == 652_824
        x = torch.bernoulli(torch.rand(128, 784, dtype=torch.float64))
        mean, logvar = encoder(x)
        z = mean + torch.exp(0.5 * logvar) * torch.randn_like(mean)
        probability = decoder(z)
        assert mean.shape == logvar.shape == z.shape == (128, 20) and probability.shape == (128, 784)
        assert 0 < probability.min() and probability.max() < 1
        elbo, misfit, divergence = elbo_of(x, probability, mean, logvar)
        ours = elbo_ref.negative_elbo_bernoulli(x, decoder.logits(z), mean, logvar, reduction="sum")
        assert torch.isclose(-elbo, ours)
        # The misfit is minus the log-likelihood of the one code drawn for each image, a positive number.
        log_likelihood = torch.distributions.Bernoulli(probability).log_prob(x).sum()
        assert torch.isclose(misfit, -log_likelihood) and misfit > 0 > log_likelihood
        (-elbo).backward()
        reached = all(p.grad is not None and p.grad.abs().sum() > 0 for p in encoder.parameters())
        assert reached
        """,
    "single-precision": """
        import torch
        import torch.nn.functional as F

        logits = torch.tensor([10.0, 17.0, 200.0, -200.0])  # float32
        probability = torch.sigmoid(logits)
        saturated = int((probability == 1).sum())
        assert saturated == 2  # 17 is enough: the open interval (0, 1) closes in single precision
        black = torch.zeros(4)
        through_probability = F.binary_cross_entropy(probability, black, reduction="none")
        from_logits = F.binary_cross_entropy_with_logits(logits, black, reduction="none")
        assert through_probability[2] == 100  # the logarithm of zero is clamped at -100
        assert from_logits[2] == 200
        slope = torch.autograd.functional.jacobian(
            lambda t: F.binary_cross_entropy(torch.sigmoid(t), torch.zeros(1), reduction="sum"), logits[2:3]
        )
        assert slope == 0  # and no gradient is left where the model is most wrong
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
    "gamma-rate-or-scale": """
        import math
        from elbo_ref.quadrature import Density, kl

        def gamma(shape, rate):
            constant = shape * math.log(rate) - math.lgamma(shape)
            log_density = lambda z: constant + (shape - 1) * math.log(z) - rate * z if z > 0 else -math.inf
            return Density(log_density, location=shape / rate, scale=math.sqrt(shape) / rate, support=(0.0, math.inf))

        # Shapes 2 and 1.5, rates 3 and 0.5.
        rates = kl(gamma(2.0, 3.0), gamma(1.5, 0.5))
        # The same numbers taken for scales.
        scales = kl(gamma(2.0, 1 / 3.0), gamma(1.5, 1 / 0.5))
        assert abs(rates - scales) > 1
        """,
    "kumaraswamy": """
        import math
        from scipy.integrate import quad
        from scipy.special import beta, digamma

        a, b, p_a, p_b = 0.5, 0.1, 1.0, 5.0

        def log_ratio(v):
            # The sample is z = (1 - s)^(1/a), where s = v^(1/b) and v is uniform.
            log_s = math.log(v) / b
            log_z = math.log1p(-math.exp(log_s)) / a
            log_rest = log_s + math.log(2 - math.exp(log_s))  # log(1 - z): for a = 1/2 it is s (2 - s)
            log_q = math.log(a * b) + (a - 1) * log_z + (b - 1) * log_s
            return log_q + math.log(beta(p_a, p_b)) - (p_a - 1) * log_z - (p_b - 1) * log_rest

        found = quad(log_ratio, 0, 1, limit=200)  # and an estimate of its error
        right = found[0]
        series = sum(beta(m / a, b) / (m + a * b) for m in range(1, 11))
        rest = (a - p_a) / a * (-0.5772156649015329 - digamma(b) - 1 / b) + math.log(a * b) + math.log(beta(p_a, p_b))
        ten_terms = rest - (b - 1) / b + (p_b - 1) * b * series
        assert found[1] < 1e-6 and abs(right - 41.988994) < 1e-5 and ten_terms < right - 20
        """,
} | symptoms.PROGRAMS


def program(name: str) -> str:
    """One program with its numbers. KeyError if there is none of this name."""
    return annotated(PROGRAMS[name], name) + "\n"
