"""The MkDocs hook: write the pages that come from the proofs, list them in the navigation, tell formulas to the search."""

import re
import shutil
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # `mkdocs` may be started by a script that does not look in this folder

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import CombinedEvent, event_priority
from mkdocs.structure.pages import Page

from derivations._reading.book import NoEvidence
from derivations._reading.edition import Edition
from docs._generator import kept, policy, shipped
from docs._generator.katex import END, as_letters
from docs._generator.lean import unindented
from docs._generator.printing import made_from, printing
from elbo_ref import __version__

_served_while_edited = False
_edition = Edition()


def on_startup(*, command: str, **_: object) -> None:
    global _served_while_edited
    _served_while_edited = command == "serve"


@event_priority(-100)
def on_post_build(config: MkDocsConfig) -> None:
    """Where MkDocs reloads pages, by a script in each, and where no server is, no policy is stated."""
    site = Path(config.site_dir)
    shutil.rmtree(site / "assets/javascripts/lunr", ignore_errors=True)  # languages that we do not write
    for script in site.glob("assets/*.js"):  # comments are for those who read our scripts, and no load of a page
        script.write_text(re.sub(r"(?m)^ *// .*\n", "", script.read_text(encoding="utf-8")), encoding="utf-8")
    policy.tighten(site, state=config.use_directory_urls and not _served_while_edited)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    global _edition
    _edition = printing(ROOT, config)
    config.extra |= {"printing": _edition.said, "address": _edition.address}
    if _edition.repository:
        config.copyright = f'{config.copyright} · <a href="{_edition.repository}">Repository</a>'
    config.repo_url = config.edit_uri = None  # the theme would ask the host for numbers, from every page
    try:
        pages = kept.write(ROOT, config.use_directory_urls, _edition)
    except NoEvidence as error:
        raise PluginError(str(error)) from error
    shipped.write(ROOT, __version__)
    entry: list[Any] = next(item["Derivations"] for item in config.nav or [] if "Derivations" in item)
    entry[1:] = pages
    return config


def on_post_page(output: str, **_: object) -> str:
    return unindented(output)


def on_env(env: object, *, config: MkDocsConfig, **_: object) -> None:
    """The style sheet of the reference is for its pages, which ask for it themselves: see `theme/main.html`."""
    config.extra_css.remove("assets/_mkdocstrings.css")


# The search keeps a few letters of each formula, and parses all of its many spans for them: a quarter of a build. Each
# reader loads what it keeps: so no reasons of single lines, no checks, no source code, no labels of the graph.
BESIDE = re.compile(
    r'<(?=ol class="chain"|dl class="facts"|details class="mkdocstrings-source"|div class="graph|ul class="uses")(\w+)'
)


@event_priority(100)
def _before_the_search(context: Any, *, page: Page, **_: object) -> None:
    page.edit_url = _edition.edit(made_from(page.file.src_uri)) or None
    page.whole = page.content or ""
    page.content = BESIDE.sub(r"<\1 data-search-exclude", as_letters(page.whole))


@event_priority(-100)
def _after_the_search(context: Any, *, page: Page, **_: object) -> None:
    page.content = page.whole.replace(END, "")


on_page_context = CombinedEvent(_before_the_search, _after_the_search)
