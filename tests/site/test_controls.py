"""What a reader can press: the graph, the filters of the ledger, the buttons that copy."""

import pytest
from playwright.sync_api import expect

from tests.site.conftest import DESK, PHONE, in_a_browser, with_a_site

pytestmark = with_a_site


@in_a_browser
@pytest.mark.browser
def test_the_graph_can_be_walked_with_the_keyboard(visited):
    visited.goto("graph/", wait_until="networkidle")
    opened = visited.locator("details.chapter[open]")
    expect(opened).to_have_count(0)
    visited.locator(".chapters a").first.focus()
    visited.keyboard.press("Enter")
    expect(opened).to_have_count(1)
    first = visited.evaluate("document.querySelector('details.chapter[open]').id")
    visited.locator(".chapters a").nth(1).focus()
    visited.keyboard.press("Enter")
    expect(visited.locator(f"details.chapter[open]:not(#{first})")).to_have_count(1)
    expect(opened).to_have_count(1)  # one at a time
    visited.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(visited.locator("details.chapter:not([open])")).to_have_count(0)  # on paper all
    visited.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(opened).to_have_count(1)
    opened.locator(".graph a").first.focus()
    visited.keyboard.press("Enter")
    visited.wait_for_url("**/derivations/**")


@in_a_browser
@pytest.mark.browser
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_theorem_is_found_on_the_graph(visited, size):
    visited.set_viewport_size(size)
    visited.goto("graph/", wait_until="networkidle")
    box = visited.get_by_label("Find a theorem")
    box.fill("no such theorem at all")
    expect(visited.locator("form.find ul")).to_have_text("no theorem of this name")
    box.fill("pinsker")
    box.press("Enter")
    expect(visited.locator("li.found")).to_be_visible()
    assert visited.evaluate("document.activeElement.getAttribute('href')").endswith("#pinsker")
    assert visited.evaluate("document.documentElement.scrollWidth") <= size["width"]


@in_a_browser
@pytest.mark.browser
def test_the_ledger_can_be_filtered(visited):
    visited.goto("claims/", wait_until="load")  # a long page: the network may be idle before it has been read
    shown, every = visited.locator(".claim:visible"), visited.locator(".claim")
    expect(shown).to_have_count(all_claims := every.count())
    visited.get_by_label("verdict").select_option("refuted")
    expect(visited.locator("form.filters output")).to_have_text(f"{shown.count()} of {all_claims} claims")
    assert 0 < shown.count() < all_claims
    assert set(shown.evaluate_all("rows => rows.map(row => row.dataset.verdict)")) == {"refuted"}
    visited.get_by_label("document").select_option("002")
    few = shown.count()
    assert few
    visited.reload(wait_until="networkidle")  # the choice is in the address
    expect(shown).to_have_count(few)
    assert set(shown.evaluate_all("rows => rows.map(row => row.id.slice(0, 9))")) == {"claim-002"}


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
