"""Which printing of the book a build makes: asked of git, of the changelog where there is none, and of the configuration."""

import re
import subprocess
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig

from derivations._language.chapters import homes
from derivations._reading.edition import Edition

HERE = "http://127.0.0.1"  # the address of a site that is published nowhere


def printing(root: Path, config: MkDocsConfig) -> Edition:
    """The edition of the site that `config` describes."""
    commit, day = _commit(root)
    return Edition(
        commit=commit,
        day=day,
        address="" if (config.site_url or HERE).startswith(HERE) else str(config.site_url),
        repository=(config.repo_url or "").rstrip("/"),
        edits=(config.edit_uri or "").strip("/"),
    )


def _commit(root: Path) -> tuple[str, str]:
    """The commit and its day; of a copy without git, the day of the last release."""
    asked = ("git", "-C", str(root), "log", "-1", "--format=%h %cs")
    try:
        commit, day = subprocess.run(asked, capture_output=True, encoding="utf-8", check=True).stdout.split()
        return commit, day
    except (OSError, subprocess.CalledProcessError):
        released = re.search(r"^## \[.*\] - (\S+)", (root / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
        return "", released[1] if released else ""


def made_from(page: str) -> str:
    """The file of the repository that a page, by its address below `docs`, is made from."""
    folder, _, rest = page.partition("/")
    if folder == "source" and rest != "index.md":
        return rest.removesuffix(".md")
    if folder == "derivations" and rest.endswith("/index.md"):
        return f"derivations/{rest.removesuffix('index.md')}__init__.py"
    if folder == "derivations" and rest != "index.md":
        module = rest.removesuffix(".md")
        return f"derivations/{homes()[module]}/{module}.py"
    return "docs/_generator/sources.py" if page == "source/index.md" else f"docs/{page}"
