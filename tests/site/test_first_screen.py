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
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_formula_symbols_and_call_are_on_the_first_screen(watched: Page, size: dict[str, int]) -> None:
    watched.set_viewport_size(size)
    watched.goto("derivations/gaussian_kl/", wait_until="networkidle")
    for selector in (".statement", ".legend", ".highlight"):
        top = watched.locator(f"main {selector}").first.bounding_box()
        assert top and top["y"] < size["height"], selector


@in_a_browser
@pytest.mark.browser
def test_a_symbol_says_what_it_is_to_pointer_finger_and_keyboard(watched: Page) -> None:
    watched.goto("derivations/evidence_decomposition/", wait_until="networkidle")
    box = watched.locator(".verdict").first
    elbo, bubble = box.locator(".statement .enclosing").nth(1), box.locator(".meaning")
    for point in (elbo.hover, elbo.click):
        point()
        expect(bubble).to_have_text("the ELBO, the evidence lower bound")
        expect(box.locator(".legend dt.lit")).to_have_count(1)
        watched.mouse.move(0, 0)
        expect(bubble).to_be_hidden()
    box.locator(".legend dt").nth(1).focus()
    expect(elbo).to_have_class(re.compile("lit"))


@in_a_browser
@pytest.mark.browser
def test_a_closed_drawer_is_no_stop_of_the_keyboard(watched: Page) -> None:
    watched.set_viewport_size(PHONE)
    watched.goto("derivations/gaussian_kl/", wait_until="networkidle")
    side = watched.locator(".md-sidebar--primary")
    assert side.evaluate("side => side.inert")
    watched.locator("label.md-header__button[for=__drawer]").click()
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
def test_the_gallery_is_short(watched: Page) -> None:
    watched.set_viewport_size({"width": 1440, "height": 900})
    watched.goto(GALLERY, wait_until="networkidle")
    assert watched.evaluate("document.documentElement.scrollHeight") < SCREENS * 900


@in_a_browser
@pytest.mark.browser
def test_the_questions_of_the_front_page_are_above_the_fold(watched: Page) -> None:
    watched.set_viewport_size({"width": 1440, "height": 900})
    watched.goto("", wait_until="networkidle")
    last = watched.locator(".goto dd").last.bounding_box()
    assert last and last["y"] + last["height"] < 900
    tip = watched.locator(".term .tip").first
    expect(tip).to_be_hidden()
    watched.locator(".term").first.focus()
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
