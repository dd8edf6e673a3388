"""The proofs in the browser: run green, broken red, and nothing loaded before the reader asks."""

import os
import re
import shutil

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.site.conftest import SITE, in_a_browser
from tests.site.test_check import resting_on

built = (SITE / "assets" / "py" / "pyodide-lock.json").exists()
wanted = os.environ.get("CI") and shutil.which("npm")
pytestmark = pytest.mark.skipif(not built and not wanted, reason="the site was built without npm")


def _panel(page: Page, module: str, name: str) -> Locator:
    page.goto(f"derivations/{module}/", wait_until="networkidle")
    return page.locator(f'.prove[data-verdict="{name}"]')


def _states(page: Page, name: str) -> dict[str, str | None]:
    found = page.evaluate("""() => Object.fromEntries(
        [...document.querySelectorAll("ol.chain > li[id]")].map(line => [line.id, line.dataset.state ?? null]))""")
    return {line: state for line, state in found.items() if re.fullmatch(rf"{name}-\d+-\d+", line)}


def _run(page: Page, panel: Locator) -> None:
    panel.get_by_role("button", name="Run the prover").click()
    expect(panel.get_by_role("status")).to_contain_text("Proved here")
    expect(panel).not_to_have_attribute("aria-busy", "true")


# Another derivation onto the page, as if it had been navigated to: to start Python takes longer than to prove.
BESIDE = """async address => {
    const other = new DOMParser().parseFromString(await (await fetch(address)).text(), "text/html");
    document.querySelector("main article").append(other.querySelector("main article"));
    document$.next(document);
}"""


@in_a_browser
@pytest.mark.browser
def test_proofs_run_green_and_break_red(watched: Page) -> None:
    asked: list[str] = []
    watched.on("request", lambda request: asked.append(request.url))
    panel = _panel(watched, "gaussian_kl", "gaussian_kl")
    assert not [url for url in asked if "/py/" in url or "prove-worker" in url]  # nothing before the press
    _runs_green_and_breaks_red(watched, panel, "gaussian_kl")
    assert [url for url in asked if "/py/" in url]
    asked.clear()
    watched.evaluate(BESIDE, "../gibbs/")
    _runs_green_and_breaks_red(watched, watched.locator('.prove[data-verdict="gibbs"]'), "gibbs")
    assert not [url for url in asked if "/py/" in url or "prove-worker" in url]  # one Python for a page


def _runs_green_and_breaks_red(watched: Page, panel: Locator, name: str) -> None:
    _run(watched, panel)
    states = _states(watched, name)
    claims = [line for line, state in states.items() if state]
    assert claims and all(states[line] == "accepted" for line in claims)
    assert all(line.endswith("-0") for line in states.keys() - set(claims))  # what a chain starts from claims nothing
    numbers = panel.locator("li[data-state]")
    assert numbers.count() and panel.locator('li[data-state="refused"]').count() == 0

    broken, after = claims[0], claims[1]
    node = watched.locator(f"#{broken}").get_attribute("data-node")
    nodes = {line: watched.locator(f"#{line}").get_attribute("data-node") for line in claims}
    whole = watched.locator(f"#{broken} .formula").inner_html()
    watched.locator(f"#{broken} button.break").click()
    expect(panel.get_by_role("status")).to_contain_text("2 lines")
    shaken = resting_on(name, int(node or -1))  # by the certificate, which the prover does not read
    red = {line for line, state in _states(watched, name).items() if state == "refused"}
    assert red == {broken, after} | {line for line in claims if int(nodes[line] or -1) in shaken}
    assert len(red) > 2
    box = watched.locator(f'.verdict:has(code:text-is("{name}"))').first
    expect(box).to_have_attribute("data-state", "refused")
    expect(panel.locator("ul")).to_have_attribute("data-unproved", "")
    assert watched.locator(f"#{broken} .formula").inner_html() != whole
    assert "not shown" in (words := watched.locator(f"#{broken} .refusal pre").text_content()) or "FALSE" in words

    panel.get_by_role("button", name="Mend it").click()
    assert _states(watched, name) == states
    expect(box).not_to_have_attribute("data-state", "refused")
    expect(panel.locator("ul")).not_to_have_attribute("data-unproved", "")
    assert watched.locator(f"#{broken} .formula").inner_html() == whole
    _run(watched, panel)  # again, on the same Python
    assert _states(watched, name) == states


@in_a_browser
@pytest.mark.browser
def test_a_run_says_what_it_loads_and_can_be_stopped(page):  # not watched: what is on its way then fails
    folder = SITE / "assets" / "py"
    loaded = [*folder.glob("pyodide*"), folder / "bundle.zip", folder / "python.zip"]
    size = f"{sum(p.stat().st_size for p in loaded) / 1e6:.1f} MB"
    panel = _panel(page, "gibbs", "gibbs")
    expect(panel.get_by_role("button", name="Run the prover")).to_contain_text(size)
    panel.get_by_role("button", name="Run the prover").click()
    expect(panel.get_by_role("status")).to_have_text(re.compile(rf"[\d.]+ of {size} …"))
    panel.get_by_role("button", name="Stop").click()
    expect(panel.get_by_role("status")).to_have_text("Stopped.")
    expect(panel.locator("progress")).to_be_hidden()
    assert set(_states(page, "gibbs").values()) == {None}
    expect(panel.get_by_role("button", name="Run the prover")).to_be_enabled()


@in_a_browser
@pytest.mark.browser
def test_a_file_that_is_not_there_is_named_with_a_way_on(page):
    page.route("**/bundle.zip*", lambda route: route.fulfill(status=404))
    panel = _panel(page, "gibbs", "gibbs")
    panel.get_by_role("button", name="Run the prover").click()
    expect(panel.get_by_role("status")).to_contain_text("bundle.zip could not be loaded (404)")
    expect(panel.get_by_role("status")).to_contain_text("Check this proof")
    expect(panel.get_by_role("button", name="Run the prover")).to_be_enabled()


@in_a_browser
@pytest.mark.browser
def test_a_load_that_stands_still_is_given_up(page):
    page.clock.install()
    page.route("**/*.zip*", lambda route: None)  # never answered
    panel = _panel(page, "gibbs", "gibbs")
    panel.get_by_role("button", name="Run the prover").click()
    expect(panel.get_by_role("status")).to_contain_text(" …")
    page.wait_for_timeout(1500)  # what does arrive has arrived
    page.clock.fast_forward("00:50")
    expect(panel.get_by_role("button", name="Run the prover")).to_be_disabled()
    page.clock.fast_forward("00:11")
    expect(panel.get_by_role("status")).to_contain_text("nothing has arrived for 60 seconds")
    expect(panel.get_by_role("button", name="Run the prover")).to_be_enabled()


@in_a_browser
@pytest.mark.browser
def test_a_file_gets_a_hint(page):
    page.goto((SITE / "derivations" / "gibbs" / "index.html").as_uri())
    panel = page.locator('.prove[data-verdict="gibbs"]')
    expect(panel.get_by_role("button", name="Run the prover")).to_be_disabled()
    expect(panel.get_by_role("status")).to_contain_text("http.server")
