"""The built site: every link, and every page in a real browser, light and dark, on a phone and on a desk."""

import functools
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from derivations._language.chapters import verdicts
from derivations._language.verdicts import Remark
from tests.site.conftest import DESK, PHONE, SITE, in_a_browser, with_a_site

PAGES = [p.relative_to(SITE).as_posix().removesuffix("index.html") for p in sorted(SITE.rglob("index.html"))]
RAW_TEX = re.compile(r"\\(?:frac|mathbb|mathrm|mathcal|left|right|log|int|mid|sigma|mu)\b|\$|\\\(|\\\[")

pytestmark = with_a_site


# --- links -----------------------------------------------------------------------------------------------------------


# Most of a page are the spans of its formulas, which lead nowhere and are led to by nothing.
INERT = re.compile(r"<math.*?</math>|<span\b(?![^>]*\b(?:id|name|src)=)[^>]*>|</span>", re.DOTALL)


class Links(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.anchors: set[str] = set()
        self.feed(INERT.sub("", html))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.anchors |= {v for k in ("id", "name") if (v := given.get(k))}
        self.targets += [v for k in ("href", "src") if (v := given.get(k)) and given.get("rel") != "canonical"]


@functools.cache
def read(page: Path) -> Links:
    return Links(page.read_text())


def test_the_site_is_there():
    assert PAGES, "no site: run `make site`"


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page):
    here = SITE / page / "index.html"
    broken = []
    for target in read(here).targets:
        url = urlsplit(target)
        if url.scheme or url.netloc:
            continue
        there = (here.parent / unquote(url.path)).resolve() if url.path else here
        there = there / "index.html" if there.is_dir() else there
        anchor = unquote(url.fragment)
        if (
            not there.is_relative_to(SITE.resolve())
            or not there.exists()
            or (anchor and there.suffix == ".html" and anchor not in read(there).anchors)
        ):
            broken.append(target)
    assert broken == []


def test_every_verdict_has_its_place():
    for verdict in (v for v in verdicts() if not isinstance(v, Remark)):
        assert verdict.name in read(SITE / "derivations" / verdict.module / "index.html").anchors


# --- the browser -----------------------------------------------------------------------------------------------------


WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa")
SETTLED = 800  # milliseconds after which the results of a search no longer change
LOOKS = ("color-contrast", "scrollable-region-focusable")  # what another width or scheme can change


def _violations(page: Page, *rules: str) -> list[str]:
    """What axe finds against WCAG 2.1 AA, or against single rules of it."""
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": WCAG}
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    # What is in order is not reported: to name each such element takes longer than to look at it.
    options = {"runOnly": only, "resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(options).then(all => all.violations)", options)
    return [f"{v['id']}: {n['target']} {n['failureSummary']}" for v in found for n in v["nodes"]]


@in_a_browser
@pytest.mark.browser
@pytest.mark.parametrize("url", PAGES)
def test_a_page_in_the_browser(visited, url):
    visited.set_viewport_size(PHONE)
    visited.emulate_media(color_scheme="light")
    visited.goto(url)
    visited.add_style_tag(content="* { transition: none !important }")  # axe measures colours, some half faded in
    visited.wait_for_function("document.fonts.status === 'loaded'")
    visited.wait_for_function(f"document.documentElement.scrollWidth <= {PHONE['width']}")
    assert visited.locator(".katex-error").count() == 0
    assert not (raw := RAW_TEX.search(_words(visited))), raw
    visited.set_viewport_size(DESK)
    _formulas_to_boxes(visited)
    assert _violations(visited) == []
    visited.emulate_media(color_scheme="dark")
    visited.set_viewport_size(PHONE)
    expect(visited.locator("body")).to_have_attribute("data-md-color-scheme", "slate")
    assert _violations(visited, *LOOKS) == []


def _formulas_to_boxes(page: Page) -> None:
    """Put an empty box of the same size for each formula: axe would walk through thousands of hidden spans."""
    page.evaluate("""() => {
        const formulas = [...document.querySelectorAll(".katex")];
        const sizes = formulas.map(formula => formula.getBoundingClientRect());
        formulas.forEach((formula, i) => {
            formula.replaceChildren();
            formula.style = `display: inline-block; width: ${sizes[i].width}px; height: ${sizes[i].height}px`;
        });
    }""")


def _words(page: Page) -> str:
    """The text that a reader sees, without formulas and code."""
    return str(
        page.evaluate("""() => {
        const main = document.querySelector("main").cloneNode(true);
        main.querySelectorAll(".katex, code, pre").forEach(e => e.remove());
        return main.textContent;
    }""")
    )


@in_a_browser
@pytest.mark.browser
def test_the_graph_can_be_walked_with_the_keyboard(watched):
    watched.goto("graph/", wait_until="networkidle")
    watched.locator(".graph a").first.focus()
    first = watched.evaluate("document.activeElement.getAttribute('href')")
    watched.keyboard.press("Tab")
    assert watched.evaluate("document.activeElement.getAttribute('href')") != first
    watched.keyboard.press("Enter")
    watched.wait_for_url("**/derivations/**")


@in_a_browser
@pytest.mark.browser
def test_the_ledger_can_be_filtered(watched):
    watched.goto("claims/", wait_until="networkidle")
    shown, every = watched.locator(".claim:visible"), watched.locator(".claim")
    expect(shown).to_have_count(all_claims := every.count())
    watched.get_by_label("verdict").select_option("refuted")
    expect(watched.locator("form.filters output")).to_have_text(f"{shown.count()} of {all_claims} claims")
    assert 0 < shown.count() < all_claims
    assert set(shown.evaluate_all("rows => rows.map(row => row.dataset.verdict)")) == {"refuted"}
    watched.get_by_label("document").select_option("001")
    few = shown.count()
    watched.reload(wait_until="networkidle")  # the choice is in the address
    expect(shown).to_have_count(few)
    assert set(shown.evaluate_all("rows => rows.map(row => row.id.slice(0, 9))")) == {"claim-001"}


@in_a_browser
@pytest.mark.browser
def test_a_statement_can_be_copied(watched):
    watched.context.grant_permissions(["clipboard-read", "clipboard-write"])
    watched.goto("derivations/gaussian_kl/", wait_until="networkidle")
    for words, found in (("TeX", r"D_{\mathrm{KL}}"), ("BibTeX", "@misc{elbo_ref_gaussian_kl,")):
        watched.get_by_role("button", name=words, exact=True).first.click()
        expect(watched.get_by_role("button", name="copied")).to_be_visible()
        assert found in watched.evaluate("navigator.clipboard.readText()")
        expect(watched.get_by_role("button", name="copied")).to_have_count(0)


@in_a_browser
@pytest.mark.browser
@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("KL divergence between Gaussians", "derivations/gaussian_kl"),
        ("VAE loss", "vae_loss"),
        ("posterior collapse", "derivations/posterior_collapse"),
        ("ELBO lower bound", "derivations/"),
        ("Jensen", "derivations/"),
    ],
)
def test_search_finds_the_page_first(watched, question, answer):
    watched.goto("", wait_until="networkidle")
    watched.keyboard.press("/")
    watched.keyboard.type(question)
    assert answer in _first_result(watched)


def _first_result(page: Page) -> str:
    """Where the first result leads, once it stays the same: results come while the question is still being typed."""
    first = page.locator(".md-search-result__link").first
    first.wait_for(state="visible")
    before, now = "", first.get_attribute("href") or ""
    while now != before:
        page.wait_for_timeout(SETTLED)
        before, now = now, first.get_attribute("href") or ""
    return now
