"""The cheat sheet: two pages of formulas from the book's objects, as a page of the site and as PDF for A4 and Letter.

The PDF is printed by Chromium. Where there is none the site is built without it, and its page says so.
"""

import os
import re
import shutil
import subprocess
import tempfile
from html import escape
from pathlib import Path

from derivations._language.verdicts import Counterexample, Theorem
from derivations._reading.book import Book
from derivations._reading.printed import printed
from docs._generator.katex import render

SHEET = {
    "Divergence": (
        *(
            "kl_is_expected_log_ratio",
            "gibbs",
            "gibbs_equality",
            "kl_entropy",
            "kl_chain_rule",
            "kl_forget",
            "kl_units",
        ),
        *("jensen", "jensen_shannon_bound", "kl_estimators"),
    ),
    "The evidence lower bound": (
        *("elbo_definition", "evidence_decomposition", "elbo_lower_bound", "elbo_tight_at_posterior", "gap_is_deficit"),
        *("elbo_standard_form", "elbo_two_expectations", "negative_elbo_loss", "monte_carlo_elbo_unbiased"),
    ),
    "Gaussians": (
        *("gaussian_log_density", "gaussian_entropy", "gaussian_kl", "gaussian_kl_diagonal", "gaussian_kl_standard"),
        *("gaussian_cross_entropy", "gaussian_entropy_full", "gaussian_kl_full"),
    ),
    "Losses": (
        *("gaussian_kl_batch", "gaussian_squared_error", "learned_variance", "bernoulli_likelihood", "dataset_bound"),
        *("mean_over_entries", "means_everywhere"),
    ),
    "Gradients": (
        *("reparameterization", "reparameterization_log_variance", "score_gradient", "score_mean_zero", "stein"),
        *("prior_pull_mean", "prior_pull_logvar"),
    ),
    "Importance weights": ("iwae_bound", "iwae_above_elbo_independent", "iwae_rate"),
    "Surgery and information": (
        *("surgery_decomposition", "surgery_information", "surgery_upper_bound", "surgery_bounds"),
        *("information_below_average_kl", "barber_agakov", "mutual_information_nonnegative"),
    ),
    "EM": ("e_step_is_tight", "em_monotone"),
    "Weight and rate": ("tempered_decomposition", "worthwhile_rate", "collapse_tells_nothing"),
    "The linear-Gaussian model": (
        *("linear_gaussian_evidence", "linear_gaussian_posterior", "linear_gaussian_gap"),
        *("beta_posterior_precision", "mutual_information_gaussian"),
    ),
    "Often said, and false": (
        *("kl_is_symmetric", "elbo_ascent_raises_likelihood", "elbo_ascent_closes_gap", "log_evidence_is_at_most_zero"),
        *("rate_exceeds_information", "log_variance_is_log_std", "weighted_loss_is_the_negative_elbo"),
    ),
}
PAPERS = {"a4": "A4", "letter": "Letter"}
FOLDER = "docs/assets/sheet"
ROOM = 320  # letters of TeX in the hypotheses of one theorem
CSS = """
@page { size: %s; margin: 9mm 9mm 8mm; }
* { box-sizing: border-box; }
body { margin: 0; font: 7.5pt/1.28 Charter, "Bitstream Charter", Cambria, "Noto Serif", "Liberation Serif", serif; color: #000; columns: 3; column-gap: 5mm; column-rule: .3pt solid #bbb; column-fill: auto; }
header { column-span: all; display: flex; gap: 6mm; justify-content: space-between; align-items: baseline; border-bottom: .8pt solid #000; margin-bottom: 2mm; padding-bottom: .6mm; }
h1 { font-size: 13pt; margin: 0; white-space: nowrap; } header p { margin: 0; font-size: 7pt; }
h2 { font-size: 9pt; margin: 1.6mm 0 .8mm; border-bottom: .3pt solid #999; break-after: avoid; }
div { break-inside: avoid; margin: 0 0 1.5mm; }
h3 { font-size: 7.3pt; font-weight: 600; margin: 0; } code { font-weight: 400; font-size: 5.9pt; color: #444; overflow-wrap: anywhere; }
p { margin: 0; font-size: 6.3pt; color: #222; }
.katex { font-size: 1.02em; } .katex-display { margin: .4mm 0 !important; text-align: left !important; }
.katex-display > .katex { white-space: normal; text-align: left !important; }
.katex-display > .katex > .katex-html { display: inline-block; text-align: left; }
p .katex { font-size: 1em; } .katex-mathml { display: none; }
.false h3::before { content: "False: "; }
"""
HEAD = (
    "<header><h1>Variational inference</h1><p>{}. Every formula is proved by machine; where its hypotheses do not fit, "
    "their number does, and the page of that name states them.</p></header>"
)
DOCUMENT = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Variational inference: cheat sheet</title>'
    '<link rel="stylesheet" href="../katex/katex.min.css"><style>{}</style></head><body>{}</body></html>'
)


def entries(book: Book) -> dict[str, list[Theorem | Counterexample]]:
    """The verdicts of the sheet by heading."""
    found: dict[str, list[Theorem | Counterexample]] = {}
    for heading, names in SHEET.items():
        for name in names:
            verdict = book.named[name]
            assert isinstance(verdict, Theorem | Counterexample)
            found.setdefault(heading, []).append(verdict)
    return found


def page(book: Book, made: bool) -> str:
    """The sheet as Markdown, for a page one folder below `docs`."""
    parts = []
    if made:
        links = " · ".join(f"[{name}](../assets/sheet/{paper}.pdf)" for paper, name in PAPERS.items())
        parts.append(f"As PDF, two pages: {links}.")
    else:
        parts.append("Here without its PDF: there was no Chromium where this site was built.")
    for heading, verdicts in entries(book).items():
        parts.append(f"## {heading}")
        for v in verdicts:
            mark = '<span class="badge no">false</span> ' if isinstance(v, Counterexample) else ""
            parts.append(f"{mark}[{v.title}](../derivations/{v.module}.md#{v.name}){_called(v)}{_asked(v, book)}")
            parts.append(f"$$\n{printed(v).latex}\n$$")
    return "\n\n".join(parts) + "\n"


def _called(verdict: Theorem | Counterexample) -> str:
    return f", `{verdict.computes}`" if isinstance(verdict, Theorem) and verdict.computes else ""


def _asked(verdict: Theorem | Counterexample, book: Book) -> str:
    """How many hypotheses a theorem has: the sheet has no room for them, and must not hide them."""
    count = 0 if isinstance(verdict, Counterexample) else len(verdict.given) + len(book.provisos.get(verdict.name, ()))
    return f" ({count} {'hypothesis' if count == 1 else 'hypotheses'})" if count else ""


def _needs(verdict: Theorem | Counterexample, book: Book) -> str:
    """The hypotheses of a theorem where there is room, or how many there are."""
    if isinstance(verdict, Counterexample):
        return ""
    given = [*printed(verdict).given(tex=True), *book.provisos.get(verdict.name, ())]
    if sum(map(len, given)) > ROOM:
        return f"under {len(given)} hypotheses · "
    return f"given {'; '.join(render(h, display=False) for h in given)} · " if given else ""


def html(book: Book, paper: str) -> str:
    """The sheet as a document of its own, to be printed."""
    where = ", ".join(filter(None, [book.edition.said, book.edition.address]))
    parts = [HEAD.format(escape(where))]
    for heading, verdicts in entries(book).items():
        parts.append(f"<h2>{heading}</h2>")
        for v in verdicts:
            kind = ' class="false"' if isinstance(v, Counterexample) else ""
            function = f" · <code>{v.computes}()</code>" if _called(v) else ""
            head = f"<h3>{escape(v.title)}</h3>{render(printed(v).latex, display=True)}"
            parts.append(f"<div{kind}>{head}<p>{_needs(v, book)}<code>{v.name}</code>{function}</p></div>")
    return DOCUMENT.format(CSS % paper, "\n".join(parts))


def chromium() -> str | None:
    """The browser that prints, if there is one."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def write(root: Path, book: Book) -> bool:
    """Print the PDFs; say whether they are there."""
    folder, browser = root / FOLDER, chromium()
    if not browser:
        shutil.rmtree(folder, ignore_errors=True)
        return False
    folder.mkdir(parents=True, exist_ok=True)
    for name, paper in PAPERS.items():
        text = printable(browser, html(book, paper), folder)
        path = folder / f"{name}.pdf"
        if not path.exists() or path.read_bytes() != text:
            path.write_bytes(text)
    return True


def printable(browser: str, document: str, folder: Path) -> bytes:
    """A document as PDF, without the time at which it was made: the same document makes the same bytes."""
    source = folder / "sheet.html"  # beside the fonts
    source.write_text(document, encoding="utf-8")
    try:
        with tempfile.TemporaryDirectory() as place:
            made = Path(place) / "sheet.pdf"
            root = ["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []
            command = [
                browser,
                "--headless",
                "--disable-gpu",
                *root,
                f"--user-data-dir={place}/profile",
                "--no-pdf-header-footer",
            ]
            subprocess.run(
                [*command, f"--print-to-pdf={made}", source.resolve().as_uri()],
                check=True,
                capture_output=True,
                timeout=120,
            )
            return re.sub(rb"\(D:\d{14}[^)]*\)", lambda m: b"(D:20000101000000+00'00')"[: len(m[0])], made.read_bytes())
    finally:
        source.unlink()


def sheets(pdf: bytes) -> int:
    """How many pages a PDF has."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))
