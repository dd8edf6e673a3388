"""What a page answers before one scrolls: the formula, its symbols, what it asks for, a call; and the shape of the gallery."""

import re

import pytest
from playwright.sync_api import Page, expect

from derivations._language.chapters import homes
from tests.site.conftest import DESK, PHONE, SITE, in_a_browser, with_a_site

pytestmark = with_a_site
GALLERY = "claims/refuted/"
SCREENS = 20


@pytest.mark.parametrize("name", homes())
def test_a_derivation_opens_with_its_statement(name: str) -> None:
    html = (SITE / "derivations" / name / "index.html").read_text(encoding="utf-8")
    opening = html[html.index("<h1") : html.index('class="symbols"')]
    assert opening.count("<h2") == 1 and "<p>" not in opening.partition('class="verdict')[0]
    assert "continuous</dt>" not in html  # the form that prints like the statement is not printed again


@in_a_browser
@pytest.mark.browser
def test_formula_symbols_and_call_are_on_the_first_screen(visited: Page) -> None:
    visited.goto("derivations/gaussian_kl/", wait_until="networkidle")
    for size in (DESK, PHONE):
        visited.set_viewport_size(size)
        for selector in (".statement", ".legend", ".highlight"):
            top = visited.locator(f"main {selector}").first.bounding_box()
            assert top and top["y"] < size["height"], (selector, size)


@in_a_browser
@pytest.mark.browser
def test_a_symbol_says_what_it_is_to_pointer_finger_and_keyboard(visited: Page) -> None:
    visited.goto("derivations/evidence_decomposition/", wait_until="networkidle")
    box = visited.locator(".verdict").first
    elbo, bubble = box.locator(".statement .enclosing").nth(1), box.locator(".meaning")
    for point in (elbo.hover, elbo.click):
        point()
        expect(bubble).to_have_text("the ELBO, the evidence lower bound")
        expect(box.locator(".legend dt.lit")).to_have_count(1)
        visited.mouse.move(0, 0)
        expect(bubble).to_be_hidden()
    box.locator(".legend dt").nth(1).focus()
    expect(elbo).to_have_class(re.compile("lit"))


@in_a_browser
@pytest.mark.browser
def test_a_closed_drawer_is_no_stop_of_the_keyboard(visited: Page) -> None:
    visited.set_viewport_size(PHONE)
    visited.goto("derivations/gaussian_kl/", wait_until="networkidle")
    side = visited.locator(".md-sidebar--primary")
    assert side.evaluate("side => side.inert")
    visited.locator("label.md-header__button[for=__drawer]").click()
    assert not side.evaluate("side => side.inert")


def test_the_gallery_prints_no_degenerate_average_and_raises_no_symbol() -> None:
    html = (SITE / GALLERY / "index.html").read_text(encoding="utf-8")
    assert r"\mathbb{E}_{1" not in html
    assert not re.search(r'class="label"[^>]*>[^<]*<(?:a|span)', html)  # a label is in capitals
    first, true = html.index("What costs people most"), html.count("True instead:")
    assert first < html.index("Also false") < html.index("Misprints")
    assert true == html.count("the claim, and where it fails") > 60


@in_a_browser
@pytest.mark.browser
def test_the_gallery_is_short(visited: Page) -> None:
    visited.set_viewport_size({"width": 1440, "height": 900})
    visited.goto(GALLERY, wait_until="networkidle")
    assert visited.evaluate("document.documentElement.scrollHeight") < SCREENS * 900


@in_a_browser
@pytest.mark.browser
def test_the_questions_of_the_front_page_are_above_the_fold(visited: Page) -> None:
    visited.set_viewport_size({"width": 1440, "height": 900})
    visited.goto("", wait_until="networkidle")
    last = visited.locator(".goto dd").last.bounding_box()
    assert last and last["y"] + last["height"] < 900
    tip = visited.locator(".term .tip").first
    expect(tip).to_be_hidden()
    visited.locator(".term").first.focus()
    expect(tip).to_be_visible()


@in_a_browser
@pytest.mark.browser
@pytest.mark.parametrize(("screen", "scheme"), [("dark", "slate"), ("light", "default")])
def test_a_first_visit_has_the_colours_of_the_screen_before_the_theme_has_loaded(
    page: Page, base_url: str, screen: str, scheme: str
) -> None:
    page.route("**/bundle.*.js", lambda route: route.abort())
    page.emulate_media(color_scheme=screen)
    page.goto("derivations/gaussian_kl/", wait_until="domcontentloaded")
    assert page.locator("body").get_attribute("data-md-color-scheme") == scheme


@in_a_browser
@pytest.mark.browser
def test_a_reader_chooses_the_colours(watched: Page) -> None:
    """Also of what the browser itself draws, such as the bars that scroll; the next page has them."""
    body, root = watched.locator("body"), watched.locator("html")
    watched.set_viewport_size(DESK)
    watched.goto("guide/verdicts/", wait_until="networkidle")
    for title, scheme, drawn in (("light", "default", "normal"), ("dark", "slate", "dark")):
        watched.locator(f'label[title="Use the {title} theme"]').click()
        expect(body).to_have_attribute("data-md-color-scheme", scheme)
        expect(root).to_have_css("color-scheme", drawn)
        expect(body).not_to_have_attribute("data-md-color-switching", "")
    watched.goto("guide/loss/", wait_until="networkidle")
    expect(body).to_have_attribute("data-md-color-scheme", "slate")
    expect(root).to_have_css("color-scheme", "dark")
