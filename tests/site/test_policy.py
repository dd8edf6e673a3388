"""The Content-Security-Policy: no page needs what it forbids, and a browser holds the pages to it.

That nothing violates it is part of every test in a browser: the server of the tests sends it, and a violation is an error
on the console of the page.
"""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from docs._generator import policy
from tests.site.conftest import PAGES, SITE, in_a_browser, with_a_site

# Most of a page are the tags of its formulas and listings; those that this matches can hold nothing of what is looked for.
INERT = re.compile(r'</?(?!script|style|meta|link)[a-z]\w*(?: (?!style|on)[a-z-]+="[^"<>:]*")*>')


class Inline(HTMLParser):
    """Scripts and styles in a page, handlers in its attributes, and what it says of the policy before it loads anything."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.stated: list[str | None] = []
        self.loaded = False
        self.feed(INERT.sub("", html))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.found.append("a script")
        if tag == "style":
            self.found.append("a style sheet")
        self.found += [f"{name} of {tag}" for name in given if name == "style" or name.startswith("on")]
        self.found += [f"{tag} to {v}" for v in given.values() if v and v.strip().lower().startswith("javascript:")]
        self.loaded |= tag in ("script", "link")
        if given.get("http-equiv") == "Content-Security-Policy" and not self.loaded:
            self.stated.append(given.get("content"))


@with_a_site
def test_no_page_holds_a_script_or_a_style() -> None:
    pages = {path: Inline(path.read_text(encoding="utf-8")) for path in sorted(SITE.rglob("*.html"))}
    assert len(pages) > len(PAGES) > 50  # the page for unknown addresses is one more
    assert {path.name: page.found for path, page in pages.items() if page.found} == {}
    assert {path.name for path, page in pages.items() if page.stated != [policy.ON_PAGE]} == set()


@pytest.mark.parametrize(
    "html",
    [
        "<script>1</script>",
        "<style></style>",
        '<b style="top: 0">',
        '<b class="c" style="top: 0">',
        '<b class="c" onclick="f()">',
        '<a href="javascript:f()">',
        '<a href="java&#115;cript:f()">',
    ],
)
def test_what_the_policy_forbids_is_found(html: str) -> None:
    assert Inline(html).found


@with_a_site
@in_a_browser
@pytest.mark.browser
def test_the_browser_holds_a_page_to_it(page, base_url) -> None:
    """By the header, and by the page alone, as on a host that sends no header."""
    stripped = {"content-type": "text/html"}
    for alone in (False, True):
        if alone:
            page.route("**/*.html", lambda route: route.fulfill(response=route.fetch(), headers=stripped))
        page.goto(f"{base_url}404.html")
        violated = page.evaluate("""async () => {
            const violated = [];
            document.addEventListener("securitypolicyviolation", event => violated.push(event.effectiveDirective));
            const script = Object.assign(document.createElement("script"), { textContent: "window.ran = true" });
            const box = document.createElement("div");
            box.innerHTML = '<b style="position: fixed">b</b>';
            document.body.append(script, box);
            await fetch("https://example.org/").catch(() => null);
            await new Promise(done => setTimeout(done, 100));
            return [window.ran ?? false, getComputedStyle(box.firstChild).position, ...new Set(violated)];
        }""")
        ran, position, *directives = violated
        assert (ran, position) == (False, "static")
        assert {"script-src-elem", "style-src-attr", "connect-src"} <= set(directives)


PAGE = """<!doctype html>
<html>
<head>
<meta charset="utf-8">
<script id="__config" type="application/json">{"annotate": null, "base": "../.."}</script>
<script>scope=new URL("../..",location)</script>
</head>
<body>
<p style="top:1em">a</p><p class="b" style="top:1em">b</p><p style="top:&quot;2em&quot;" id="c">style="top:3em"</p><i class=d style="top:1em">d</i>
</body>
</html>
"""


def test_styles_become_classes_and_scripts_files(tmp_path) -> None:
    folder = tmp_path / "one" / "two"
    folder.mkdir(parents=True)
    (tmp_path / "assets").mkdir()
    (folder / "index.html").write_text(PAGE, encoding="utf-8")
    policy.tighten(tmp_path, state=True)
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert (
        '<p class="y0">a</p><p class="b y0">b</p><p class="y1" id="c">style="top:3em"</p><i class="d y0">d</i>' in page
    )
    assert Inline(page).found == [] and Inline(page).stated == [policy.ON_PAGE]
    (sheet,), (script,) = (tmp_path / "assets").glob("*.css"), (tmp_path / "assets").glob("*.js")
    assert sheet.read_text(encoding="utf-8") == '.y0:not(#_){top:1em}\n.y1:not(#_){top:"2em"}\n'
    assert script.read_text(encoding="utf-8") == 'scope=new URL("..",document.currentScript.src)'
    assert f'href="../../assets/{sheet.name}"' in page and f'src="../../assets/{script.name}"' in page


def test_a_page_loads_the_styles_that_it_has(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    for name, style in {"a": ' style="top:1em"', "b": ' style="top:2em"', "none": ""}.items():
        (tmp_path / f"{name}.html").write_text(f"<html><head></head><p{style}>x</p></html>", encoding="utf-8")
    policy.tighten(tmp_path, state=False)
    loaded = {
        p.stem: re.findall(r'href="\./(assets/[^"]+)"', p.read_text(encoding="utf-8")) for p in tmp_path.glob("*.html")
    }
    held = {
        page: [(tmp_path / sheet).read_text(encoding="utf-8") for sheet in sheets] for page, sheets in loaded.items()
    }
    assert held == {"a": [".y0:not(#_){top:1em}\n"], "b": [".y1:not(#_){top:2em}\n"], "none": []}
