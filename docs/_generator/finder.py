"""Which formula do I need? A table of the functions by what they compute, of which laws, from what: with the theorem of each."""

import importlib
import inspect
import re
from functools import cache
from html import escape
from pathlib import Path
from typing import NamedTuple

from derivations._language.verdicts import Theorem
from derivations._reading.book import Book
from derivations._reading.printed import printed

REFERENCE = Path(__file__).parents[1] / "reference"


class Row(NamedTuple):
    """One way to a number: what is wanted, of which two laws, from which numbers, and the function by its path in `elbo_ref`."""

    wanted: str
    q: str
    p: str
    given: str
    function: str


KL, ENTROPY, CROSS, DENSITY = "KL divergence", "entropy", "cross-entropy", "log density"
EVIDENCE, ELBO, GAP, POSTERIOR = "log evidence", "ELBO", "gap", "posterior"
INFORMATION, LOSS, SURGERY, GRADIENT = "mutual information", "loss of a VAE", "ELBO surgery", "gradient"
GAUSS, DIAGONAL, FULL = "Gaussian, one dimension", "Gaussian, diagonal covariance", "Gaussian, full covariance"
LOW_RANK = "Gaussian, diagonal and low-rank covariance"
STANDARD, TABLE, COIN, ANY = "standard normal", "categorical", "Bernoulli", "any density"
LINEAR, MIXTURE, LAPLACE, ENCODERS = "linear-Gaussian model", "Gaussian mixture", "Laplace", "many Gaussian encoders"
STDS, LOGVAR, SAMPLES, EXACT = (
    "means and standard deviations",
    "mean and log-variance",
    "samples",
    "exact numbers, to any digits",
)
LOGS, MODEL = "the log density as a function", "the parameters of the model"

ROWS = (
    Row(KL, GAUSS, GAUSS, STDS, "gaussian.kl_normal"),
    Row(KL, DIAGONAL, DIAGONAL, STDS, "gaussian.kl_diag_normal"),
    Row(KL, DIAGONAL, STANDARD, LOGVAR, "gaussian.kl_standard_normal"),
    Row(KL, FULL, FULL, "means and covariance matrices", "gaussian.kl_mvn"),
    Row(KL, FULL, FULL, "means and Cholesky factors", "gaussian.kl_mvn_tril"),
    Row(KL, GAUSS, GAUSS, EXACT, "certified.models.kl_gaussian"),
    Row(KL, MIXTURE, MIXTURE, EXACT, "certified.mixtures.kl_mixtures"),
    Row(KL, LAPLACE, LAPLACE, EXACT, "certified.laplace.kl_laplace"),
    Row(KL, TABLE, TABLE, "probabilities", "discrete.kl_categorical"),
    Row(KL, TABLE, TABLE, "logits", "discrete.kl_categorical_logits"),
    Row(KL, TABLE, TABLE, "joint tables, of the conditional", "discrete.kl_conditional"),
    Row(KL, COIN, COIN, "probabilities", "discrete.kl_bernoulli"),
    Row(KL, COIN, COIN, "logits", "discrete.kl_bernoulli_logits"),
    Row(KL, ANY, ANY, LOGS, "quadrature.kl"),
    Row(KL, GAUSS, ANY, "tensors, thousands at once", "quadrature_torch.kl"),
    Row(KL, ANY, ANY, "samples of q: unbiased", "estimators.kl_estimator_log_ratio"),
    Row(KL, ANY, ANY, "samples of q: unbiased and never negative", "estimators.kl_estimator_bregman"),
    Row(KL, ANY, ANY, "samples of q: with the right gradient", "estimators.kl_estimator_half_square"),
    Row("Jensen-Shannon divergence", TABLE, TABLE, "probabilities", "discrete.jensen_shannon"),
    Row(ENTROPY, GAUSS, "", "standard deviation", "gaussian.entropy_normal"),
    Row(ENTROPY, FULL, "", "covariance matrix", "gaussian.entropy_mvn"),
    Row(ENTROPY, TABLE, "", "probabilities", "discrete.entropy"),
    Row(ENTROPY, TABLE, "", "a joint table, of the conditional", "discrete.conditional_entropy"),
    Row(ENTROPY, ANY, "", LOGS, "quadrature.entropy"),
    Row(CROSS, GAUSS, GAUSS, STDS, "gaussian.cross_entropy_normal"),
    Row(CROSS, TABLE, TABLE, "probabilities", "discrete.cross_entropy"),
    Row(CROSS, ANY, ANY, LOGS, "quadrature.cross_entropy"),
    Row(DENSITY, GAUSS, "", "mean and variance", "gaussian.normal_log_density"),
    Row(DENSITY, DIAGONAL, "", STDS, "estimators.log_normal_diag"),
    Row(DENSITY, ENCODERS, "", STDS, "surgery.aggregate_log_density"),
    Row("log likelihood", "Gaussian decoder", "", "observation and reconstruction", "likelihoods.gaussian_log_likelihood"),
    Row("log likelihood", "Bernoulli decoder", "", "observation and logits", "likelihoods.bernoulli_log_likelihood_logits"),
    Row("log likelihood", "continuous Bernoulli decoder", "", "grey pixels and logits", "likelihoods.continuous_bernoulli_log_likelihood_logits"),
    Row(LOSS, "Gaussian decoder", STANDARD, LOGVAR, "objectives.negative_elbo_gaussian"),
    Row(LOSS, "Bernoulli decoder", STANDARD, LOGVAR, "objectives.negative_elbo_bernoulli"),
    Row("log likelihood", "categorical decoder", "", "labels and logits", "likelihoods.categorical_log_likelihood_logits"),
    Row("log likelihood", "discretised logistic decoder", "", "pixels of so many levels", "likelihoods.discretized_logistic_log_likelihood"),
    Row(LOSS, "categorical decoder", STANDARD, LOGVAR, "objectives.negative_elbo_categorical"),
    Row(LOSS, "continuous Bernoulli decoder", STANDARD, LOGVAR, "objectives.negative_elbo_continuous_bernoulli"),
    Row(LOSS, "discretised logistic decoder", STANDARD, LOGVAR, "objectives.negative_elbo_discretized_logistic"),
    Row(LOSS, "Gaussian decoder of the best variance", STANDARD, LOGVAR, "objectives.negative_elbo_sigma"),
    Row(KL, LOW_RANK, DIAGONAL, "means, factor and standard deviations", "low_rank.kl_low_rank_normal"),
    Row(KL, MIXTURE, MIXTURE, "means and standard deviations: bounds", "mixtures.kl_mixture_bounds"),
    Row(DENSITY, LOW_RANK, "", "mean, factor and standard deviations", "low_rank.log_normal_low_rank"),
    Row(DENSITY, MIXTURE, "", "weights, means and standard deviations", "mixtures.mixture_log_density"),
    Row(DENSITY, DIAGONAL, "", "parameters held still, for a gradient that sticks the landing", "estimators.log_normal_diag_held"),
    Row(DENSITY, "a proposal and the prior, mixed", "", "both log densities", "importance.defensive_log_density"),
    Row(EVIDENCE, ANY, "", "importance weights: an upper bound", "importance.chi_bound"),
    Row(EVIDENCE, ANY, "", "importance weights: Renyi's bound", "importance.renyi_bound"),
    Row("trust in importance weights", ANY, "", "how many weights count", "importance.effective_sample_size"),
    Row("trust in importance weights", ANY, "", "how heavy their tail is", "importance.tail_index"),
    Row(SURGERY, ENCODERS, STANDARD, "a minibatch of samples", "minibatch.minibatch_surgery"),
    Row(EVIDENCE, LINEAR, "", MODEL, "linear_gaussian.linear_gaussian_log_evidence"),
    Row(EVIDENCE, ANY, "", LOGS, "quadrature.log_evidence"),
    Row(EVIDENCE, ANY, "", "tensors, thousands at once", "quadrature_torch.log_evidence"),
    Row(EVIDENCE, ANY, "", "importance weights: a bound", "estimators.iwae_bound"),
    Row(EVIDENCE, "Bernoulli, Gaussian or tanh decoder", "", EXACT, "certified.models.log_evidence"),
    Row(EVIDENCE, "two latents", "", EXACT, "certified.plane.log_evidence_plane"),
    Row(ELBO, LINEAR, "", MODEL, "linear_gaussian.linear_gaussian_elbo"),
    Row(ELBO, ANY, ANY, SAMPLES, "estimators.monte_carlo_elbo"),
    Row(ELBO, ANY, ANY, LOGS, "quadrature.elbo"),
    Row(ELBO, GAUSS, ANY, "tensors, thousands at once", "quadrature_torch.elbo"),
    Row(ELBO, "Bernoulli, Gaussian or tanh decoder", GAUSS, EXACT, "certified.models.elbo"),
    Row(ELBO, "two latents", "", EXACT, "certified.plane.elbo_plane"),
    Row("reconstruction term", LINEAR, "", MODEL, "linear_gaussian.linear_gaussian_reconstruction"),
    Row("reconstruction term", "Bernoulli, Gaussian or tanh decoder", GAUSS, EXACT, "certified.models.reconstruction"),
    Row(GAP, LINEAR, "", MODEL, "linear_gaussian.linear_gaussian_gap"),
    Row(GAP, ANY, ANY, LOGS, "quadrature.gap"),
    Row(GAP, "Bernoulli, Gaussian or tanh decoder", GAUSS, EXACT, "certified.models.gap"),
    Row(POSTERIOR, LINEAR, "", MODEL, "linear_gaussian.linear_gaussian_posterior"),
    Row(POSTERIOR, LINEAR, "", "and a weight on the divergence", "linear_gaussian.linear_gaussian_beta_posterior"),
    Row(INFORMATION, TABLE, "", "a joint table", "discrete.mutual_information"),
    Row(INFORMATION, LINEAR, "", MODEL, "linear_gaussian.linear_gaussian_mutual_information"),
    Row(SURGERY, TABLE, TABLE, "tables of encoder and prior", "surgery.elbo_surgery_table"),
    Row(SURGERY, ENCODERS, STANDARD, "means, standard deviations and noise", "surgery.elbo_surgery"),
    Row(SURGERY, ENCODERS, GAUSS, EXACT, "certified.surgery.elbo_surgery"),
    Row(SURGERY, ENCODERS, STANDARD, "split into total correlation", "surgery.total_correlation"),
    Row(GRADIENT, GAUSS, "", "the gradient of f and the noise", "estimators.reparameterized_gradient"),
    Row(GRADIENT, ANY, "", "values of f and the score", "estimators.score_function_gradient"),
    Row(GRADIENT, DIAGONAL, "", "importance weights", "estimators.doubly_reparameterized_gradient"),
    Row("score", GAUSS, "", STDS, "estimators.score_normal"),
    Row("sample", DIAGONAL, "", "standard normal noise", "estimators.reparameterize"),
    Row("EM step", LINEAR, "", MODEL, "linear_gaussian.linear_gaussian_em_step"),
)  # fmt: skip
CHOICES = {"wanted": "I want", "q": "of, or from", "p": "to", "given": "I have"}


def table(book: Book) -> str:
    """The rows, under filters that a script brings to life."""
    rows = "\n".join(_row(row, book) for row in ROWS)
    head = "<thead><tr><th>wanted</th><th>formula, and what proves it</th><th>function</th></tr></thead>"
    return f'{_filters()}\n\n<table class="finder" markdown="block">\n{head}\n<tbody markdown="block">\n{rows}\n</tbody>\n</table>\n'


def _filters() -> str:
    """Hidden until the script is there to work them."""
    selects = ""
    for field, words in CHOICES.items():
        offered = dict.fromkeys(choice for row in ROWS if (choice := getattr(row, field)))
        options = "".join(f"<option>{escape(choice)}</option>" for choice in offered)
        selects += f'<label>{words} <select name="{field}"><option value="">anything</option>{options}</select></label>'
    return f'<form class="choose" hidden>{selects}<output aria-live="polite"></output></form>'


def _row(row: Row, book: Book) -> str:
    theorem = book.named.get(licence(row.function))
    proved = "No theorem yet; its page says what it computes."
    if isinstance(theorem, Theorem):
        link = f"[{theorem.title}](../derivations/{theorem.module}.md#{theorem.name})"
        proved = f"${printed(theorem).latex}$<br>{link}"
    module, _, name = row.function.rpartition(".")
    law = f"{row.q} to {row.p}" if row.p else row.q
    cells = (
        f"**{row.wanted}**<br>{law}<br>from: {row.given}",
        proved,
        f"[`{name}`](../reference/{reference(module)}#elbo_ref.{row.function})",
    )
    data = " ".join(f'data-{field}="{escape(getattr(row, field))}"' for field in CHOICES)
    return (
        f'<tr {data} markdown="block">\n' + "\n".join(f'<td markdown="span">{cell}</td>' for cell in cells) + "\n</tr>"
    )


@cache
def reference(module: str) -> str:
    """The page of the reference that documents a module."""
    asked = re.compile(rf"^::: elbo_ref\.{re.escape(module)}$", re.MULTILINE)
    found = [p.name for p in sorted(REFERENCE.glob("*.md")) if asked.search(p.read_text(encoding="utf-8"))]
    if not found:
        raise LookupError(f"no page of docs/reference documents elbo_ref.{module}")
    return found[0]


def licence(path: str) -> str:
    """The first theorem that the docstring of a function names; "none" where it says that there is none yet."""
    module, _, name = path.rpartition(".")
    doc = inspect.getdoc(getattr(importlib.import_module(f"elbo_ref.{module}"), name)) or ""
    found = re.search(r"^Theorems?: (\w+)", doc, re.MULTILINE)
    if not found:
        raise LookupError(f"elbo_ref.{path} names no theorem in its docstring")
    return found[1]
