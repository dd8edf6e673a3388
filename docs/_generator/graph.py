"""The graph of what is used by what, as one inline SVG: links, no script, colours from the style sheet.

Layers from left to right by longest path, order within a layer by barycentres, positions relaxed towards neighbours
(Sugiyama's scheme). Edges that follow from others are left out; an edge across several layers passes through a waypoint
in each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from textwrap import wrap

WIDTH, HEIGHT, PASS = 196, 48, 6  # a box, and the height of a waypoint
COLUMN, GAP, MARGIN = WIDTH + 42, 12, 8
LETTERS, LINES, LINE = 28, 3, 14  # of a label: letters a line, lines a box, height of a line


@dataclass(frozen=True)
class Node:
    label: str
    status: str  # its last word is a class of the style sheet
    checked: str
    href: str


@dataclass
class _Drawing:
    layer: dict[str, int]
    paths: dict[tuple[str, str], list[str]]  # each edge as the nodes and waypoints that it passes
    columns: list[list[str]]
    before: dict[str, list[str]]
    after: dict[str, list[str]]
    height: dict[str, int]


ARROW = (
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 1 7 4 0 7z"/></marker></defs>'
)


def svg(nodes: Mapping[str, Node], edges: set[tuple[str, str]], title: str, *, arrow: str = ARROW) -> str:
    """Draw `nodes`, connected parts below one another; an edge (a, b) says that b uses a. No cycle is allowed.

    Of several drawings on a page one defines the `arrow` for all.
    """
    arrows, boxes = [], []
    right, bottom = 0, MARGIN
    for part in _parts(set(nodes), _reduced(set(nodes), edges)):
        drawing = _layers(*part)
        _order(drawing)
        x = {n: MARGIN + k * COLUMN for n, k in drawing.layer.items()}
        y = {n: bottom + centre for n, centre in _positions(drawing).items()}
        arrows += [_edge(path, x, y) for path in drawing.paths.values()]
        boxes += [_box(nodes[n], x[n], y[n]) for n in sorted(part[0], key=lambda n, x=x, y=y: (x[n], y[n]))]
        right = max(right, *x.values())
        bottom = round(max(y[n] + drawing.height[n] / 2 for n in y)) + 2 * GAP
    return (
        f'<svg style="width:{right + WIDTH + MARGIN}px" viewBox="0 0 {right + WIDTH + MARGIN} {bottom}" role="group" '
        f'aria-label="{escape(title)}" xmlns="http://www.w3.org/2000/svg">' + arrow + "".join(arrows + boxes) + "</svg>"
    )


def _parts(nodes: set[str], edges: set[tuple[str, str]]) -> list[tuple[set[str], set[tuple[str, str]]]]:
    """The connected parts of the graph, the largest first."""
    parts: list[set[str]] = []
    for n in sorted(nodes):
        joined = [p for p in parts if any({n, m} in ({a, b} for a, b in edges) for m in p)]
        parts = [p for p in parts if p not in joined] + [{n}.union(*joined)]
    parts.sort(key=lambda part: (-len(part), min(part)))
    return [(part, {(a, b) for a, b in edges if a in part}) for part in parts]


def _ancestors(nodes: set[str], edges: set[tuple[str, str]]) -> dict[str, set[str]]:
    """Everything before each node, in an order in which users come after what they use."""
    before: dict[str, set[str]] = {}
    waiting = sorted(nodes)
    while waiting:
        ready = [n for n in waiting if all(a in before for a, b in edges if b == n)]
        if not ready:
            raise ValueError(f"edges: must have no cycle, but these nodes use each other: {', '.join(waiting)}")
        for n in ready:
            parents = {a for a, b in edges if b == n}
            before[n] = parents.union(*(before[p] for p in parents))
        waiting = [n for n in waiting if n not in before]
    return before


def _reduced(nodes: set[str], edges: set[tuple[str, str]]) -> set[tuple[str, str]]:
    before = _ancestors(nodes, edges)
    return {(a, b) for a, b in edges if not any(a in before[p] for p, c in edges if c == b)}


def _layers(nodes: set[str], edges: set[tuple[str, str]]) -> _Drawing:
    layer: dict[str, int] = {}
    for n in _ancestors(nodes, edges):
        layer[n] = 1 + max((layer[a] for a, b in edges if b == n), default=-1)
    height = dict.fromkeys(layer, HEIGHT)
    paths = {}
    for a, b in sorted(edges):
        waypoints = [f"{a} to {b} at {k}" for k in range(layer[a] + 1, layer[b])]
        layer |= {w: k for k, w in enumerate(waypoints, layer[a] + 1)}
        height |= dict.fromkeys(waypoints, PASS)
        paths[a, b] = [a, *waypoints, b]
    segments = [s for path in paths.values() for s in pairwise(path)]
    before = {n: [a for a, b in segments if b == n] for n in layer}
    after = {n: [b for a, b in segments if a == n] for n in layer}
    columns = [[n for n in layer if layer[n] == k] for k in range(max(layer.values()) + 1)]
    return _Drawing(layer, paths, columns, before, after, height)


def _crossings(drawing: _Drawing) -> int:
    place = {n: i for column in drawing.columns for i, n in enumerate(column)}
    count = 0
    for column in drawing.columns:
        segments = [(place[a], place[b]) for a in column for b in drawing.after[a]]
        count += sum((a - c) * (b - d) < 0 for i, (a, b) in enumerate(segments) for c, d in segments[i + 1 :])
    return count


def _order(drawing: _Drawing) -> None:
    """Sweep to and fro, sorting each column by where its neighbours are; keep the best order seen."""
    best, fewest = [list(column) for column in drawing.columns], _crossings(drawing)
    for sweep in range(24):
        forwards = sweep % 2 == 0
        neighbours = drawing.before if forwards else drawing.after
        for column in drawing.columns if forwards else drawing.columns[::-1]:
            place = {n: i for c in drawing.columns for i, n in enumerate(c)}
            centre = {n: sum(place[m] for m in neighbours[n]) / len(neighbours[n]) for n in column if neighbours[n]}
            column.sort(key=lambda n: centre.get(n, place[n]))
        if (now := _crossings(drawing)) < fewest:
            best, fewest = [list(column) for column in drawing.columns], now
    drawing.columns = best


def _positions(drawing: _Drawing) -> dict[str, float]:
    """Heights of the centres: pulled towards neighbours, keeping order and gaps."""
    tall = drawing.height
    y: dict[str, float] = {}
    for column in drawing.columns:
        top = -(sum(tall[n] for n in column) + GAP * (len(column) - 1)) / 2
        for n in column:
            y[n] = top + tall[n] / 2
            top += tall[n] + GAP
    for _ in range(60):
        for column in drawing.columns:
            near = {n: drawing.before[n] + drawing.after[n] for n in column}
            goal = {n: 0.9 * sum(y[m] for m in near[n]) / max(len(near[n]), 1) for n in column}  # towards the middle
            for n in column:
                y[n] = (y[n] + goal[n]) / 2
            for a, b in pairwise(column):
                y[b] = max(y[b], y[a] + (tall[a] + tall[b]) / 2 + GAP)
            shift = sum(y[n] - goal[n] for n in column) / len(column)
            for n in column:
                y[n] -= shift
    top = min(y[n] - tall[n] / 2 for n in y)
    return {n: centre - top for n, centre in y.items()}


def _edge(path: list[str], x: Mapping[str, int], y: Mapping[str, float]) -> str:
    d = f"M{x[path[0]] + WIDTH} {y[path[0]]:.1f}"
    for a, b in pairwise(path):
        last = b == path[-1]
        start, end = x[a] + WIDTH, x[b] - (3 if last else 0)
        middle = (start + end) / 2
        d += f"C{middle} {y[a]:.1f} {middle} {y[b]:.1f} {end} {y[b]:.1f}"
        if not last:
            d += f"H{x[b] + WIDTH}"
    return f'<path class="edge" d="{d}" marker-end="url(#arrow)"/>'


def _box(node: Node, x: int, y: float) -> str:
    lines = wrap(node.label, LETTERS, max_lines=LINES, placeholder=" …")
    first = y - LINE * (len(lines) - 1) / 2
    text = "".join(
        f'<tspan x="{x + WIDTH / 2}" y="{first + LINE * k:.1f}" dy=".35em">{escape(line)}</tspan>'
        for k, line in enumerate(lines)
    )
    return (
        f'<a href="{escape(node.href)}" class="{node.status.split()[-1]}">'
        f"<title>{escape(node.label)}: {node.status}; {node.checked}</title>"
        f'<rect x="{x}" y="{y - HEIGHT / 2:.1f}" width="{WIDTH}" height="{HEIGHT}" rx="4"/>'
        f'<text text-anchor="middle">{text}</text></a>'
    )
