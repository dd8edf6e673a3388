"""Lines, marks and axes as text of SVG. Classes say what a thing is; the style sheet of whoever shows it, how it looks."""

import math
from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby
from typing import NamedTuple

Point = tuple[float, float]


class Scale(NamedTuple):
    """From a number to a place on an axis."""

    low: float
    high: float
    log: bool = False

    def along(self, value: float) -> float:
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


class Axes:
    """A box (left, top, width, height) with its scales; what is drawn is gathered."""

    def __init__(
        self, box: tuple[float, float, float, float], x: Scale, y: Scale, *, title: str, x_label: str,
        x_ticks: Sequence[float] = (), y_ticks: Sequence[float] = (), y_label: str = "",
    ) -> None:  # fmt: skip
        left, top, width, height = box
        self.x, self.y = x, y
        self.left, self.top = left + (40 if y_ticks else 4), top + (40 if y_label else 24)
        self.right, self.bottom = left + width - 8, top + height - 36
        self.parts = [text(left + 4, top + 12, title, cls="title")]
        if y_label:
            self.parts.append(text(left + 4, top + 28, y_label, cls="name"))
        for tick in (t for t in x_ticks if x.low <= t <= x.high):
            at = self.place((tick, y.low))
            self.parts += [rule(at, (at[0], at[1] + 4), "axis"), text(at[0], at[1] + 17, short(tick), anchor="middle")]
        for tick in (t for t in y_ticks if y.low <= t <= y.high):
            at = self.place((x.low, tick))
            self.parts += [rule(at, (self.right, at[1]), "grid"), text(at[0] - 6, at[1] + 4, short(tick), anchor="end")]
        middle = (self.left + self.right) / 2
        self.parts.append(rule((self.left, self.bottom), (self.right, self.bottom), "axis"))
        self.parts.append(text(middle, self.bottom + 32, x_label, anchor="middle", cls="name"))

    def place(self, point: Point) -> Point:
        u, v = self.x.along(point[0]), self.y.along(point[1])
        return self.left + u * (self.right - self.left), self.bottom - v * (self.bottom - self.top)

    def line(self, points: Iterable[Point], cls: str) -> None:
        places = [self.place(point) for point in points]
        self.parts.append(f'<path class="line {cls}" d="{path(places)}"/>')

    def area(self, points: Iterable[Point], cls: str) -> None:
        self.parts.append(f'<path class="{cls}" d="{path([self.place(point) for point in points])}Z"/>')

    def segments(self, ends: Iterable[Sequence[float]], cls: str) -> None:
        """Short lines, each [x1, y1, x2, y2]."""
        d = "".join(path([self.place((a, b)), self.place((c, e))]) for a, b, c, e in ends)
        self.parts.append(f'<path class="line {cls}" d="{d}"/>')

    def ellipse(self, centre: Point, half: Point, cls: str) -> None:
        turns = [2 * math.pi * i / 72 for i in range(73)]
        self.line(((centre[0] + half[0] * math.cos(t), centre[1] + half[1] * math.sin(t)) for t in turns), cls)

    def note(self, point: Point, words: str, *, anchor: str = "start", dx: float = 5, dy: float = -5) -> None:
        x, y = self.place(point)
        self.parts.append(text(x + dx, y + dy, words, anchor=anchor))

    def dots(self, points: Iterable[Point], cls: str) -> None:
        """Many marks in one path: round ends of lines of no length."""
        d = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in map(self.place, points))
        self.parts.append(f'<path class="{cls}" d="{d}"/>')

    def marks(self, points: Iterable[Point], cls: str, size: float = 3.0) -> None:
        for x, y in map(self.place, points):
            self.parts.append(f'<circle class="{cls}" cx="{x:.1f}" cy="{y:.1f}" r="{size:g}"/>')


def text(x: float, y: float, words: str, *, anchor: str = "start", cls: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{cls}">{escape(words)}</text>'


def rule(a: Point, b: Point, cls: str) -> str:
    return f'<path class="{cls}" d="{path([a, b])}"/>'


def path(points: Sequence[Point]) -> str:
    return "".join(f"{'L' if i else 'M'}{x:.1f} {y:.1f}" for i, (x, y) in enumerate(points))


def pixels(left: float, top: float, side: float, rows: Sequence[Sequence[int]], most: int) -> str:
    """An image in ink: for each level but the lowest one path of its runs, in units of a pixel."""
    runs: dict[int, str] = {}
    for i, row in enumerate(rows):
        for level, run in groupby(range(len(row)), key=lambda j: row[j]):
            if level:
                start, *rest = run
                runs[level] = runs.get(level, "") + f"M{start} {i}h{1 + len(rest)}v1h-{1 + len(rest)}z"
    inner = "".join(f'<path fill-opacity="{level / most:.1f}" d="{d}"/>' for level, d in sorted(runs.items()))
    return f'<g class="ink" transform="translate({left:.1f} {top:.1f}) scale({side / len(rows):.2f})">{inner}</g>'


def short(value: float) -> str:
    """A power of ten far from one as such, anything else in digits."""
    power = round(math.log10(value)) if value > 0 else 0
    if abs(power) > 3 and math.isclose(value, 10.0**power):
        return "10" + f"{power}".translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{value:g}".replace("-", "\u2212")
