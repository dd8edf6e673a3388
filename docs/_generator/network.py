"""The page about a trained network: its tables and pictures, from the results that are committed. Nothing is trained here."""

from __future__ import annotations

import html
import math
import statistics
from collections.abc import Mapping
from typing import Any

from docs._generator.figures import NARROW, WIDE, swatch, with_formulas
from docs._generator.refer import link, place
from elbo_lab import figures
from elbo_lab.mistakes import MISTAKES, PROGRAMS, RIGHT, Program
from elbo_lab.results import committed

KEYS = {
    "manifold": (("grey dot", "one and two standard deviations of the prior"),),
    "posteriors": (
        ("blue", r"$p(z \mid x)$: contours of half and of 95 % of its mass"),
        ("orange dashdot", r"the encoder's $q(z \mid x)$, the same"),
        ("green dash", "the diagonal Gaussian with the largest ELBO"),
    ),
    "gaps": (
        ("bar blue", "no Gaussian closes it"),
        ("bar green", "a diagonal covariance"),
        ("bar orange", "amortization: one encoder for all"),
    ),
    "weights": (
        ("orange", "the mean over the images; thin: the median"),
        ("grey dot", "what a decay like $1/K$ would be"),
        ("blue", "with a tenth of the draws from the prior: the line without a draw, the dots from draws"),
        ("green dash", r"the law: $V / (2 p^2 K)$, with $V$ by quadrature"),
    ),
    "beta": (("blue", "rate"), ("green dash", r"information $I(n; z)$"), ("orange dashdot", "marginal KL")),
}


NOTHING = (math.inf, math.inf)  # the cost of what ends without a number


def snippets() -> dict[str, str]:
    """Tables and pictures by the names of their files."""
    measured, counted = committed("network"), committed("mistakes")
    pictures = {f"network-{name}.md": picture(name, measured) for name in figures.PICTURES}
    return pictures | {
        "network-identities.md": identities(measured),
        "network-minibatch.md": minibatch(measured),
        "network-mistakes.md": mistakes(counted),
        "network-made.md": made(measured, counted),
    }


def picture(name: str, numbers: Mapping[str, Any]) -> str:
    """A figure, wide and narrow, with its key."""
    title, draw, heights = figures.PICTURES[name]
    size = f"--wide: {heights[0]}px; --narrow: {heights[1]}px"
    stage = [
        f'<svg class="{look}" role="img" aria-label="{html.escape(title)}" viewBox="0 0 {width:g} {height}" '
        f'preserveAspectRatio="xMinYMid">{draw(numbers, width, height)}</svg>'
        for look, width, height in (("wide", WIDE, heights[0]), ("narrow", NARROW, heights[1]))
    ]
    key = [f"<li>{swatch(look)} <span>{with_formulas(text)}</span></li>" for look, text in KEYS[name]]
    return "\n".join(
        [
            f'<figure class="picture" id="network-{name}" style="{size}" data-search-exclude>',
            f"<figcaption>{html.escape(title)}</figcaption>",
            '<ul class="key">',
            *key,
            "</ul>",
            '<div class="stage">',
            *stage,
            "</div>",
            "</figure>",
        ]
    ) + "\n"  # fmt: skip


def identities(measured: Mapping[str, Any]) -> str:
    """Every identity with its residual beside the error that it may have."""
    rows = ["| identity | one way | the other | between them | allowed |", "| --- | --- | --- | --- | --- |"]
    for section in measured.values():
        for row in section["identities"] if isinstance(section, dict) and "identities" in section else ():
            numbers = f"{row['left']:.6g} | {row['right']:.6g} | {power(row['residual'])} | {power(row['error'])}"
            rows.append(f"| [{row['words']}]({place(row['theorem'])}) | {numbers.replace('-', '−')} |")
    return "\n".join(rows) + "\n"


def minibatch(measured: Mapping[str, Any]) -> str:
    """The estimates of a batch beside the truth."""
    found = measured["surgery"]
    exact = found["exact"]
    truth = f"**{exact['mutual_information']:.3f}** | **{exact['total_correlation']:.3f}**"
    rows = [
        "| estimate | batch | information, nats | total correlation, nats |",
        "| --- | --- | --- | --- |",
        f"| by quadrature, all {found['encoders']} encoders | | {truth} |",
    ]
    for size, estimates in found["minibatch"].items():
        for name, parts in estimates.items():
            cells = (f"{value:.3f} ± {error:.3f}" for value, error in parts.values())
            rows.append(f"| {name} | {size} | {' | '.join(cells)} |".replace("-", "−"))
    return "\n".join(rows) + "\n"


def mistakes(counted: Mapping[str, Any]) -> str:
    """A row a mistake, the dearest first, and those that end without a number last."""
    right = counted["rows"][RIGHT.name]
    log_p, deep = (f"0 ({mean(right[latent]['log_p']):.2f})".replace("-", "−") for latent in ("2", "20"))
    prints = f"{mean(right['2']['says']):.1f} | {mean(right['2']['negative_elbo']):.1f}"
    rows = [
        "| program | nats lost, 2 latents | its loss says | true −ELBO | nats lost, 20 latents | the audit says; the page |",
        "| --- | --- | --- | --- | --- | --- |",
        f"| **correct** | {log_p} | {prints} | {deep} | equal: {link(RIGHT.page)} |",
    ]
    done = [program for program in MISTAKES if "2" in counted["rows"].get(program.name, ())]
    costs = {program.name: cost(counted, program, "2") or NOTHING for program in done}
    for program in sorted(done, key=lambda p: (costs[p.name] == NOTHING, -costs[p.name][0])):
        row = counted["rows"][program.name]
        plane, said = row["2"], f"{program.audit}: " if program.audit else "not seen in the loss: "
        shown = "diverges" if "diverged" in plane else shortest(mean(plane["says"]))
        true = "" if "diverged" in plane else shortest(mean(plane["negative_elbo"]))
        cells = [f"{program.name}<br>`{program.line}`", lost(costs[program.name]), shown, true]
        cells += [lost(cost(counted, program, "20")), said + link(program.page)]
        rows.append(
            "| " + " | ".join(cell.replace("|", "\\|") if i == 0 else cell for i, cell in enumerate(cells)) + " |"
        )
    return "\n".join(rows) + "\n"


def cost(counted: Mapping[str, Any], program: Program, latent: str) -> tuple[float, float] | None:
    """Nats of held-out log p lost against the right program of the same seed, and the standard error over the seeds.

    None: not counted yet.
    """
    right, row = (counted["rows"][name].get(latent) for name in (RIGHT.name, program.name))
    if row is None:
        return None
    if "diverged" in row:
        return NOTHING
    each = [a - b for a, b in zip(right["log_p"], row["log_p"], strict=True)]
    return statistics.fmean(each), statistics.stdev(each) / math.sqrt(len(each))


def lost(found: tuple[float, float] | None) -> str:
    if found is None:
        return ""
    value, error = found
    return "no number" if found == NOTHING else f"{value:.2f} ± {error:.2f}".replace("-", "−")


def made(measured: Mapping[str, Any], counted: Mapping[str, Any]) -> str:
    """The commands and the fingerprints, as a sentence each."""
    said = [
        f"`{found['command']}` made the {what}: fingerprint of the code `{found['fingerprint']}`, "
        + ", ".join(f"{package} {version}" for package, version in found["made with"].items())
        for found, what in ((measured, "identities and pictures"), (counted, "table of mistakes"))
    ]
    plane, deep = (sum(latent in row for row in counted["rows"].values()) for latent in ("2", "20"))
    of = len(PROGRAMS)
    return ". ".join(said) + f". Seeds: {len(counted['seeds'])}; programs counted: {plane} and {deep} of {of}.\n"


def mean(values: list[float]) -> float:
    return statistics.fmean(values)


def shortest(value: float) -> str:
    return (power(value) if abs(value) >= 1e4 else f"{value:.1f}").replace("-", "−")


def power(value: float) -> str:
    """One digit and a power of ten, where that is shorter."""
    if value == 0 or 0.01 <= abs(value) < 1e4:
        return f"{value:.2g}"
    digit, _, exponent = f"{value:.0e}".partition("e")
    return f"{digit} · 10" + str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
