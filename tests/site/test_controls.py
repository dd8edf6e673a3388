"""What a reader can press: the graph, the filters of the ledger, the buttons that copy."""

import pytest
from playwright.sync_api import expect

from tests.site.conftest import DESK, PHONE, in_a_browser, with_a_site

pytestmark = with_a_site


@in_a_browser
@pytest.mark.browser
def test_the_graph_can_be_walked_with_the_keyboard(watched):
    watched.goto("graph/", wait_until="networkidle")
    opened = watched.locator("details.chapter[open]")
    expect(opened).to_have_count(0)
    watched.locator(".chapters a").first.focus()
    watched.keyboard.press("Enter")
    expect(opened).to_have_count(1)
    first = watched.evaluate("document.querySelector('details.chapter[open]').id")
    watched.locator(".chapters a").nth(1).focus()
    watched.keyboard.press("Enter")
    expect(watched.locator(f"details.chapter[open]:not(#{first})")).to_have_count(1)
    expect(opened).to_have_count(1)  # one at a time
    watched.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(watched.locator("details.chapter:not([open])")).to_have_count(0)  # on paper all
    watched.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(opened).to_have_count(1)
    opened.locator(".graph a").first.focus()
    watched.keyboard.press("Enter")
    watched.wait_for_url("**/derivations/**")


@in_a_browser
@pytest.mark.browser
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_theorem_is_found_on_the_graph(watched, size):
    watched.set_viewport_size(size)
    watched.goto("graph/", wait_until="networkidle")
    box = watched.get_by_label("Find a theorem")
    box.fill("no such theorem at all")
    expect(watched.locator("form.find ul")).to_have_text("no theorem of this name")
    box.fill("pinsker")
    box.press("Enter")
    expect(watched.locator("li.found")).to_be_visible()
    assert watched.evaluate("document.activeElement.getAttribute('href')").endswith("#pinsker")
    assert watched.evaluate("document.documentElement.scrollWidth") <= size["width"]


@in_a_browser
@pytest.mark.browser
def test_the_ledger_can_be_filtered(watched):
    watched.goto("claims/", wait_until="load")  # a long page: the network may be idle before it has been read
    shown, every = watched.locator(".claim:visible"), watched.locator(".claim")
    expect(shown).to_have_count(all_claims := every.count())
    watched.get_by_label("verdict").select_option("refuted")
    expect(watched.locator("form.filters output")).to_have_text(f"{shown.count()} of {all_claims} claims")
    assert 0 < shown.count() < all_claims
    assert set(shown.evaluate_all("rows => rows.map(row => row.dataset.verdict)")) == {"refuted"}
    watched.get_by_label("document").select_option("002")
    few = shown.count()
    assert few
    watched.reload(wait_until="networkidle")  # the choice is in the address
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
