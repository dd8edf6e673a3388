"""The built site: every link leads somewhere, and what was once an address still is one."""

import functools
import posixpath
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from derivations._language.chapters import verdicts
from derivations._language.verdicts import Remark
from tests.site.conftest import PAGES, SITE, with_a_site

pytestmark = with_a_site

# Pages, verdicts, claims, documented names, pictures and headings that the site has had. One that is gone breaks the links of
# others: a line is added for what is new and meant to last, and none is taken away.
ADDRESSES = (Path(__file__).parent / "addresses.txt").read_text(encoding="utf-8").split()

# Most of a page are the tags of its formulas and listings, which lead nowhere and are led to by nothing.
INERT = re.compile(
    r'<math.*?</math>|</?(?!script|style)[a-z]\w*(?: (?!(?:id|name|src|href)=)[a-z-]+="[^"]*")*>', re.DOTALL
)


class Links(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.anchors: set[str] = set()
        self.twice: set[str] = set()
        self.feed(INERT.sub("", html))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if (name := given.get("id")) and name in self.anchors:
            self.twice.add(name)
        self.anchors |= {v for k in ("id", "name") if (v := given.get(k))}
        self.targets += [v for k in ("href", "src") if (v := given.get(k)) and given.get("rel") != "canonical"]


@functools.cache
def read(file: str) -> Links:
    return Links((SITE / file).read_text(encoding="utf-8"))


@functools.cache
def files() -> frozenset[str]:
    return frozenset(path.relative_to(SITE).as_posix() for path in SITE.rglob("*") if path.is_file())


@functools.cache
def file_at(page: str, path: str) -> str | None:
    """The file of the site to which a path leads from a page."""
    there = posixpath.normpath(posixpath.join(page, unquote(path)))
    return next((file for file in (there, posixpath.normpath(f"{there}/index.html")) if file in files()), None)


def leads_somewhere(page: str, target: str) -> bool:
    url = urlsplit(target)
    if url.scheme or url.netloc:
        return True
    there = file_at(page, url.path)
    anchor = unquote(url.fragment)
    return there is not None and (not anchor or not there.endswith(".html") or anchor in read(there).anchors)


def test_every_link_leads_somewhere() -> None:
    assert PAGES, "no site: run `make site`"
    links = [(page, target) for page in PAGES for target in dict.fromkeys(read(f"{page}index.html").targets)]
    assert [f"{target} on {page}" for page, target in links if not leads_somewhere(page, target)] == []
    assert len(links) > 10 * len(PAGES)


def test_no_page_names_two_places_alike() -> None:
    assert {page: read(f"{page}index.html").twice for page in PAGES if read(f"{page}index.html").twice} == {}
    assert Links('<p id="a"></p><a name="b" id="b"></a><p id="a"></p>').twice == {"a"}


def test_every_verdict_has_its_place() -> None:
    for verdict in (v for v in verdicts() if not isinstance(v, Remark)):
        assert verdict.name in read(f"derivations/{verdict.module}/index.html").anchors, verdict.name


def test_every_address_is_still_there() -> None:
    assert [address for address in ADDRESSES if not leads_somewhere("", address.removeprefix("/"))] == []


@pytest.mark.parametrize(
    "address", ["derivations/nonsense/", "derivations/gibbs/#nonsense", "../elbo_ref/", "/derivations/", "#nonsense"]
)
def test_an_address_that_is_gone_is_missed(address: str) -> None:
    assert not leads_somewhere("", address)
