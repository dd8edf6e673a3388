"""Certificates that are malformed, truncated, huge or hostile: refused in one line, in bounded time, whatever they say."""

import contextlib
import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from elbo_check.__main__ import main
from elbo_check.replay import Report, check
from elbo_check.terms import Refused
from tests.elbo_check._dsl import Book

ROOT = Path(__file__).resolve().parent.parent.parent


def small() -> Book:
    """Two theorems: int (f + g) = int f + int g, and a sum that diverges."""
    book = Book()
    f, g, both = "(int u (f:real u))", "(int u (g:real u))", "(int u (+ (f:real u) (g:real u)))"
    hyps = f"(conv {f}) , (conv {g})"
    a = book.node("linearity", [], f"{hyps} |- (= {both} (+ {f} {g}))", [["1", f], ["1", g]])
    b = book.node("flip", [a], f"{hyps} |- (= (+ {f} {g}) {both})")
    book.theorem("sum", b, f"{hyps} |- (= (+ {f} {g}) {both})")
    c = book.node("assume", [], "(>= (^ x 2) 0)")
    d = book.node("for_all", [c], "(all x (>= (^ x 2) 0))", "x")
    book.theorem("square", d, "(all x (>= (^ x 2) 0))")
    return book


def ended(data: dict[str, Any] | bytes) -> list[str]:
    """Why parts of it are refused, each in a short line; asserts that it ends soon, and that nothing is proved."""
    began = time.process_time()
    try:
        report = check(data if isinstance(data, bytes) else json.dumps(data).encode())
    except Refused as why:
        whys = [str(why)]
    else:
        assert not report.accepted, "accepted"
        whys = [why for why in (*report.refused.values(), *(v.why for v in report.verdicts)) if why]
    assert time.process_time() - began < 20
    assert all("\n" not in why.strip() and len(why) < 2_000 for why in whys)
    return whys


def refused(data: dict[str, Any] | bytes) -> str:
    """Why; asserts that something is."""
    whys = ended(data)
    assert whys
    return "; ".join(whys)


def accepted(book: Book) -> Report:
    report = check(book.bytes())
    assert report.accepted, report
    return report


def test_the_small_book_is_accepted() -> None:
    report = accepted(small())
    assert [v.name for v in report.verdicts] == ["sum", "square"] and [v.inferences for v in report.verdicts] == [2, 2]


def changed(path: list[Any], to: Any) -> dict[str, Any]:
    data: Any = json.loads(small().bytes())
    at = data
    for k in path[:-1]:
        at = at[k]
    at[path[-1]] = to
    return dict(data)


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (["nodes", 1, 1], [-1]),
        (["nodes", 1, 1], [1]),
        (["nodes", 1, 1], [2]),
        (["nodes", 1, 1], [False]),
        (["nodes", 1, 1], [0.0]),
        (["nodes", 1, 1], [None]),
        (["nodes", 1, 1], 0),
        (["nodes", 1, 1], {}),
        (["nodes", 0, 0], "no such rule"),
        (["nodes", 0, 0], 3),
        (["nodes", 0, 2], -1),
        (["nodes", 0, 2], True),
        (["nodes", 0, 2], 10**6),
        (["nodes", 0, 2], 0),
        (["nodes", 0, 3], [-1]),
        (["nodes", 0, 4], []),
        (["nodes", 0, 4], [[0, 0]]),
        (["nodes", 0, 4], "x"),
        (["nodes", 0], ["linearity", [], 0, []]),
        (["nodes", 0], []),
        (["nodes", 1], ["flip", [0], 5, [], 0]),
        (["nodes", 2], ["assume", [], 5, []]),
        (["theorems", 0, 1], -1),
        (["theorems", 0, 1], 99),
        (["theorems", 0, 1], True),
        (["theorems", 0, 1], 3),
        (["theorems", 0, 0], ""),
        (["theorems", 0, 0], 7),
        (["theorems", 1, 0], "sum"),
        (["theorems", 0, 3], []),
        (["theorems", 0, 3], [0]),
        (["theorems", 0, 2], 0),
        (["theorems", 0], ["sum"]),
        (["terms", 0], ["q", 1]),
        (["terms", 0], []),
        (["terms", 0], None),
        (["terms", 0], ["q", "1e1000000000"]),
        (["terms", 0], ["q", "1/0"]),
        (["terms", 0], ["q", "１"]),
        (["terms", 0], ["q", "9" * 301]),
        (["terms", 0], ["b", -1]),
        (["terms", 0], ["b", True]),
        (["terms", 0], ["b", 10**8]),
        (["terms", 0], ["v", "#1", "real"]),
        (["terms", 0], ["v", "!1", "real"]),
        (["terms", 0], ["v", "", "real"]),
        (["terms", 0], ["v", "x", "complex"]),
        (["terms", 0], ["v", "x", "@"]),
        (["terms", 0], ["v", "x", ["^", 0]]),
        (["terms", 0], ["v", "x", ["^"]]),
        (["terms", 0], ["frobnicate", 1]),
        (["terms", 0], ["+", 0, 0]),
        (["terms", 0], [["q"], "1"]),
        (["terms"], {}),
        (["terms"], "q"),
        (["nodes"], None),
    ],
)
def test_one_part_changed(path: list[Any], to: Any) -> None:
    assert refused(changed(path, to))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"{",
        b"\xff\xfe",
        b'{"terms": [], "nodes": [], "theorems": [], "more": []}',
        b'{"terms": [], "terms": [], "nodes": [], "theorems": []}',
        b'{"terms": [["q", NaN]], "nodes": [], "theorems": []}',
        b'{"terms": [["b", 1e3]], "nodes": [], "theorems": []}',
        b'{"terms": [["b", ' + b"9" * 5000 + b']], "nodes": [], "theorems": []}',
        b"[" * 200_000,
        b'{"terms": ' + b"[" * 200_000,
        b'{"terms": ' + b'{"a":' * 100_000,
    ],
)
def test_bytes(data: bytes) -> None:
    assert refused(data)


ILL_FORMED = [
    "(+ (= x y) 1)", "(exp u)", "(+ u u)", "(int u u)", "(int i (f:real i))", "(sum z (f:real z))", "(sum z 0 1 z)", "(prod n (f:real n))",
    "(prod n 1 oo (f:real n))", "(prod z 0 1 z)", "(int u 0 1 (f:real u))", "(int z oo 1 z)", "(int z 0 -oo z)", "(+ oo 1)", "(= oo oo)", "(f:real oo)",
    "(D n 1 n)", "(D u x 1)", "(at x 1)", "(at u 1)", "(at 3 1)", "(int u (at u 1))", "(int z (at z 1))", "(int z (D t z (f:real t)))", "(int z (exp (D t z (f:real t))))",
    "(E ((z)) (D t z (f:real t)) 1)", "(all x x)", "(conv x)", "(conv (+ (int u 1) (int u 1)))", "(conv (* (int u 1) (int u 1)))", "(conv (= x y))", "(inf (sum n 1 N 1))",
    "(inf (int z 0 oo 1))", "(inf (* 2 (sum n 1 oo 1)))", "(joint (int u 1))", "(joint (int u (* 2 (int v 1))))", "(dom n (int u 1))", "(dom t t)",
    "(KL ((u)) (f:pos u))", "(KL () p q)", "(Normal ((z)) z 0 1)", "(Nobody ((z)) z)", "(Information ((u)) 1 1 1)", "(Information ((u) (v)) (f:pos u) 1 1)", "(E ((z)) (= z 1) 1)", "(all u 0 1 (= 0 0))",
    "(= x)", "(= x y z)", "(exp x y)", "(^ x)", "(+ x)", "(log)", "(f:real)", "(slope n 1 n 1)", "(all x (conv (f:real x)))", "(ae w (= w 0))",
]  # fmt: skip


@pytest.mark.parametrize("term", ILL_FORMED)
def test_ill_formed_terms(term: str) -> None:
    from elbo_check.replay import deep

    def load_it() -> None:
        from elbo_check.load import load

        book = Book()
        row = book.term(term)
        if term[1:3] not in ("= ", "al", "ae", "co", "in", "jo", "do", "sl") or term[1:4] == "int":
            row = book.put("=", row, row)
        book.nodes.append(["assume", [], row, [row]])
        load(book.bytes())

    with pytest.raises(Refused):
        deep(load_it)


def doubling(op: str, n: int) -> dict[str, Any]:
    """t_(i+1) = t_i op t_i, proved equal to itself turned round."""
    rows: list[Any] = [["v", "x", "real"], ["v", "y", "real"], ["+", 0, 1]]
    for _ in range(n):
        rows.append([op, len(rows) - 1, len(rows) - 1])
    top = len(rows) - 1
    rows += [["+", top, 0], ["+", 0, top], ["=", top + 1, top + 2], ["q", "0"], [">=", top, top + 4]]
    return {
        "terms": rows,
        "nodes": [["algebra", [], top + 3, []], ["assume", [], top + 5, []]],
        "theorems": [["t", 1, top + 5, []]],
    }


@pytest.mark.parametrize("op", ["+", "*", "^"])
@pytest.mark.parametrize("n", [5, 60, 390, 1000, 50_000])
def test_shared_parts_that_explode(op: str, n: int) -> None:
    refused(doubling(op, n))


BIG = "9" * 300
EXPLOSIONS = [
    f"(= (^ 2 {BIG}) 1)", f"(= (^ x {BIG}) 1)", f"(= (^ (+ x 1) {BIG}) 1)", f"(= (^ (+ x 1) -{BIG}) 1)", f"(= (^ {BIG} 1/2) 1)", "(= (^ (+ x y 1) 500) 1)",
    f"(= (^ (^ (^ 2 {BIG}) {BIG}) {BIG}) 1)", f"(= (exp {BIG}) 1)", f"(= (log {BIG}) 1)", "(= (^ (+ x y z a b c 1) 30) 1)", f"(= (sum n 1 {BIG} n) 1)", f"(= (^ 2 (^ 2 (^ 2 {BIG}))) 1)",
    f"(= (^ (abs x) {BIG}) 1)", "(= (* " + " ".join(f"(+ x{k}:real 1)" for k in range(30)) + ") 0)",
]  # fmt: skip


@pytest.mark.parametrize("prop", EXPLOSIONS)
@pytest.mark.parametrize("rule", ["algebra", "!=", "write_out", ">="])
def test_numbers_that_explode(prop: str, rule: str) -> None:
    book = Book()
    relation = rule in ("!=", ">=")  # known by a sign, if at all
    sequent = prop.replace("(=", f"({rule}", 1) if relation else prop
    node = book.node("assume" if relation else rule, [], sequent)
    book.theorem("t", node, sequent)
    if rule in ("algebra", "write_out"):
        assert refused(book.data())
    else:
        with contextlib.suppress(Refused):
            check(book.bytes())


def test_many_variables() -> None:
    rows: list[Any] = [["v", "x", "real"]]
    for k in range(3000):
        rows += [["v", f"x{k}", "real"], ["+", len(rows) - 1, len(rows)]]
    assert "too many" in refused({"terms": rows, "nodes": [], "theorems": []}) or "deeply" in refused(
        {"terms": rows, "nodes": [], "theorems": []}
    )


@pytest.mark.parametrize("seed", range(6))
def test_fuzzed_bytes(seed: int) -> None:
    """A changed byte: refused, or another true book. Never another exception."""
    rng = random.Random(seed)
    data = small().bytes()
    for _ in range(40):
        new = bytearray(data)
        for _ in range(rng.choice([1, 1, 2, 5])):
            where = rng.randrange(len(new))
            new[where : where + rng.choice([0, 1, 1, 3])] = bytes(
                rng.choice(b'0123456789[]{}",-.eE: xpq\x00\xff') for _ in range(rng.choice([0, 1, 1, 2]))
            )
        try:
            check(bytes(new))
        except Refused as why:
            assert "\n" not in str(why)


@pytest.mark.parametrize("seed", range(6))
def test_fuzzed_trees(seed: int) -> None:
    """A subtree replaced by another, or by something odd."""
    rng = random.Random(100 + seed)
    odd = [None, True, -1, 0, 1, 2.5, "", "x", "oo", [], {}, [[]], "int", 10**12, "real", ["^", 0]]
    for _ in range(60):
        data = json.loads(small().bytes())
        spots: list[tuple[Any, Any]] = []

        def collect(x: Any, spots: list[tuple[Any, Any]] = spots) -> None:
            for k in x if isinstance(x, dict) else range(len(x)):
                spots.append((x, k))
                if isinstance(x[k], list | dict):
                    collect(x[k])

        collect(data)
        for _ in range(rng.choice([1, 1, 2])):
            holder, k = rng.choice(spots)
            other, j = rng.choice(spots)
            try:
                holder[k] = rng.choice(odd) if rng.random() < 0.6 else json.loads(json.dumps(other[j]))
            except (KeyError, IndexError):
                continue
        try:
            check(json.dumps(data).encode())
        except Refused as why:
            assert "\n" not in str(why)


# --- theorems ---------------------------------------------------------------------------------------------------------
def test_a_theorem_is_what_its_last_inference_says() -> None:
    book = small()
    book.theorem("other", 3, "(all x (>= (^ x 3) 0))")
    assert "proves something else" in refused(book.data())


def test_a_hypothesis_that_is_not_given() -> None:
    book = Book()
    book.theorem("t", book.node("assume", [], "(= x 1) |- (= x 1)"), "(= x 1)")
    assert "not given" in refused(book.data())


def test_one_name_one_symbol() -> None:
    for sequent in (
        "(= (f:real x) (f:pos x)) |- (= (f:real x) (f:pos x))",
        "(= x:real x:pos) |- (= x:real x:pos)",
        "(= x:real (x:real 1)) |- (= x:real (x:real 1))",
    ):
        book = Book()
        book.theorem("t", book.node("assume", [], sequent), sequent)
        assert "two different symbols" in refused(book.data())


def test_what_rests_on_a_refused_inference_is_refused() -> None:
    book = Book()
    bad = book.node("algebra", [], "(= 0 1)")
    book.theorem("t", book.node("flip", [bad], "(= 1 0)"), "(= 1 0)")
    assert "inference 0 (algebra)" in refused(book.data())


# --- the command --------------------------------------------------------------------------------------------------------
def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_bytes(small().bytes())
    bad.write_text(json.dumps(changed(["nodes", 2, 0], "algebra")), encoding="utf-8")
    assert main([str(good)]) == 0
    assert (
        capsys.readouterr().out.splitlines()[-1] == "2 of 2 theorems proved; 4 of 4 inferences accepted; cited: nothing"
    )
    assert main([str(good), "--theorem", "square"]) == 0
    assert "proved square (2 inferences)" in capsys.readouterr().out
    assert main([str(good), "--theorem", "nobody"]) == 1
    assert main([str(bad)]) == 1
    assert "REFUSED square: inference 2 (algebra): " in capsys.readouterr().out
    assert main([str(bad), "--theorem", "sum"]) == 0
    assert main([str(tmp_path / "missing.json")]) == 1
    assert main([str(tmp_path)]) == 1
    capsys.readouterr()
    assert main([str(good), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["accepted"] and [t["name"] for t in said["theorems"]] == ["sum", "square"]


def test_the_folder_alone_is_enough(tmp_path: Path) -> None:
    """Copied elsewhere, isolated from site-packages and from this project."""
    import shutil

    shutil.copytree(ROOT / "elbo_check", tmp_path / "elbo_check", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "book.json").write_bytes(small().bytes())
    run = subprocess.run(
        [sys.executable, "-I", "-S", "elbo_check", "book.json"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "2 of 2 theorems proved" in run.stdout


def test_it_imports_the_standard_library_only() -> None:
    import ast

    for file in (ROOT / "elbo_check").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = (
                [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            assert all(n.split(".")[0] in sys.stdlib_module_names | {"elbo_check"} for n in names), (file, names)


# --- work and memory that a small file can ask for -----------------------------------------------------------------------
def bomb(kind: str) -> dict[str, Any]:
    rows: list[Any] = [["v", "x", "real"], ["q", "3/2"], ["=", 0, 0]]
    nodes: list[Any] = []
    theorems: list[Any] = []
    match kind:
        case "a number squared again and again":
            rows += [["*", i, i] for i in (1, *range(3, 60))]
            rows += [["+", len(rows) - 1, 0], ["+", 0, len(rows) - 1], ["=", len(rows), len(rows) + 1]]
            nodes = [["algebra", [], len(rows) - 1, []]]
        case "a product of many different factors":
            for i in range(8000):
                rows += [["q", str(i)], ["f", "f", "real", len(rows)]]
            fs = list(range(4, len(rows), 2))
            rows += [["*", *fs], ["*", *fs[::-1]], ["=", len(rows), len(rows) + 1]]
            nodes = [["algebra", [], len(rows) - 1, []]]
        case "hypotheses":
            rows += [["b", 0], ["int", "z", "real", 3], ["*", *[0] * 999, 4], ["conv", 5]]
            nodes = [["assume", [], 6, [6] * 300]] * 10_000
        case "hypotheses of premises":
            rows += [["q", str(i)] for i in range(300)]
            rows += [["=", 0, i] for i in range(3, 303)]
            hyps = list(range(303, 603))
            nodes = [["assume", [], 2, hyps]] + [["chain", [0] * 100, 2, hyps]] * 2000
        case "rationals of one hash":
            rows += [["q", f"{1234567891234567891 * d % (2**61 - 1)}/{d}"] for d in range(2, 40_000)]
        case "sets of free variables":
            rows += [["v", f"x{i}", "real"] for i in range(190)]
            rows.append(["+", *range(3, 103)])
            top, some = len(rows) - 1, range(103, 193)
            rows += [["+", top, i, j, k] for i in some for j in some for k in some if i < j < k]
        case "theorems":
            nodes = [["algebra", [], 2, []]] + [["flip", [i], 2, []] for i in range(30_000)]
            theorems = [[f"t{i}", 30_000, 2, []] for i in range(10_000)]
    return {"terms": rows, "nodes": nodes, "theorems": theorems}


@pytest.mark.parametrize(
    "kind",
    [
        "a number squared again and again",
        "a product of many different factors",
        "hypotheses",
        "hypotheses of premises",
        "rationals of one hash",
        "sets of free variables",
        "theorems",
    ],
)
def test_bombs(kind: str) -> None:
    """Large, and true or too large to tell; with no theorem or with one that is refused."""
    ended(bomb(kind))


@pytest.mark.parametrize("name", ["\ud800", "a\u001b[2K", "\u202ex", "x\u200b", "\u0445", "a\n", "a\u007f"])
def test_names_are_printable_ascii(name: str) -> None:
    assert "ASCII" in refused(changed(["theorems", 0, 0], name))
    assert "ASCII" in refused(changed(["terms", 0], ["v", name, "real"]))


def test_nothing_is_not_accepted(tmp_path: Path) -> None:
    file = tmp_path / "nothing.json"
    file.write_text('{"terms": [], "nodes": [], "theorems": []}', encoding="utf-8")
    assert main([str(file)]) == 1


def test_time_that_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    from elbo_check.terms import Budget

    monkeypatch.setattr(Budget, "seconds", 0.0)
    assert "too long" in refused(small().data())
