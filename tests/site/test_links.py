"""The built site: every link leads somewhere, and what was once an address still is one."""

import functools
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

# Most of a page are the spans of its formulas, which lead nowhere and are led to by nothing.
INERT = re.compile(r"<math.*?</math>|<span\b(?![^>]*\b(?:id|name|src)=)[^>]*>|</span>", re.DOTALL)


class Links(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.anchors: set[str] = set()
        self.feed(INERT.sub("", html))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.anchors |= {v for k in ("id", "name") if (v := given.get(k))}
        self.targets += [v for k in ("href", "src") if (v := given.get(k)) and given.get("rel") != "canonical"]


@functools.cache
def read(page: Path) -> Links:
    return Links(page.read_text(encoding="utf-8"))


def leads_somewhere(here: Path, target: str) -> bool:
    url = urlsplit(target)
    if url.scheme or url.netloc:
        return True
    there = (here.parent / unquote(url.path)).resolve() if url.path else here
    there = there / "index.html" if there.is_dir() else there
    anchor = unquote(url.fragment)
    inside = there.is_relative_to(SITE.resolve()) and there.exists()
    return inside and (not anchor or there.suffix != ".html" or anchor in read(there).anchors)


def test_every_link_leads_somewhere() -> None:
    assert PAGES, "no site: run `make site`"
    links = [(page, target) for page in PAGES for target in dict.fromkeys(read(SITE / page / "index.html").targets)]
    assert [
        f"{target} on {page}" for page, target in links if not leads_somewhere(SITE / page / "index.html", target)
    ] == []
    assert len(links) > 10 * len(PAGES)


def test_every_verdict_has_its_place() -> None:
    for verdict in (v for v in verdicts() if not isinstance(v, Remark)):
        assert verdict.name in read(SITE / "derivations" / verdict.module / "index.html").anchors, verdict.name


def test_every_address_is_still_there() -> None:
    home = SITE / "index.html"
    assert [address for address in ADDRESSES if not leads_somewhere(home, address.removeprefix("/") or "./")] == []


@pytest.mark.parametrize(
    "address", ["derivations/nonsense/", "derivations/gibbs/#nonsense", "../elbo_ref/", "#nonsense"]
)
def test_an_address_that_is_gone_is_missed(address: str) -> None:
    assert not leads_somewhere(SITE / "index.html", address)
