"""The checks of the page of symptoms, as programs that run while the site is built."""

PROGRAMS = {
    "loss-negative": """
        import torch
        import elbo_ref

        x = torch.full((1, 784), 0.5)
        mean, logvar = torch.zeros(1, 20), torch.zeros(1, 20)
        # A Gaussian decoder that is right to within 0.01, and its density at a pixel.
        density = float(elbo_ref.normal_log_density(x[0, 0], x[0, 0], torch.tensor(1e-4)).exp())
        sharp = elbo_ref.negative_elbo_gaussian(x, x, torch.tensor(1e-4), mean, logvar, reduction="mean")
        # A Bernoulli decoder, however good, is never below zero.
        pixels, logits = torch.ones(1, 784), torch.full((1, 784), 20.0)
        binary = elbo_ref.negative_elbo_bernoulli(pixels, logits, mean, logvar, reduction="mean")
        assert sharp < 0 <= binary and density > 1
        """,
    "kl-negative": """
        import numpy as np, torch
        import elbo_ref

        q, p = np.array([0.7, 0.2, 0.1]), np.array([0.2, 0.3, 0.5])
        right = elbo_ref.kl_categorical(q, p)
        # torch's kl_div(input, target) is KL(target || input), and wants the logarithm of the input.
        tq, tp = torch.tensor(q), torch.tensor(p)
        torch_right = torch.nn.functional.kl_div(tp.log(), tq, reduction="sum")
        no_logarithm = torch.nn.functional.kl_div(tp, tq, reduction="sum")
        # One sample of log q - log p is negative as often as not.
        one_sample = elbo_ref.kl_estimator_log_ratio(np.log(q[2]), np.log(p[2]))
        never_negative = elbo_ref.kl_estimator_bregman(np.log(q[2]), np.log(p[2]))
        assert np.isclose(torch_right, right) and right > 0
        assert no_logarithm < 0 and one_sample < 0 < never_negative
        """,
    "kl-zero": """
        import numpy as np
        import elbo_ref

        mean, logvar = np.array([[0.0, 1.5], [0.0, -1.5]]), np.array([[0.0, -3.0], [0.0, -3.0]])  # 2 data, 2 latents
        total = elbo_ref.kl_standard_normal(mean, logvar)
        # By latent dimension: the first has collapsed, the second is in use.
        each = np.mean([elbo_ref.kl_standard_normal(mean[:, [k]], logvar[:, [k]]) for k in range(2)], axis=1)
        assert each[0] == 0 < each[1] and np.isclose(each.sum(), total.mean())
        """,
    "nan": """
        import torch
        import elbo_ref

        x, logits = torch.tensor([[1.0, 0.0]]), torch.tensor([[-120.0, 200.0]])
        p = torch.sigmoid(logits)
        by_hand = -(x * p.log() + (1 - x) * (1 - p).log()).sum()
        on_logits = -elbo_ref.bernoulli_log_likelihood_logits(x, logits).sum()
        assert not torch.isfinite(by_hand) and on_logits == 320
        """,
    "elbo-above": """
        import numpy as np
        import elbo_ref

        model = dict(weight=1.0, bias=0.0, var_noise=0.5, mean_prior=0.0, var_prior=1.0)
        mean_q, var_q = 0.9, 0.2
        log_evidence = elbo_ref.linear_gaussian_log_evidence(1.0, **model)
        elbo = elbo_ref.linear_gaussian_elbo(1.0, mean_q, var_q, **model)
        reconstruction = elbo_ref.linear_gaussian_reconstruction(1.0, mean_q, var_q, 1.0, 0.0, 0.5)
        with_beta_one_tenth = reconstruction - 0.1 * (reconstruction - elbo)
        without_constant = elbo + 0.5 * np.log(2 * np.pi)
        assert elbo < log_evidence < min(with_beta_one_tenth, without_constant)
        """,
    "factor": """
        import math
        import torch
        import elbo_ref

        torch.manual_seed(0)
        B, D, K = 8, 784, 20  # batch, pixels, latent dimensions
        x, image = torch.rand(B, D), torch.rand(B, D)
        mean, logvar = torch.randn(B, K), torch.randn(B, K)
        kl = -0.5 * (1 + logvar - mean**2 - logvar.exp())
        mse = (x - image) ** 2
        means_everywhere = mse.mean() + kl.mean()

        def weighted(var, weight):  # the negative ELBO at this variance, without its constant, its KL weighted
            misfit = -elbo_ref.gaussian_log_likelihood(x, image, torch.tensor(var)).mean()
            constant = D / 2 * math.log(2 * math.pi * var)
            return misfit - constant + weight * elbo_ref.kl_standard_normal(mean, logvar).mean()

        # The weight that the means have put on the KL, at two variances, and the variance at which it is one.
        at_half = D / (2 * 0.5 * K)
        at_one = D / (2 * 1.0 * K)
        var_of_weight_one = D / (2 * K)
        for var, weight in (0.5, at_half), (1.0, at_one), (var_of_weight_one, 1.0):
            assert torch.isclose(D / (2 * var) * means_everywhere, weighted(var, weight))
        right = mse.sum() / B + kl.sum() / B
        assert torch.isclose(right, weighted(0.5, 1.0))
        """,
    "blurred": """
        import numpy as np
        import elbo_ref

        # Two equally likely images share a code: one black pixel, one white.
        images = np.array([0.0, 1.0])
        decoded = np.linspace(0, 1, 101)
        loss = ((images[:, None] - decoded) ** 2).mean(axis=0)
        best = decoded[loss.argmin()]
        assert best == 0.5
        """,
    "too-good": """
        import numpy as np
        import elbo_ref

        nats, D = 86.0, 784  # a negative ELBO of one image
        bits_a_dimension = nats / np.log(2) / D
        # The same weights, averaged before the logarithm: a larger bound, of the same model.
        log_weights = np.array([-88.0, -86.5, -84.0, -87.0, -86.0])
        elbo = log_weights.mean()
        iwae = elbo_ref.iwae_bound(log_weights)
        # What leaving out the constant of a Gaussian decoder is worth.
        constant = D / 2 * np.log(2 * np.pi)
        assert elbo < iwae
        assert np.isclose(constant, -elbo_ref.gaussian_log_likelihood(np.zeros(D), np.zeros(D), np.array(1.0)))
        """,
    "validation": """
        import numpy as np
        import elbo_ref

        model = dict(weight=1.0, bias=0.0, var_noise=0.5, mean_prior=0.0, var_prior=1.0)
        x = np.array([1.0, -2.5])  # one datum that was trained on, a new one
        mean_q = np.array([2 / 3, -1.0])  # the encoder is the posterior on the first
        elbo = elbo_ref.linear_gaussian_elbo(x, mean_q, 1 / 3, **model)
        log_evidence = elbo_ref.linear_gaussian_log_evidence(x, **model)
        gap = elbo_ref.linear_gaussian_gap(x, mean_q, 1 / 3, **model)
        assert np.allclose(log_evidence - elbo, gap) and abs(gap[0]) < 1e-12 and gap[1] > 0.5
        """,
}
