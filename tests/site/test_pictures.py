"""The pictures on their page: there without a script, and under the hand of a reader."""

import re

import pytest
from playwright.sync_api import expect

from docs._generator import figures
from tests.site.conftest import DESK, PATIENCE, PHONE, SITE, in_a_browser, with_a_site

pytestmark = with_a_site
ROUNDING = 1e-12  # what double precision leaves of an identity
NAMES = list(figures.TITLES)


PAGE = "guide/figures/"


@pytest.mark.parametrize("name", NAMES)
def test_without_a_script_the_picture_is_there(name):
    html = (SITE / PAGE / "index.html").read_text(encoding="utf-8")
    start = html.index(f'id="picture-{name}"')
    figure = html[start : html.index("</figure>", start)]
    assert len(re.findall(r'<svg class="(?:wide|narrow)" role="img" aria-label="[^"]+"', figure)) == 2
    assert figure.count("<path") > 5 and "<output" in figure
    assert float(re.search(r'data-residual="([^"]*)"', figure)[1]) < ROUNDING


@in_a_browser
@pytest.mark.browser
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_what_a_reader_without_a_script_sees(browser, base_url, size):
    context = browser.new_context(java_script_enabled=False, viewport=size)
    page = context.new_page()
    page.goto(base_url + PAGE, timeout=PATIENCE)
    kind, other = ("wide", "narrow") if size is DESK else ("narrow", "wide")
    for name in NAMES:
        figure = page.locator(f"#picture-{name}")
        assert figure.locator(f"svg.{kind}").is_visible()
        assert not figure.locator(f"svg.{other}").is_visible()
        assert not figure.locator("input").first.is_visible()
    context.close()


# What is wrong with a picture as it stands: words that leave the screen, lie on one another or are too small to read.
STATE = """figure => {
    const words = [...figure.querySelectorAll(".stage text")].map(t => ({
        says: t.textContent, box: t.getBoundingClientRect(),
        size: parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().a,
    }));
    const around = [...figure.querySelectorAll("label, .value, output")].map(e => ({
        says: e.textContent, box: e.getBoundingClientRect(), size: parseFloat(getComputedStyle(e).fontSize),
    }));
    const right = document.documentElement.clientWidth, wrong = [];
    for (const { says, box, size } of [...words, ...around]) {
        if (box.left < -0.5 || box.right > right + 0.5) wrong.push(`cut: ${says}`);
        if (size < 11) wrong.push(`small: ${says}`);
    }
    words.forEach(({ says, box: a }, i) => words.slice(i + 1).forEach(({ says: other, box: b }) => {
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (across > 1 && down > 6) wrong.push(`overlap: ${says} / ${other}`);
    }));
    const drawn = figure.querySelector(".stage").innerHTML;
    if (/NaN|Infinity/.test(drawn)) wrong.push("not a number");
    return { wrong, drawn, residual: Number(figure.dataset.residual), says: figure.querySelector("output").textContent };
}"""
# As by PageUp, from where the slider stands to its end: what is drawn at each place.
WALK = f"""figure => {{
    const slider = document.activeElement, states = [];
    for (let step = 2; step <= 11; step++) {{
        slider.value = +slider.min + step / 10 * (slider.max - slider.min);
        slider.dispatchEvent(new Event("input", {{ bubbles: true }}));
        states.push(({STATE})(figure));
    }}
    return states;
}}"""


SHIFTS = """() => new Promise(done => new PerformanceObserver(list => done(list.getEntries().reduce((sum, e) => sum + e.value, 0)))
    .observe({ type: "layout-shift", buffered: true }) || setTimeout(() => done(0), 300))"""


@in_a_browser
@pytest.mark.browser
@pytest.mark.parametrize("size, scheme", [(DESK, "light"), (PHONE, "dark")], ids=["desk-light", "phone-dark"])
def test_the_pictures_answer_to_the_keyboard(watched, size, scheme):
    watched.set_viewport_size(size)
    watched.emulate_media(color_scheme=scheme)
    watched.goto(PAGE, wait_until="networkidle")
    expect(watched.locator("figure[data-live] svg.live")).to_have_count(len(NAMES))
    assert watched.evaluate(SHIFTS) < 0.05
    for name in NAMES:
        figure = watched.locator(f"#picture-{name}")
        for slider in figure.locator("input").all():
            slider.focus()
            states = [_after(watched, figure, key) for key in ("Home", "PageUp")]
            states += figure.evaluate(WALK)
            states += [_after(watched, figure, key) for key in ("End", "ArrowLeft")]
            for state in states:
                where = f"{name}, {slider.get_attribute('name')}, {state['says']}"
                assert state["residual"] < 1e-9, where
                assert state["wrong"] == [], where
            by_key = {states[k]["drawn"] for k in (0, 1, -2, -1)}
            seen = {state["drawn"] for state in states}
            assert len(by_key) > 2 and len(seen) > 5, f"{name} does not follow {slider.get_attribute('name')}"
    assert watched.evaluate("document.documentElement.scrollWidth") <= size["width"]


def _after(page, figure, key):
    page.keyboard.press(key)
    return figure.evaluate(STATE)


@in_a_browser
@pytest.mark.browser
def test_a_page_without_a_picture_loads_none(watched):
    asked: list[str] = []
    watched.on("request", lambda request: asked.append(request.url))
    watched.goto("guide/conventions/", wait_until="networkidle")
    assert [url for url in asked if "/figures/" in url and not url.endswith("/figure.js")] == []
