"""The graph of what uses what: every node a link, every box in a place of its own."""

import re
from itertools import pairwise

import pytest

from docs._generator import graph


def nodes(names: str) -> dict[str, graph.Node]:
    return {n: graph.Node(f"Theorem {n}", "proved", "", f"../{n}/") for n in names}


def test_the_graph_links_every_node_and_leaves_out_what_follows():
    drawn = graph.svg(nodes("abcd"), {("a", "b"), ("b", "c"), ("a", "c"), ("c", "d"), ("a", "d")}, "Graph")
    assert re.findall(r'<a href="\.\./(\w)/"', drawn) == list("abcd")
    assert drawn.count('class="edge"') == 3


def test_boxes_of_the_graph_do_not_overlap():
    names = "abcdefgh"
    drawn = graph.svg(nodes(names), {(a, b) for a in names[:3] for b in names[3:]}, "Graph")
    boxes = [
        tuple(map(float, b)) for b in re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="\d+" height="(\d+)"', drawn)
    ]
    columns = {x: sorted(b for b in boxes if b[0] == x) for x, _, _ in boxes}
    assert len(boxes) == len(names)
    assert len(columns) == 2
    assert all(above[1] + above[2] < below[1] for column in columns.values() for above, below in pairwise(column))


def test_a_cycle_in_the_graph_is_refused():
    with pytest.raises(ValueError, match="must have no cycle, but these nodes use each other: a, b"):
        graph.svg(nodes("abc"), {("a", "b"), ("b", "a")}, "Graph")
