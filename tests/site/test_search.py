"""What people type finds its page: the first hit of the site's own search, in a real browser.

A few queries are typed. The others go through the site's scripts to a worker like the page's own, with the same index: no
list of hits has to be drawn for each.
"""

import re
from collections.abc import Iterable

import pytest
from playwright.sync_api import Page, expect

from derivations._language import chapters
from tests.site.conftest import DESK, in_a_browser, with_a_site

pytestmark = [in_a_browser, pytest.mark.browser, with_a_site]
# What is typed, and the pages of which one has to come first.
QUERIES = """
evidence lower bound proof | derivations/evidence_decomposition
evidence lower bound | guide/elbo derivations/evidence_decomposition
reparameterization trick | derivations/reparameterization
reparametrization trick | derivations/reparameterization
iwae | derivations/iwae_bound
importance weighted autoencoder | derivations/iwae_bound
log variance | derivations/reparameterization derivations/gaussian_kl_diagonal
logvar | derivations/reparameterization derivations/gaussian_kl_diagonal
aggregate posterior | derivations/elbo_surgery
aggregated posterior | derivations/elbo_surgery
elbo surgery | derivations/elbo_surgery
mutual information elbo | derivations/elbo_surgery derivations/information_bounds
mutual information | derivations/mutual_information
jensen inequality | derivations/jensen
jensen's inequality | derivations/jensen
why is kl negative | derivations/gibbs guide/symptoms
kl negative | guide/symptoms derivations/gibbs
beta-vae | derivations/beta_vae
beta vae | derivations/beta_vae
elbo > log likelihood | derivations/gap guide/symptoms
free energy | derivations/evidence_decomposition guide/elbo
variational free energy | guide/elbo derivations/evidence_decomposition
kl annealing | derivations/beta_vae derivations/posterior_collapse
elbo | guide/elbo
what is the elbo | guide/elbo
kl_div pytorch | guide/conventions
kl divergence between two gaussians | derivations/gaussian_kl
kl two normals | derivations/gaussian_kl
kl multivariate gaussian | derivations/gaussian_kl_cholesky
kl standard normal | derivations/gaussian_kl_diagonal reference/gaussian
posterior collapse | derivations/posterior_collapse
mean field | derivations/mean_field_gaussian
mode seeking | derivations/forward_reverse_kl derivations/reverse_kl_modes derivations/mean_field_modes
forward kl vs reverse kl | derivations/forward_reverse_kl
em algorithm | derivations/em
expectation maximization | derivations/em
reinforce | derivations/score_function
score function gradient | derivations/score_function
sticking the landing | derivations/elbo_gradient
dreg | derivations/doubly_reparameterized
probabilistic pca | derivations/linear_gaussian derivations/linear_vae
total correlation | derivations/total_correlation
beta-tcvae | derivations/total_correlation
normalizing flow | derivations/normalizing_flow
gumbel softmax | derivations/discontinuous_gradient guide/questions
binary cross entropy | derivations/bernoulli_likelihood
bce | derivations/bernoulli_likelihood
mse | derivations/gaussian_likelihood derivations/gaussian_vae_loss derivations/loss_weights
continuous bernoulli | derivations/continuous_bernoulli
rate distortion | derivations/rate_distortion
amortization gap | derivations/variational_family
bayes theorem | derivations/bayes
marginal likelihood | derivations/bayes
vae loss | derivations/gaussian_vae_loss
negative elbo | derivations/loss_signs
kld_weight | derivations/gaussian_kl_batch derivations/loss_weights
batchmean | derivations/gaussian_kl_batch guide/conventions guide/questions
minibatch | derivations/dataset_objective
minibatch weighted sampling | derivations/minibatch_estimates
token | guide/questions derivations/kl_estimator_gradients
grpo | derivations/kl_estimator_gradients guide/questions
k3 estimator | derivations/monte_carlo_elbo derivations/kl_estimator_gradients
loss negative | guide/symptoms derivations/loss_signs
nan loss | guide/symptoms
blurry reconstructions | guide/symptoms
pinsker | derivations/kl_not_a_metric
jensen-shannon | derivations/jensen_shannon
entropy of a gaussian | derivations/gaussian_kl derivations/gaussian_entropy_full
infonce | derivations/information_limits
information bottleneck | derivations/information_bottleneck
perplexity | guide/questions
diffusion timestep | guide/questions derivations/one_term_drawn
kumaraswamy | guide/questions
gamma kl | guide/questions
lda perplexity | guide/questions
sparse gp | guide/questions
KL divergence between Gaussians | derivations/gaussian_kl
is kl divergence a metric | derivations/kl_not_a_metric
kl between categorical distributions | reference/discrete
kl laplace | reference/certified
derive elbo with jensen | derivations/evidence_decomposition
tightness of the bound | derivations/gap
why is the posterior intractable | derivations/tractability
mean field approximation underestimates variance | derivations/mean_field_gaussian
linear vae | derivations/linear_vae
decoder ignores latent | derivations/posterior_collapse
kl warmup | derivations/beta_vae
can the elbo be positive | guide/elbo derivations/gap
pathwise gradient | derivations/pathwise_gradient
straight through estimator | derivations/discontinuous_gradient
effective sample size | derivations/effective_sample_size
renyi divergence | reference/importance
factor vae | derivations/total_correlation
overflow exp logvar | guide/symptoms
vae blurry | guide/symptoms derivations/generation
bits per dimension | guide/questions
ddpm loss | derivations/one_term_drawn
audit my loss | guide/loss
"""
PAIRS = [(typed.strip(), pages.split()) for typed, pages in (line.split("|") for line in QUERIES.strip().splitlines())]
TYPED = ["beta-vae", "why is kl negative"]
ANSWERED = re.compile("matching document|No matching")
FIRST = """() => document.querySelector(".md-search-result__item a")?.getAttribute("href") ?? "" """
# Before the site's own scripts, which wrap this in turn: the index, as the page sends it to its worker.
OVERHEARD = """
const { postMessage } = Worker.prototype;
Worker.prototype.postMessage = function (message, ...rest) {
  if (message?.type === 0) window.indexed = message;
  return postMessage.call(this, message, ...rest);
};
"""
ASKED = """queries => new Promise(resolve => {
  const { search } = JSON.parse(document.getElementById("__config").textContent);
  const worker = new Worker(new URL(search, location)), hits = [];
  worker.addEventListener("message", ({ data: { type, data } }) => {
    if (type === 1) return queries.forEach(typed => worker.postMessage({ type: 2, data: typed }));
    const [first = []] = data.items;
    hits.push(first.find(({ location }) => !location.includes("#"))?.location ?? "");
    if (hits.length === queries.length) resolve(hits);
  });
  worker.postMessage(indexed);
})"""


def first(page: Page, queries: Iterable[str]) -> dict[str, str]:
    """The address of the first hit of each query, as a worker like that of the page answers it."""
    asked = list(queries)
    return dict(zip(asked, page.evaluate(ASKED, asked), strict=True))


def first_shown(page: Page, typed: str) -> str:
    """The address of the first hit on the list, once the answer to what is typed is there."""
    box = page.locator(".md-search__input")
    box.fill("")
    box.press("End")  # the search listens to keys
    expect(page.locator(".md-search-result__meta")).to_have_text("Type to start searching")
    box.fill(typed)
    box.press("End")
    expect(page.locator(".md-search-result__meta")).to_have_text(ANSWERED)
    hits = [""] * 3  # the answer to the beginning of the query may still stand there
    while len(hits) < 100 and (hits[-1] != hits[-2] or hits[-2] != hits[-3] or not hits[-1]):
        page.wait_for_timeout(100)
        hits.append(page.evaluate(FIRST))
    return hits[-1].partition("?")[0].partition("#")[0]


def test_what_people_type_and_every_title_find_their_page_first(watched: Page) -> None:
    """In one visit: to read the index takes longer than all queries."""
    watched.set_viewport_size(DESK)
    watched.add_init_script(OVERHEARD)
    watched.goto("guide/verdicts/")
    watched.locator(".md-search__input").click()
    expect(watched.locator(".md-search-result__meta")).to_have_text("Type to start searching")

    titles = {name: chapters.page(name).partition("\n")[0].removeprefix("# ") for name in chapters.homes()}
    hits = first(watched, dict.fromkeys([*(typed for typed, _ in PAIRS), *titles.values()]))
    assert len(PAIRS) >= 60
    assert not {typed: hits[typed] for typed, pages in PAIRS if not hits[typed].strip("/").endswith(tuple(pages))}
    assert not {title: hits[title] for name, title in titles.items() if f"/{name}/" not in hits[title]}
    assert not {typed: shown for typed in TYPED if not (shown := first_shown(watched, typed)).endswith(hits[typed])}
