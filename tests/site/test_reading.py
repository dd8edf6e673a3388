"""Reading in a real browser: what does not fit breaks or fades, scrolls by keyboard, and says what it is."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.site.conftest import DESK, PHONE, in_a_browser, with_a_site

pytestmark = [in_a_browser, pytest.mark.browser, with_a_site]
CUT = """() => [...document.querySelectorAll(".formula")]
    .filter(box => (box.style.contentVisibility = "visible") && box.scrollWidth > box.clientWidth + 1)
    .map(box => box.querySelector("annotation").textContent)"""


@pytest.mark.parametrize(
    "url", ["derivations/gaussian_vae_loss/", "derivations/linear_vae/", "derivations/gaussian_kl/"]
)
def test_no_formula_is_cut_on_a_desk(visited: Page, url: str) -> None:
    visited.set_viewport_size(DESK)
    visited.goto(url)
    assert visited.evaluate(CUT) == []


def test_a_formula_that_is_too_wide_fades_and_scrolls(visited: Page) -> None:
    visited.set_viewport_size(PHONE)
    visited.goto("derivations/mean_field_gaussian/")
    box = visited.locator("#mean_field_gaussian_kl-8-1 .formula")
    box.scroll_into_view_if_needed()
    expect(box).to_have_class(re.compile("goes-right"))
    expect(box).to_have_attribute("tabindex", "0")
    expect(box).to_have_attribute("role", "group")
    expect(box).to_have_attribute("aria-label", "A formula that scrolls sideways")
    box.focus()
    for _ in range(60):
        visited.keyboard.press("ArrowRight")
    expect(box).to_have_class(re.compile("goes-left"))
    expect(box).not_to_have_class(re.compile("goes-right"))


def test_a_wide_table_stands_in_cells_on_a_phone(visited: Page) -> None:
    visited.set_viewport_size(PHONE)
    visited.goto("reference/accuracy/")
    cell = visited.locator("table td").nth(1)
    assert cell.evaluate("td => getComputedStyle(td, '::before').content") == '"points"'
    assert visited.evaluate(
        "() => [...document.querySelectorAll('table td')].every(td => td.getBoundingClientRect().right <= 360)"
    )
