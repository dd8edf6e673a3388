"""What a page costs, and what it looks like on paper."""

import gzip
import json
import re
from functools import cache
from pathlib import Path
from random import Random

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from derivations._language.chapters import homes
from tests.site.conftest import DESK, SITE, in_a_browser, with_a_site

pytestmark = with_a_site
HEAVIEST = 250_000  # bytes of a derivation's page with all that it loads, gzipped
STYLED = 0.6  # of the elements of a page until it is there: those far down wait until they come near
FASTEST = 1000  # milliseconds to its largest paint
PAINTED = """() => new Promise(done => new PerformanceObserver(list =>
    done(Math.max(...list.getEntries().map(e => e.startTime)))).observe({ type: "largest-contentful-paint", buffered: true }))"""
# What a page asks for at once; the pictures that it shows; the fonts of its formulas, by what tells that they are needed.
LINKED = re.compile(r'<(?:link rel="(?:stylesheet|icon)"|script) (?:src|href)="([^"]+)"')
PICTURES = re.compile(r'<figure[^>]* data-picture="([^"]+)"')
FONTS = {
    "Main-Regular": "katex-html",
    "Main-Bold": "mathbf",
    "Math-Italic": "mathnormal",
    "Caligraphic-Regular": "mathcal",
    "AMS-Regular": "mathbb",
    "Size1-Regular": 'small-op|delimsizing[^"]* size1|delim-size1',
    "Size2-Regular": 'large-op|delimsizing[^"]* size2',
    "Size3-Regular": 'delimsizing[^"]* size3',
    "Size4-Regular": 'delimsizing[^"]* size4|delim-size4',
}


@cache
def zipped(file: Path) -> int:
    body = file.read_bytes()
    return len(body if file.suffix in (".woff2", ".png") else gzip.compress(body, 6))


def asked_for(page: Path) -> set[Path]:
    """A page and the files that it loads, if all of it is seen."""
    html = page.read_text(encoding="utf-8")
    files = {page, *((page.parent / address).resolve() for address in LINKED.findall(html))}
    drawn = PICTURES.findall(html)
    files |= {SITE / f"assets/figures/{name}.js" for name in [*drawn, *(["plot"] if drawn else [])]}
    shown = {name for name, told in FONTS.items() if re.search(rf'<span class="[^"]*\b(?:{told})\b', html)}
    return files | {SITE / f"assets/katex/fonts/Common-{name}.woff2" for name in shown}


def weight(page: Path) -> int:
    return sum(map(zipped, asked_for(page)))


def test_every_derivation_is_light() -> None:
    weights = {name: weight(SITE / f"derivations/{name}/index.html") for name in homes()}
    assert {name: weight for name, weight in weights.items() if weight >= HEAVIEST} == {}
    assert len(weights) > 90


@pytest.mark.parametrize(
    "html",
    ['<link rel="stylesheet" href="heavy">', '<script src="heavy" defer>', "<p>{}</p>", '<span class="mord mathbf">'],
)
def test_what_a_page_loads_is_weighed(tmp_path: Path, html: str) -> None:
    noise = Random(0).randbytes(6000)
    (tmp_path / "heavy").write_bytes(noise)
    (tmp_path / "page").write_text(html.format(noise.hex()), encoding="utf-8")
    assert weight(tmp_path / "page") > 6000


@in_a_browser
@pytest.mark.browser
@pytest.mark.parametrize("name", ["gaussian_kl", "linear_vae"])
def test_a_derivation_loads_what_was_weighed(watched: Page, base_url: str, name: str) -> None:
    loaded: list[Response] = []
    watched.on("response", lambda response: loaded.append(response))
    watched.goto(f"derivations/{name}/", wait_until="networkidle")
    watched.evaluate("""() => document.querySelectorAll("details, .formula").forEach(e => {
        e.open = true;
        e.style.contentVisibility = "visible";
    })""")
    watched.wait_for_load_state("networkidle")
    page = SITE / f"derivations/{name}/index.html"
    seen = {SITE / r.url.removeprefix(base_url) for r in loaded if r.ok}
    assert {page if file == page.parent else file for file in seen} <= asked_for(page)
    with watched.expect_response(re.compile("search_index")):
        watched.locator(".md-search__input").focus()


@in_a_browser
@pytest.mark.browser
@pytest.mark.parametrize("url", ["", "derivations/linear_vae/"])
def test_a_page_is_soon_there(browser: Browser, base_url: str, url: str) -> None:
    """The soonest of a few first visits: the others tell what else the machine does."""
    painted: list[float] = []
    while not painted or (min(painted) >= FASTEST and len(painted) < 5):
        with browser.new_context(base_url=base_url, viewport=DESK) as context:
            page = context.new_page()
            page.goto(url)
            painted.append(page.evaluate(PAINTED))
    assert min(painted) < FASTEST, painted


@in_a_browser
@pytest.mark.browser
def test_a_page_that_opens_is_styled_once(browser: Browser, watched: Page, tmp_path: Path) -> None:
    """Nothing that runs late has its many elements styled again: neither the theme's bundle nor a script of ours."""
    opened = tmp_path / "opened.json"
    browser.start_tracing(page=watched, path=opened, categories=["devtools.timeline"])
    watched.goto("derivations/gaussian_kl/", wait_until="networkidle")
    browser.stop_tracing()
    events = json.loads(opened.read_text(encoding="utf-8"))["traceEvents"]
    styled = [event["args"].get("elementCount", 0) for event in events if event["name"] == "UpdateLayoutTree"]
    assert sum(styled) < STYLED * watched.locator("*").count(), styled


@in_a_browser
@pytest.mark.browser
def test_what_is_mistyped_is_searched_for(page: Page, base_url: str) -> None:  # not watched: the address answers 404
    page.goto("derivations/gausian_kl/")
    assert page.request.get("404.html").ok
    page.goto("404.html#derivations/")
    page.get_by_role("button", name="Search for it").click()
    expect(page.locator(".md-search__input")).to_be_focused()


@in_a_browser
@pytest.mark.browser
def test_on_paper_a_dark_page_is_black_on_white(visited: Page) -> None:
    visited.emulate_media(color_scheme="dark", media="print")
    visited.goto("derivations/gaussian_kl/", wait_until="networkidle")
    looks = visited.evaluate("""() => {
        const of = e => getComputedStyle(document.querySelector(e));
        const shown = [...document.querySelectorAll("button, .md-header, .md-sidebar, .md-footer, details.cite")].filter(e => e.checkVisibility());
        return { ink: of(".md-typeset").color, paper: of("body").backgroundColor, shown: shown.length };
    }""")
    assert looks == {"ink": "rgb(0, 0, 0)", "paper": "rgb(255, 255, 255)", "shown": 0}
    over = visited.evaluate("""() => [...document.querySelectorAll("ol.chain > li")].filter(line => {
        const why = line.querySelector(".why")?.getBoundingClientRect();
        const formula = line.querySelector(".katex-html")?.getBoundingClientRect();
        return why && formula && why.top < formula.bottom - 1 && why.left < formula.right;
    }).map(line => line.id)""")
    assert over == []


@in_a_browser
@pytest.mark.browser
def test_a_claim_is_seen_below_the_filters(visited: Page) -> None:
    visited.goto("claims/#claim-002-12", wait_until="load")
    expect(visited.locator("form.filters")).to_be_visible()
    place = """() => {
        const box = e => document.querySelector(e).getBoundingClientRect();
        return { header: box(".md-header").bottom, filters: box("form.filters"), claim: box("#claim-002-12").top };
    }"""
    for _ in range(40):
        found = visited.evaluate(place)
        if found["claim"] >= found["filters"]["bottom"]:
            break
        visited.wait_for_timeout(100)
    assert found["claim"] >= found["filters"]["bottom"]
    assert abs(found["filters"]["top"] - found["header"]) <= 1  # no text shows between them


@in_a_browser
@pytest.mark.browser
def test_the_finder_leaves_what_fits(visited: Page) -> None:
    visited.goto("guide/finder/", wait_until="load")
    rows = visited.locator("table.finder tbody tr:visible")
    every = rows.count()
    visited.get_by_label("I want").select_option("KL divergence")
    visited.get_by_label("of, or from").select_option("Gaussian, full covariance")
    visited.get_by_label("I have").select_option("means and Cholesky factors")
    expect(visited.locator("form.choose output")).to_have_text("1 formula")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("kl_mvn_tril")
    assert every > 50
