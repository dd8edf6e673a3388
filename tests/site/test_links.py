"""The built site: every link leads somewhere, and every verdict has its place."""

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
    return Links(page.read_text())


def test_the_site_is_there():
    assert PAGES, "no site: run `make site`"


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page):
    here = SITE / page / "index.html"
    broken = []
    for target in read(here).targets:
        url = urlsplit(target)
        if url.scheme or url.netloc:
            continue
        there = (here.parent / unquote(url.path)).resolve() if url.path else here
        there = there / "index.html" if there.is_dir() else there
        anchor = unquote(url.fragment)
        if (
            not there.is_relative_to(SITE.resolve())
            or not there.exists()
            or (anchor and there.suffix == ".html" and anchor not in read(there).anchors)
        ):
            broken.append(target)
    assert broken == []


def test_every_verdict_has_its_place():
    for verdict in (v for v in verdicts() if not isinstance(v, Remark)):
        assert verdict.name in read(SITE / "derivations" / verdict.module / "index.html").anchors
