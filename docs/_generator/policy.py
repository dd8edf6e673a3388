"""A strict Content-Security-Policy: the built pages hold no script and no style of their own, and say so.

KaTeX places every box of a formula by a style, a third of a million on the site, and the theme writes three short scripts
into each page. After the build the styles become classes, those of a page in a style sheet that holds no others, and
the scripts files, each named after what is in it, so that an old copy in a cache never meets a new page. `ON_PAGE` is what each page tells the browser;
`HEADER` is for a host that can send one.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from html import escape, unescape
from itertools import count, product
from pathlib import Path
from string import ascii_lowercase, digits

_ALLOWED = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
}
# A header holds for workers, too: in one of them Python runs, as WebAssembly. Only a header can forbid frames.
_HEADER = {**_ALLOWED, "script-src": "'self' 'wasm-unsafe-eval'", "frame-ancestors": "'none'"}
ON_PAGE, HEADER = ("; ".join(f"{k} {v}" for k, v in rules.items()) for rules in (_ALLOWED, _HEADER))

STYLED = re.compile(r'<[a-zA-Z][^<>]*?\sstyle="[^"]*"[^<>]*>')
STYLE = re.compile(r'\sstyle="([^"]*)"')
CLASS = re.compile(r'\sclass=("[^"]*"|[^\s"\'>]+)')
SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
QUOTE = '"'  # or none
# The theme tells its scripts where the site begins; a script in `assets/` knows.
SCOPE = re.compile(r'new URL\("[^"]*",\s*location\)')
CHARSET = '<meta charset="utf-8">'
META = f'<meta http-equiv="Content-Security-Policy" content="{escape(ON_PAGE, quote=False)}">'
BASE = re.compile(r'<script id="__config" type="application/json">\{.*?"base": "([^"]*)"', re.DOTALL)


def tighten(site: Path, *, state: bool) -> None:
    """Move styles and scripts out of all pages of a built site; let each state the policy, if it shall."""
    pages = {path: path.read_text(encoding="utf-8") for path in sorted(site.rglob("*.html"))}
    met = {path: _styles(page) for path, page in pages.items()}
    classes = _classes(met.values())
    restyled = _restyled(classes)
    for path, page in pages.items():
        base = _base(path, page, site)

        def moved(match: re.Match[str], base: str = base) -> str:
            text = SCOPE.sub('new URL("..",document.currentScript.src)', match[1])
            return f'<script src="{base}{_kept(site, "theme", "js", text)}"></script>'

        page = SCRIPT.sub(moved, STYLED.sub(lambda match: restyled(match[0]), page))
        if met[path]:
            rules = "".join(f".{name}:not(#_){{{style}}}\n" for style, name in classes.items() if style in met[path])
            sheet = _kept(site, "placed", "css", rules)
            page = page.replace("</head>", f'<link rel="stylesheet" href="{base}{sheet}"></head>', 1)
        if state:
            page = page.replace(CHARSET, CHARSET + META, 1)
        path.write_text(page, encoding="utf-8")


def _styles(page: str) -> Counter[str]:
    """Each style of a page, and how often it is met."""
    return Counter(unescape(style) for tag in STYLED.findall(page) for style in STYLE.findall(tag))


def _classes(styles: Iterable[Counter[str]]) -> dict[str, str]:
    """A class for each style: the more often it is met, the shorter."""
    met = sum(styles, Counter[str]())
    return dict(zip(sorted(met, key=lambda style: (-met[style], style)), _names(), strict=False))


def _names() -> Iterator[str]:
    """Short names that no style sheet has: y0, y1, and so on."""
    for length in count(1):
        yield from ("y" + "".join(letters) for letters in product(digits + ascii_lowercase, repeat=length))


def _restyled(classes: dict[str, str]) -> Callable[[str], str]:
    """What makes of a tag with a style one with a class."""

    @cache  # the tags of formulas are alike
    def restyled(tag: str) -> str:
        style = STYLE.search(tag)
        assert style
        name, rest = classes[unescape(style[1])], tag[: style.start()] + tag[style.end() :]
        if CLASS.search(rest):
            return CLASS.sub(lambda match: f' class="{match[1].strip(QUOTE)} {name}"', rest, count=1)
        return re.sub(r"^(<[^\s/>]+)", rf'\1 class="{name}"', rest)

    return restyled


def _base(path: Path, page: str, site: Path) -> str:
    """How the page itself begins an address in the site: the page of an unknown address cannot say it relatively."""
    told = BASE.search(page)
    base = told[1] if told else "/".join([".."] * (len(path.relative_to(site).parts) - 1)) or "."
    return base.rstrip("/") + "/"


def _kept(site: Path, name: str, kind: str, text: str) -> str:
    """Write a file named after its content; its address in the site."""
    address = f"assets/{name}-{hashlib.sha256(text.encode()).hexdigest()[:10]}.{kind}"
    if not (site / address).exists():
        (site / address).write_text(text, encoding="utf-8")
    return address
