"""What the site ships of others: each file is somebody's, and the licence of each lies beside it."""

import json
from pathlib import Path

import pytest

from docs._generator import shipped
from elbo_ref import __version__
from tests.site.conftest import SITE, with_a_site

DOCS = Path(__file__).parents[2] / "docs"
PARTS = list(shipped.parts(DOCS)) if (SITE / shipped.SBOM).exists() else []
OURS = ("**/*.html", "sitemap.xml*", "objects.inv", "search/*", shipped.SBOM, "assets/sigma.svg", "assets/katex/common.css", "assets/placed-*.css",
        *(f"assets/{p}" for p in ("[a-z]*.css", "*.js", "*.mjs", "checker/*", "figures/*", "certificates/*", "sheet/*")))  # fmt: skip
TEXTS = ("assets/licences/*", "assets/katex/LICENSE", "assets/py/LICENSE.*")


def unclaimed(site: Path, patterns: list[str]) -> set[str]:
    """The files of a site that no pattern describes."""
    known = {path for pattern in patterns for path in site.glob(pattern)}
    return {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file() and path not in known}


@with_a_site
def test_every_file_is_ours_or_that_of_a_part() -> None:
    assert PARTS, "no bill of materials: run `make site`"
    theirs = [pattern for part in PARTS for pattern in part.files]
    assert unclaimed(SITE, [*OURS, *TEXTS, *theirs]) == set()
    for part in PARTS:
        for pattern in part.files:
            assert list(SITE.glob(pattern)), f"{part.name}: there is no {pattern}"


@with_a_site
def test_the_licence_of_every_part_lies_beside_it() -> None:
    for part in PARTS:
        assert part.texts
        for text in part.texts:
            assert len((SITE / text).read_text(encoding="utf-8")) > 250, f"{part.name}: {text}"
    told = {text for part in PARTS for text in part.texts}
    lying = {p.relative_to(SITE).as_posix() for pattern in TEXTS for p in SITE.glob(pattern)}
    without_python = {f"{shipped.TEXTS}/CPython.txt", f"{shipped.TEXTS}/Pyodide-MPL-2.0.txt"}  # a site made without npm
    assert told <= lying
    assert lying - told in (set(), without_python)  # no licence of what is not there


@with_a_site
def test_the_bill_says_so() -> None:
    bill = json.loads((SITE / shipped.SBOM).read_text(encoding="utf-8"))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert bill["metadata"]["component"]["version"] == __version__
    assert [(c["name"], c.get("version", ""), c["purl"]) for c in bill["components"]] == [
        (part.name, part.version, part.purl) for part in PARTS
    ]
    references = [c["bom-ref"] for c in bill["components"]]
    assert len(set(references)) == len(references)


@pytest.mark.parametrize("name", ["assets/vendor.min.js.map", "fonts/roboto.woff2"])
def test_a_file_that_nobody_claims_is_found(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).touch()
    (tmp_path / "index.html").touch()
    assert unclaimed(tmp_path, list(OURS)) == {name}
