"""Every page in a real browser: dark on a phone and light on a desk."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.site.conftest import DESK, LOOKED_AT, PHONE, in_a_browser, with_a_site

pytestmark = [with_a_site, in_a_browser, pytest.mark.browser]
RAW_TEX = re.compile(r"\\(?:frac|mathbb|mathrm|mathcal|left|right|log|int|mid|sigma|mu)\b|\$|\\\(|\\\[")
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa")


@pytest.fixture(scope="session")
def looks() -> set[str]:
    """The colours, sizes and grounds of words and links that have been measured, on whatever page."""
    return set()


@pytest.fixture(scope="session")
def parts() -> set[str]:
    """The parts of the site whose menu has been looked at: it is the same on all of their pages."""
    return set()


@pytest.fixture(scope="session")
def shapes() -> set[str]:
    """What style sheets and the rules of accessibility can tell of the elements that have been looked at, on whatever page."""
    return set()


@pytest.mark.parametrize("url", LOOKED_AT)
def test_a_page_in_the_browser(visited: Page, looks: set[str], shapes: set[str], parts: set[str], url: str) -> None:
    part = url.partition("/")[0]
    visited.set_viewport_size(PHONE)
    visited.emulate_media(color_scheme="dark")
    _open(visited, url)
    assert visited.evaluate(FITS, PHONE["width"])
    assert visited.evaluate("document.querySelectorAll('.katex-error').length") == 0
    assert visited.evaluate(WHOLE_FONTS) == []
    assert not (raw := RAW_TEX.search(visited.evaluate(WORDS))), raw
    if part in parts:
        visited.evaluate("document.querySelectorAll('.md-sidebar .md-nav__item').forEach(item => item.remove())")
    visited.evaluate(FORMULAS_TO_BOXES)
    here, known = set(visited.evaluate(SHAPES)), len(looks)
    new = part not in parts or not here <= shapes
    assert _faults(visited, looks, only_looks=not new) == []
    if new or len(looks) > known:  # otherwise it would look on a desk as others do
        visited.emulate_media(color_scheme="light")
        visited.set_viewport_size(DESK)
        expect(visited.locator("body")).to_have_attribute("data-md-color-scheme", "default")
        assert _faults(visited, looks, only_looks=part in parts) == []
    parts.add(part)
    shapes |= here


def test_what_is_hard_to_read_is_found_among_words_that_are_not(visited: Page, looks: set[str]) -> None:
    visited.emulate_media(color_scheme="light")
    _open(visited, "")
    assert _faults(visited, looks, only_looks=True) == []
    visited.evaluate("[...document.querySelectorAll('main p')].find(p => !p.querySelector('*')).style.color = '#ccc'")
    (found,) = _faults(visited, set(looks), only_looks=True)
    assert found.startswith("color-contrast") and "#cccccc" in found


def test_a_character_of_no_common_font_is_found(watched: Page) -> None:  # other pages load a whole font that is at hand
    _open(watched, "")
    assert watched.evaluate(WHOLE_FONTS) == []
    watched.evaluate("""async () => {
        const formula = Object.assign(document.createElement("span"), { className: "katex", textContent: "ℜ" });
        document.querySelector("main h1").append(formula);
        formula.getBoundingClientRect();
        await document.fonts.ready;
    }""")
    (whole,) = watched.evaluate(WHOLE_FONTS)
    assert whole.endswith("KaTeX_Main-Regular.woff2")


def test_tex_among_the_words_is_found(visited: Page) -> None:
    _open(visited, "")
    assert not RAW_TEX.search(visited.evaluate(WORDS))
    for element, shown in (("code", False), ("em", True)):
        visited.evaluate(r"""element => document.querySelector("main p").append(
            Object.assign(document.createElement(element), { textContent: String.raw`\frac` }))""", element)  # fmt: skip
        assert bool(RAW_TEX.search(visited.evaluate(WORDS))) == shown


def test_what_violates_the_rules_is_found(visited: Page, looks: set[str]) -> None:
    visited.emulate_media(color_scheme="light")
    _open(visited, "")
    assert _faults(visited, looks) == []
    visited.evaluate("""() => {
        const box = Object.assign(document.createElement("div"), { innerHTML: '<img src="assets/sigma.svg"><p></p>' });
        box.firstChild.nextSibling.textContent = "wide ".repeat(200);
        Object.assign(box.style, { width: "90px", height: "40px", overflow: "scroll" });
        document.querySelector("main article").append(box);
        [...document.querySelectorAll("main p")].find(p => !p.querySelector("*")).style.color = "#ccc";
    }""")
    found = _faults(visited, looks)
    assert {line.partition(":")[0] for line in found} == {"image-alt", "scrollable-region-focusable", "color-contrast"}


def test_a_link_like_the_words_around_it_is_found(visited: Page, looks: set[str]) -> None:
    visited.emulate_media(color_scheme="light")
    _open(visited, "guide/verdicts/")
    assert _faults(visited, looks, only_looks=True) == []
    visited.evaluate("""() => {
        const link = [...document.querySelectorAll("main p > a")].find(a => a.parentElement.textContent.length > 100);
        link.style = "text-decoration: none; color: #445";
    }""")
    (found,) = _faults(visited, set(looks), only_looks=True)
    assert found.startswith("link-in-text-block")


def test_what_no_page_has_is_told_from_what_pages_have(visited: Page) -> None:
    _open(visited, "")
    visited.evaluate(FORMULAS_TO_BOXES)
    known = set(visited.evaluate(SHAPES))
    for html in (
        '<img src="assets/sigma.svg" width="9">',
        '<a href="#"></a>',
        "<button></button>",
        '<p role="button">words</p>',
        "<ul><p>words</p></ul>",
        '<p class="verdict">words</p>',
        '<p aria-labelledby="none">words</p>',
        f'<div class="formula"><code>{"wide" * 99}</code></div>',
    ):
        visited.evaluate("html => document.querySelector('main article').insertAdjacentHTML('beforeend', html)", html)
        here = set(visited.evaluate(SHAPES))
        assert not here <= known, html
        known |= here
    visited.evaluate("document.querySelector('main article').append(document.querySelector('main p').cloneNode(true))")
    assert set(visited.evaluate(SHAPES)) <= known


def _open(page: Page, url: str) -> None:
    page.goto(url)
    page.evaluate(
        "() => document.fonts.ready.then(() => true)"
    )  # a text of code to wait for is forbidden by the policy


# Fonts of KaTeX that a page asks for whole, for a character that `.ci/fonts` does not know.
WHOLE_FONTS = (
    """() => performance.getEntriesByType("resource").map(file => file.name).filter(name => name.includes("/KaTeX_"))"""
)
# The text that a reader sees, without formulas and code.
WORDS = """() => {
    const reject = node => node.nodeType === Node.TEXT_NODE ? NodeFilter.FILTER_ACCEPT
        : node.matches(".katex, code, pre") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_SKIP;
    const nodes = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, reject);
    let words = "";
    while (nodes.nextNode()) words += nodes.currentNode.data;
    return words;
}"""
# An empty box of the same size for each formula: axe would walk through thousands of hidden spans. What has not been laid out,
# as it is folded or far down, gets none: to lay it out takes longer than all else.
FORMULAS_TO_BOXES = """() => {
    const formulas = [...document.querySelectorAll(".katex")], none = { width: 0, height: 0 };
    const sizes = formulas.map(formula =>
        formula.checkVisibility({ contentVisibilityAuto: true }) ? formula.getBoundingClientRect() : none);
    formulas.forEach((formula, i) => {
        formula.replaceChildren();
        formula.style = `display: inline-block; width: ${sizes[i].width}px; height: ${sizes[i].height}px`;
    });
    const all = new CSSStyleSheet();
    all.replaceSync("* { content-visibility: visible !important }");
    document.adoptedStyleSheets.push(all);
}"""
# An element and those around it, each by what style sheets and the rules of accessibility ask for: whether it holds words, whether
# it scrolls, of a list or a table also what is in it. The inside of a formula is KaTeX's; of a listing the colours alone differ.
SHAPES = """() => {
    const told = ["class", "style", "role", "type", "align", "open", "hidden", "tabindex", "lang", "aria-hidden",
        "data-state", "data-unproved", "data-live"];
    const attribute = ({ name, value }) => told.includes(name) || !value ? `${name}=${value}` : name;
    const around = new Map([[null, new Set()]]), shapes = new Set();
    for (const element of document.querySelectorAll("*")) {
        const above = around.get(element.parentElement), formula = element.matches(".katex");
        if (!above || element.matches(".highlight code span")) continue;
        const own = [element.localName, ...(formula ? [] : [...element.attributes].map(attribute).sort())];
        if (!element.firstElementChild && element.textContent.trim()) own.push("says");
        if (element.scrollWidth > element.clientWidth && getComputedStyle(element).overflowX !== "visible") own.push("scrolls");
        if (element.matches("ul, ol, dl, table, tr")) own.push(...new Set([...element.children].map(child => child.localName)));
        if (!formula) around.set(element, element.matches("article") ? new Set() : new Set(above).add(own.join(" ")));
        shapes.add([...above, own.join(" ")].join(" > "));
    }
    return [...shapes];
}"""
FITS = """async width => {
    for (let look = 0; look < 200 && document.documentElement.scrollWidth > width; look++)
        await new Promise(done => setTimeout(done, 50));
    return document.documentElement.scrollWidth <= width;
}"""


def _faults(page: Page, looks: set[str], *, only_looks: bool = False) -> list[str]:
    """What axe finds against the WCAG, among it words without enough contrast, and links that cannot be told from the words
    around them; if asked, only these.

    Over the last two axe takes long: of the elements that look alike it is given one, on whatever page. They look alike if they
    and all grounds and veils on which they stand have the same colours, sizes and weights; links, if their lines and the words
    around them do so as well.
    """
    new = page.evaluate(NEW_LOOKS, list(looks))
    looks.update(new)
    tags = [] if only_looks else WCAG
    return list(page.evaluate(FAULTS, [tags, bool(new)])) if new or tags else []


# The looks of a page that are not known; an element of each is marked.
NEW_LOOKS = """known => {
    const grounds = new Map([[null, ""]]), looks = new Map();
    const on = element => {
        if (!grounds.has(element)) {
            const style = getComputedStyle(element), { backgroundColor, backgroundImage, opacity } = style;
            const own = [backgroundColor, backgroundImage, opacity].join(" ").replace("rgba(0, 0, 0, 0) none 1", "");
            grounds.set(element, [on(element.parentElement), own].filter(Boolean).join(" < "));
        }
        return grounds.get(element);
    };
    const link = element => {
        const own = getComputedStyle(element), around = getComputedStyle(element.parentElement);
        return [own.textDecoration, own.border, around.display, around.color, around.fontWeight].join(" ");
    };
    for (const element of document.body.querySelectorAll("*")) {
        element.removeAttribute("data-look");
        const says = [...element.childNodes].some(n => n.nodeType === Node.TEXT_NODE && n.data.trim());
        if (!says && !element.matches("input, select, textarea, a")) continue;
        if (!element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) continue;
        const { color, fontSize, fontWeight, textShadow } = getComputedStyle(element);
        const look = [color, fontSize, fontWeight, textShadow, on(element), element.matches("a") && link(element)].join(" ");
        if (!looks.has(look)) looks.set(look, element);
    }
    known.forEach(look => looks.delete(look));
    looks.forEach(element => element.setAttribute("data-look", ""));
    return [...looks.keys()];
}"""
# What is in order is not reported: to name each such element takes longer than to look at it.
FAULTS = """([tags, marked]) => {
    document.querySelectorAll(".highlight code").forEach(code => {  // its coloured words are spans and no more
        if (!code.querySelector("[data-look], :not(span), [id]")) code.textContent = code.textContent;
    });
    const looks = { "color-contrast": "[data-look]", "link-in-text-block": "a[href][data-look]" };
    axe.configure({ rules: Object.entries(looks).map(([id, selector]) => ({ id, selector, enabled: marked })) });
    const runOnly = tags.length ? { type: "tag", values: tags } : { type: "rule", values: Object.keys(looks) };
    return axe.run(document, { runOnly, resultTypes: ["violations"] }).then(({ violations }) =>
        violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.target} ${n.failureSummary}`)));
}"""
