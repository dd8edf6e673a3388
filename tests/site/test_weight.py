"""What a page costs, and what it looks like on paper."""

import gzip
import re

import pytest
from playwright.sync_api import Page, Response, expect

from tests.site.conftest import in_a_browser, with_a_site

pytestmark = [in_a_browser, pytest.mark.browser, with_a_site]
HEAVIEST = 250_000  # bytes of a derivation's page with all that it loads, gzipped
FASTEST = 1000  # milliseconds to its largest paint
PAINTED = """() => new Promise(done => new PerformanceObserver(list =>
    done(Math.max(...list.getEntries().map(e => e.startTime)))).observe({ type: "largest-contentful-paint", buffered: true }))"""


def zipped(response: Response) -> int:
    body = response.body()
    return len(body if response.url.endswith((".woff2", ".png")) else gzip.compress(body, 6))


@pytest.mark.parametrize("url", ["derivations/gaussian_kl/", "derivations/elbo_surgery/"])
def test_a_derivation_is_light_and_soon_there(watched: Page, url: str) -> None:
    loaded: list[Response] = []
    watched.on("response", lambda response: loaded.append(response))
    watched.goto(url, wait_until="networkidle")
    assert not [r.url for r in loaded if "search_index" in r.url]
    weights = {r.url: zipped(r) for r in loaded if r.ok}
    assert sum(weights.values()) < HEAVIEST, sorted(weights.items(), key=lambda item: -item[1])
    painted = watched.evaluate(PAINTED)
    assert painted < FASTEST * 4, painted  # a busy machine; alone it takes a quarter
    with watched.expect_response(re.compile("search_index")):
        watched.keyboard.press("/")


def test_what_is_mistyped_is_searched_for(page: Page, base_url: str) -> None:  # not watched: the address answers 404
    page.goto("derivations/gausian_kl/")
    assert page.request.get("404.html").ok
    page.goto("404.html#derivations/")
    page.get_by_role("button", name="Search for it").click()
    expect(page.locator(".md-search__input")).to_be_focused()


def test_on_paper_a_dark_page_is_black_on_white(watched: Page) -> None:
    watched.emulate_media(color_scheme="dark", media="print")
    watched.goto("derivations/gaussian_kl/", wait_until="networkidle")
    looks = watched.evaluate("""() => {
        const of = e => getComputedStyle(document.querySelector(e));
        const shown = [...document.querySelectorAll("button, .md-header, .md-sidebar, .md-footer, details.cite")].filter(e => e.checkVisibility());
        return { ink: of(".md-typeset").color, paper: of("body").backgroundColor, shown: shown.length };
    }""")
    assert looks == {"ink": "rgb(0, 0, 0)", "paper": "rgb(255, 255, 255)", "shown": 0}
    over = watched.evaluate("""() => [...document.querySelectorAll("ol.chain > li")].filter(line => {
        const why = line.querySelector(".why")?.getBoundingClientRect();
        const formula = line.querySelector(".katex-html")?.getBoundingClientRect();
        return why && formula && why.top < formula.bottom - 1 && why.left < formula.right;
    }).map(line => line.id)""")
    assert over == []


def test_a_claim_is_seen_below_the_filters(watched: Page) -> None:
    watched.goto("claims/#claim-002-12", wait_until="load")
    expect(watched.locator("form.filters")).to_be_visible()
    place = """() => {
        const box = e => document.querySelector(e).getBoundingClientRect();
        return { header: box(".md-header").bottom, filters: box("form.filters"), claim: box("#claim-002-12").top };
    }"""
    for _ in range(40):
        found = watched.evaluate(place)
        if found["claim"] >= found["filters"]["bottom"]:
            break
        watched.wait_for_timeout(100)
    assert found["claim"] >= found["filters"]["bottom"]
    assert abs(found["filters"]["top"] - found["header"]) <= 1  # no text shows between them


def test_the_finder_leaves_what_fits(watched: Page) -> None:
    watched.goto("guide/finder/", wait_until="load")
    rows = watched.locator("table.finder tbody tr:visible")
    every = rows.count()
    watched.get_by_label("I want").select_option("KL divergence")
    watched.get_by_label("of, or from").select_option("Gaussian, full covariance")
    watched.get_by_label("I have").select_option("means and Cholesky factors")
    expect(watched.locator("form.choose output")).to_have_text("1 formula")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("kl_mvn_tril")
    assert every > 50
