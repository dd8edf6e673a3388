"""The pictures that answer to the hand, as snippets for any page: `--8<-- "build/pages/figure-NAME.md"`.

Each picture is one small script in `docs/assets/figures/`. V8 runs it here as well, so that a reader without a script sees
the picture at its first setting, from the very numbers and lines that the sliders will show.
"""

import atexit
import functools
import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from py_mini_racer import MiniRacer

from docs._generator.figures.keys import KEYS, SHOWN_WITH, TITLES
from docs._generator.katex import render

SCRIPTS = Path(__file__).parents[2] / "assets" / "figures"
WIDE, NARROW = 640, 312  # the two widths that are drawn for readers without a script; the style sheet shows one


@dataclass(frozen=True)
class Picture:
    """What one script says about itself: the heights on a wide and on a narrow column, and its sliders."""

    name: str
    height: tuple[int, int]
    inputs: Sequence[Mapping[str, Any]]

    @property
    def start(self) -> dict[str, float]:
        return {given["name"]: given["value"] for given in self.inputs}


@functools.cache
def _engine() -> MiniRacer:
    engine = MiniRacer()
    atexit.register(engine.close)  # left to the interpreter's exit, its thread may wait for ever
    for name in ("plot", *TITLES):
        engine.eval((SCRIPTS / f"{name}.js").read_text(encoding="utf-8"))
    return engine


def _ask(name: str, expression: str, state: Mapping[str, float]) -> Any:
    """The value of an expression in `picture`, the `state` of its sliders and the `numbers` that follow from it."""
    given = f"const picture = pictures[{json.dumps(name)}], state = {json.dumps(state)}"
    body = f"{given}; const numbers = picture.compute(state); return JSON.stringify({expression});"
    return json.loads(_engine().eval(f"(() => {{ {body} }})()"))


@functools.cache
def picture(name: str) -> Picture:
    """One picture by its name."""
    about = json.loads(_engine().eval(f"(p => JSON.stringify([p.height, p.inputs]))(pictures[{json.dumps(name)}])"))
    return Picture(name, tuple(about[0]), about[1])


def numbers(name: str, state: Mapping[str, float]) -> dict[str, Any]:
    """What a picture computes for a state of its sliders."""
    return _ask(name, "numbers", state)


def snippets() -> dict[str, str]:
    """Every picture as HTML, by the name of its file."""
    return {f"figure-{name}.md": _figure(picture(name)) for name in TITLES}


def include(module: str) -> str:
    """The line that puts a derivation's picture on its page; empty where there is none."""
    return f'--8<-- "build/pages/figure-{SHOWN_WITH[module]}.md"' if module in SHOWN_WITH else ""


def _figure(p: Picture) -> str:
    title, heights = html.escape(TITLES[p.name]), f"--wide: {p.height[0]}px; --narrow: {p.height[1]}px"
    data = f'data-picture="{p.name}" data-title="{title}" data-residual="{_ask(p.name, "numbers.residual", p.start)}"'
    lines = [
        f'<figure class="picture" id="picture-{p.name}" {data} style="{heights}" data-search-exclude>',
        f"<figcaption>{title}</figcaption>",
        '<ul class="key">',
        *(f"<li>{swatch(look)} <span>{with_formulas(words)}</span></li>" for look, words in KEYS[p.name]),
        "</ul>",
        '<div class="stage">',
        *(_drawing(p, *size) for size in (("wide", WIDE, p.height[0]), ("narrow", NARROW, p.height[1]))),
        "</div>",
        '<div class="controls">',
        *(_slider(p.name, given) for given in p.inputs),
        "</div>",
        f'<output aria-live="polite">{html.escape(_ask(p.name, "picture.says(state, numbers)", p.start))}</output>',
        "</figure>",
    ]
    return "\n".join(lines) + "\n"


def _drawing(p: Picture, look: str, width: int, height: int) -> str:
    inner = _ask(p.name, f"picture.draw(state, numbers, {width}, {height})", p.start)
    title, box = html.escape(TITLES[p.name]), f'viewBox="0 0 {width} {height}" preserveAspectRatio="xMinYMid"'
    return f'<svg class="{look}" role="img" aria-label="{title}" {box}>{inner}</svg>'


def _slider(name: str, given: Mapping[str, Any]) -> str:
    place, digits = f"picture-{name}-{given['name']}", len(str(given["step"]).partition(".")[2])
    limits = " ".join(f'{key}="{given[key]}"' for key in ("min", "max", "step", "value"))
    value = f"{given['value']:.{digits}f}".replace("-", "−")
    return (
        f'<label for="{place}">{given["label"]}</label> '
        f'<input type="range" id="{place}" name="{given["name"]}" {limits} /><span class="value">{value}</span>'
    )


def swatch(look: str) -> str:
    """A sample of the line, dot or area that a word of the key is about."""
    if look in ("full", "hollow"):
        mark = f'<circle class="{look}" cx="17" cy="6" r="4.5" />'
    elif look.startswith("bar "):
        mark = f'<rect class="{look}" x="3" y="1" width="28" height="10" />'
    elif look.startswith("area "):
        mark = f'<path class="{look}" d="M1 11L33 11L33 1L1 1Z" />'
    else:
        mark = f'<path class="line {look}" d="M1 6L33 6" />'
    return f'<svg class="swatch" viewBox="0 0 34 12" aria-hidden="true">{mark}</svg>'


def with_formulas(words: str) -> str:
    """Plain words, with TeX between dollar signs."""
    parts = words.split("$")
    return "".join(render(part, display=False) if i % 2 else html.escape(part) for i, part in enumerate(parts))
