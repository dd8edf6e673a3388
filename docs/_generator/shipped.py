"""Whose work the site ships: a bill of materials, as CycloneDX has it, with the licence text of each part beside it."""

import json
import re
import uuid
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

SBOM = "assets/sbom.cdx.json"
TEXTS = "assets/licences"
PY = "assets/py"


class Part(NamedTuple):
    """Something that others made: its files in the site, where the text of its licence lies; no version if none is told."""

    name: str
    version: str
    licence: str
    purl: str
    texts: tuple[str, ...]
    files: tuple[str, ...]


def parts(docs: Path) -> Iterator[Part]:
    """What a site made from `docs` ships of others."""
    katex = re.search(r'version:"([\d.]+)"', (docs / "assets/katex/katex.min.js").read_text(encoding="utf-8"))
    assert katex
    yield _part("KaTeX", katex[1], "MIT", "npm/katex", ("assets/katex/LICENSE",), "assets/katex/katex.min.css")
    fonts = (f"{TEXTS}/KaTeX-fonts-OFL-1.1.txt",)
    yield _part("KaTeX fonts", katex[1], "OFL-1.1", "npm/katex", fonts, "assets/katex/fonts/*")
    material = version("mkdocs-material")
    # The short scripts of its templates are files of this site, see `policy`.
    theirs = ("assets/javascripts/**/*", "assets/stylesheets/*", "assets/images/*", "assets/theme-*.js")
    yield _part(
        "Material for MkDocs", material, "MIT", "pypi/mkdocs-material", (f"{TEXTS}/Material-for-MkDocs.txt",), *theirs
    )
    for name, licence in BUNDLED.items():  # its source maps name them, without a version
        yield _part(name, "", licence, f"npm/{name}", (f"{TEXTS}/{name}.txt",), "assets/javascripts/**/*")
    apache = (f"{TEXTS}/Apache-2.0.txt",)
    yield _part("Material Design icons", "", "Apache-2.0", "npm/%40mdi/svg", apache, "**/*.html")
    theirs = ("assets/_mkdocstrings.css",)
    name = "mkdocstrings-python"
    yield _part(name, version(name), "ISC", f"pypi/{name}", (f"{TEXTS}/{name}.txt",), *theirs)
    lock = docs / PY / "pyodide-lock.json"
    if lock.exists():
        asked = json.loads((docs / "_generator/browser/package.json").read_text(encoding="utf-8"))["dependencies"]
        python = json.loads(lock.read_text(encoding="utf-8"))["info"]["python"]
        yield from _in_the_browser(asked["pyodide"], python, katex[1])


BUNDLED = {
    "clipboard": "MIT",
    "escape-html": "MIT",
    "focus-visible": "W3C-20150513",
    "lunr": "MIT",
    "rxjs": "Apache-2.0",
    "tslib": "0BSD",
}


def _in_the_browser(pyodide: str, python: str, katex: str) -> Iterator[Part]:
    text = (f"{TEXTS}/Pyodide-MPL-2.0.txt",)
    yield _part("Pyodide", pyodide, "MPL-2.0", "npm/pyodide", text, f"{PY}/pyodide*")
    text = (f"{TEXTS}/CPython.txt",)
    yield _part("CPython", python, "PSF-2.0", "generic/cpython", text, f"{PY}/python.zip", f"{PY}/*.wasm")
    for name, licence in {"sympy": "BSD-3-Clause", "mpmath": "BSD-3-Clause"}.items():
        yield _part(name, version(name), licence, f"pypi/{name}", (f"{PY}/LICENSE.{name}.txt",), f"{PY}/bundle.zip")
    flint = "python-flint"
    wheel = f"{PY}/python_flint-*.whl"
    yield _part(flint, version(flint), "MIT", f"pypi/{flint}", (f"{PY}/LICENSE.{flint}.txt",), wheel)
    texts = (f"{PY}/LICENSE.lgpl.txt", f"{PY}/LICENSE.gpl.txt")
    for name in ("flint", "gmp", "mpfr"):
        yield _part(name, "", "LGPL-3.0-or-later", f"generic/{name}", texts, wheel)
    yield _part("KaTeX", katex, "MIT", "npm/katex", (f"{PY}/LICENSE.katex.txt",), f"{PY}/katex.mjs")


def _part(name: str, number: str, licence: str, purl: str, texts: tuple[str, ...], *files: str) -> Part:
    return Part(name, number, licence, f"pkg:{purl}" + (f"@{number}" if number else ""), texts, files)


def write(root: Path, number: str) -> None:
    """The bill of materials, among the files that the site is made from."""
    bill = _bill(list(parts(root / "docs")), number)
    text = json.dumps(bill, indent=1, ensure_ascii=False) + "\n"
    path = root / "docs" / SBOM
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _bill(found: list[Part], number: str) -> dict[str, Any]:
    """As CycloneDX 1.6 has it. The same parts make the same bill: it bears no date, and its number follows from it."""
    components = [
        {
            "type": "library",
            "bom-ref": f"{part.purl}#{k}",
            "name": part.name,
            **({"version": part.version} if part.version else {}),
            "licenses": [{"license": {"id": part.licence}}],
            "purl": part.purl,
            "properties": [
                *({"name": "elbo-ref:licence", "value": text} for text in part.texts),
                *({"name": "elbo-ref:files", "value": pattern} for pattern in part.files),
            ],
        }
        for k, part in enumerate(found)
    ]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(components))}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "elbo-ref",
                "name": "elbo-ref, the site",
                "version": number,
                "licenses": [{"license": {"id": "MIT"}}],
            }
        },
        "components": components,
    }
