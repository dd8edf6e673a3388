"""Every page in a real browser, light and dark, on a phone and on a desk."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.site.conftest import DESK, PAGES, PHONE, in_a_browser, with_a_site

RAW_TEX = re.compile(r"\\(?:frac|mathbb|mathrm|mathcal|left|right|log|int|mid|sigma|mu)\b|\$|\\\(|\\\[")

pytestmark = with_a_site


WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa")
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
