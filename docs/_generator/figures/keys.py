"""The titles of the pictures, the derivations that show them, and what their lines mean: how a line looks, and words with TeX between dollar signs."""

TITLES = {
    "exercise": "One observation x of a Gaussian: the log evidence is the ELBO plus the gap",
    "forward-reverse": "One Gaussian fitted to two modes, in both directions of the divergence",
    "surgery": "ELBO surgery: the average divergence splits in two",
    "elbo-step": "A step of the model that raises the ELBO and lowers the likelihood",
    "iwae": "Importance-weighted bounds climb towards the log evidence",
    "rate-distortion": "A linear VAE at its optimum: directions collapse one after the other",
    "gradient-variance": "The variance of two gradient estimators",
}

SHOWN_WITH = {  # derivation: the picture that shows what its headline says
    "evidence_decomposition": "exercise",
    "exercise_linear_gaussian": "exercise",
    "forward_reverse_kl": "forward-reverse",
    "gaussian_between_modes": "forward-reverse",
    "elbo_surgery": "surgery",
    "elbo_ascent_fails": "elbo-step",
    "iwae_bound": "iwae",
    "linear_vae": "rate-distortion",
    "rate_distortion": "rate-distortion",
    "gradient_variance": "gradient-variance",
}

KEYS = {
    "exercise": (
        ("grey dash", r"prior $p(z) = \mathcal N(0, 1)$"),
        ("green dot", r"likelihood $p(x \mid z) = \mathcal N(x;\, z, \tfrac12)$, as a function of $z$"),
        ("blue thick", r"posterior $p(z \mid x) = \mathcal N(\tfrac23 x, \tfrac13)$"),
        ("orange dashdot", r"$q(z)$"),
    ),
    "forward-reverse": (
        ("area grey", r"target $p = \tfrac12 \mathcal N(-a, 1) + \tfrac12 \mathcal N(a, 1)$"),
        ("blue dash", r"forward fit, least $D_{\mathrm{KL}}(p \,\|\, q)$"),
        ("orange dashdot thick", r"reverse fit, least $D_{\mathrm{KL}}(q \,\|\, p)$, and its mirror image"),
        ("orange", "optima of the reverse divergence"),
        ("red dot", "saddle between them"),
        ("full", "the best optimum"),
        ("hollow", "an optimum that is only local"),
    ),
    "surgery": (
        ("grey dash", r"prior $p(z) = \mathcal N(0, 1)$"),
        ("orange thin", r"$q(z \mid n) / N$, one for each encoder"),
        ("blue thick", r"aggregate $q(z)$, their sum"),
    ),
    "elbo-step": (
        ("hollow", "before the step"),
        ("full", "after it"),
        ("orange", "masses with the ELBO of the start: larger above"),
        ("blue dash", r"masses with the $\log p(x)$ of the start: larger above"),
        ("area red", r"here the ELBO is larger and $\log p(x)$ smaller"),
    ),
    "iwae": (
        ("blue thick", r"posterior $p(z \mid x)$"),
        ("orange dashdot", r"$q(z)$"),
        ("blue", r"$\log p(x)$"),
        ("grey dash", r"the ELBO, $\mathcal L_1$"),
        ("hollow", r"$\mathcal L_K$"),
        ("full", r"$\mathcal L_K$ at the chosen $K$"),
    ),
    "rate-distortion": (
        ("blue", "direction of variance 4"),
        ("orange dash", "variance 1.5"),
        ("green dashdot", "variance 0.5"),
        ("blue thick", r"optima for all $\beta$, at this decoder variance"),
        ("grey dash", r"equal $D + \beta R$"),
        ("full", "the present optimum"),
    ),
    "gradient-variance": (
        ("red", r"score function, $f(z)\,(z - \mu)/\sigma^2$"),
        ("orange dash", "the same with the best constant baseline"),
        ("blue dashdot", r"pathwise, $f'(\mu + \sigma\varepsilon)$"),
        ("full", "at the present setting"),
    ),
}
