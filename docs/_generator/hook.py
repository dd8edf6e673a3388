"""The MkDocs hook: write the pages that come from the proofs, and list them in the navigation."""

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # `mkdocs` may be started by a script that does not look in this folder

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError

from derivations._book import NoEvidence
from docs._generator.pages import write


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    try:
        pages = write(ROOT, served=config.use_directory_urls)
    except NoEvidence as error:
        raise PluginError(str(error)) from error
    entry: list[Any] = next(item["Derivations"] for item in config.nav or [] if "Derivations" in item)
    entry[1:] = pages
    return config
