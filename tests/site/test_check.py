"""A proof's certificate is checked in the reader's browser, by the checker's second port; nothing is loaded before."""

import json

import pytest
from playwright.sync_api import expect

from tests.site.conftest import SITE, in_a_browser

pytestmark = [in_a_browser, pytest.mark.browser]


def _states(page, name):
    return page.evaluate(
        """name => Object.fromEntries([...document.querySelectorAll("ol.chain > li[data-node]")]
            .filter(line => line.id.startsWith(`${name}-`)).map(line => [line.dataset.node, line.dataset.state ?? null]))""",
        name,
    )


def resting_on(name, node):
    """What rests on an inference of the certificate, itself included."""
    nodes = json.loads((SITE / "assets" / "certificates" / f"{name}.json").read_text(encoding="utf-8"))["nodes"]
    shaken = {node}
    for i, (_, premises, *_) in enumerate(nodes):
        if shaken & set(premises):
            shaken.add(i)
    return shaken


@pytest.mark.parametrize(("module", "name"), [("gaussian_kl", "gaussian_kl"), ("gibbs", "gibbs")])
def test_a_certificate_is_accepted_and_a_broken_line_shakes_what_rests_on_it(watched, module, name):
    asked: list[str] = []
    watched.on("request", lambda request: asked.append(request.url))
    watched.goto(f"derivations/{module}/", wait_until="networkidle")
    assert not [url for url in asked if "/checker/" in url or "/certificates/" in url]
    panel = watched.locator(f'.check[data-verdict="{name}"]')
    panel.get_by_role("button", name="Check this proof").click()
    expect(panel).to_have_attribute("data-accepted", "true")
    expect(panel.get_by_role("status")).to_contain_text("inferences checked")
    whole = _states(watched, name)
    assert whole and set(whole.values()) == {"accepted"}

    node = watched.locator("ol.chain > li:has(button.turn)").first.get_attribute("data-node")
    watched.locator(f'ol.chain > li[data-node="{node}"] button.turn').first.click()
    expect(panel).to_have_attribute("data-accepted", "false")
    red = {int(n) for n, state in _states(watched, name).items() if state == "refused"}
    below = watched.locator(f'ol.chain > li[data-node="{node}"] + li').first.get_attribute("data-node")
    assert red == (resting_on(name, int(node)) | resting_on(name, int(below))) & {int(n) for n in whole}
    follows = watched.locator(f'ol.chain > li[data-node="{below}"] > .refusal')
    expect(follows).to_contain_text("It no longer follows from the line above: inference")
    rule = follows.get_by_role("link")
    assert (rule.get_attribute("href") or "").endswith(f"/guide/rules/#rule-{rule.inner_text()}")
    told = panel.locator("li").count() + watched.locator(".refusal", has_text="is refused:").count()
    expect(panel.get_by_role("status")).to_contain_text(f"{told} inference")  # each that is counted is shown
    assert len(red) > 1
    line, box = (
        watched.locator(f'ol.chain > li[data-node="{node}"]').first,
        watched.locator(f'.verdict:has(code:text-is("{name}"))'),
    )
    assert line.locator(".turned").all_inner_texts() == ["−(", ")"]
    assert "−(" in (line.locator("semantics > mrow").text_content() or "")  # for those who do not see it
    expect(box.first).to_have_attribute("data-state", "refused")
    assert box.first.evaluate("e => getComputedStyle(e).backgroundColor") != "rgba(0, 0, 0, 0)"
    shown = line.locator(".formula").text_content()

    panel.get_by_role("button", name="Mend it").click()
    expect(panel).to_have_attribute("data-accepted", "true")
    assert _states(watched, name) == whole
    assert not watched.locator(".turned").count() and line.locator(".formula").text_content() != shown
    expect(box.first).to_have_attribute("data-state", "accepted")


def test_a_bound_is_broken_on_the_side_that_is_not_zero(watched):
    watched.goto("derivations/gibbs/", wait_until="networkidle")
    panel = watched.locator('.check[data-verdict="gibbs"]')
    panel.get_by_role("button", name="Check this proof").click()
    line = watched.locator("ol.chain > li#gibbs-3-1")  # KL >= 0
    line.locator("button.turn").click()
    expect(panel).to_have_attribute("data-accepted", "false")
    words = line.locator(".katex-html").text_content() or ""
    assert words.startswith("−(") and words.index(")≥") < words.index("0")
    expect(line).to_have_attribute("data-state", "refused")


def test_the_whole_book_is_checked_on_one_page(visited):
    visited.goto("guide/check/", wait_until="networkidle")
    box = visited.locator(".check-book")
    box.get_by_role("button", name="Check the whole book").click()
    theorems = len(json.loads((SITE / "assets" / "certificates" / "book.json").read_text(encoding="utf-8"))["theorems"])
    expect(box).to_have_attribute("data-accepted", str(theorems), timeout=60_000)
    expect(box.get_by_role("status")).to_contain_text(f"{theorems} of {theorems} theorems and counterexamples accepted")


@pytest.mark.parametrize("address", ["guide/check", "derivations/gibbs"])
def test_opened_from_a_file_it_says_what_it_needs(page, address):
    """A browser fetches nothing from a file: a button that would fail is not offered."""
    page.goto((SITE / address / "index.html").as_uri())
    box = page.locator(".check").first
    expect(box.locator("button.run")).to_be_disabled()
    expect(box.get_by_role("status")).to_contain_text("python -m http.server")
