"""A derivation gives SymPy names and assumptions, and no methods: neither the reader nor the kernel lets them in.

SymPy keeps what it has made: the odd functions have names that no other test uses.
"""

import pytest
import sympy as sp
from sympy.core.function import AppliedUndef, UndefinedFunction

from derivations._kernel import ProofError, assume
from derivations._language.chapters import listing
from derivations._language.listed import listed, only_a_docstring
from derivations._language.verdicts import Citation, counterexample, theorem

a = sp.Symbol("a", real=True)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('F = Function("F(a)", real=True, **{"__eq__": lambda one, other: True})', "no use for ** in a call"),
        ('make = Function\nF = make("F(a)", **{"real": True})', "no use for ** in a call"),
        ('F = Function("F(a)", eval=lambda one: one)', "eval is no assumption"),
        ('F = Function("F(a)", real=True, nargs=1)', "nargs is no assumption"),
        ('F = Function("F(a)", __eq__=lambda one, other: True)', "__eq__ is Python's own"),
        ('x, y = symbols("x y", cls=Function)', "cls is no assumption"),
        ('x = Symbol("x", free_symbols=0)', "free_symbols is no assumption"),
    ],
)
def test_what_would_become_a_method_is_refused_by_the_reader(tmp_path, line, why):
    file = tmp_path / "it.py"
    file.write_text(f"from derivations import *\n\n{line}\n", encoding="utf-8")
    assert any(why in fault for fault in listed(file).faults), listed(file).faults


def test_names_and_assumptions_are_not(tmp_path):
    file = tmp_path / "it.py"
    text = (
        'from derivations import *\n\nF = Function("F(a)", real=True, positive=True)\nx = Symbol("x", integer=True)\n'
    )
    file.write_text(text, encoding="utf-8")
    assert listed(file).faults == ()


class Lying(dict):
    def __eq__(self, other):
        return True

    __hash__ = None


@pytest.mark.parametrize(
    "made",
    [
        lambda: sp.Function("Odd", real=True, __eq__=lambda one, other: one is other, __hash__=lambda one: 1),
        lambda: sp.Function("Odd", real=True, free_symbols=frozenset()),
        lambda: sp.Function("Odd", real=True, eval=classmethod(lambda cls, x: None)),
        lambda: sp.Function("Odd", real=True, xreplace=lambda one, rule: one),
        lambda: sp.Function("Odd", real=True, is_extended_positive=True),
        lambda: UndefinedFunction("Odd", (AppliedUndef,), {"subs": lambda one, *_: one}, real=True),
        lambda: UndefinedFunction("Odd", (AppliedUndef,), {"is_positive": True}, real=True),
        lambda: UndefinedFunction("Odd", (AppliedUndef,), {"_prop_handler": {}, "_eval_is_positive": lambda one: True}),
    ],
)
def test_a_function_with_anything_of_its_own_is_not_in_the_language(made):
    with pytest.raises(ProofError, match="Odd is not in the kernel's language"):
        assume(sp.Eq(made()(a), 1, evaluate=False))


def test_changed_assumptions_of_a_made_class_are_seen():
    changed = sp.Function("Changed", real=True)
    changed.is_positive = True
    with pytest.raises(ProofError, match="not in the kernel's language"):
        assume(sp.Eq(changed(a), 1, evaluate=False))
    lied = sp.Function("Lied", real=True)
    lied.default_assumptions = Lying(lied.default_assumptions)
    with pytest.raises(ProofError, match="not in the kernel's language"):
        assume(sp.Eq(lied(a), 2, evaluate=False))


def test_plain_functions_are_in_the_language():
    for told in ({}, {"real": True}, {"positive": True}, {"integer": True, "nonnegative": True}, {"real": None}):
        assume(sp.Eq(sp.Function("F", **told)(a), 3, evaluate=False))


def test_every_file_of_the_book_is_read_without_a_fault():
    assert {m: f.faults for m, f in listing().items() if f.faults} == {}


@pytest.mark.parametrize("code", ["202e", "2066", "200b", "00ad", "feff", "001b", "0008", "00a0", "2028"])
def test_what_nobody_sees_is_refused_in_prose_remarks_and_titles(tmp_path, code):
    file, char = tmp_path / "it.py", chr(int(code, 16))
    for text in (f'"""Prose {char} here."""\n', f"# a remark {char} here\n", f'a = "a \\u{code} title"\n'):
        file.write_text(text, encoding="utf-8")
        assert any(f"U+{code.upper()}, which nobody sees" in fault for fault in listed(file).faults), text
    for text in (f'"""Prose {char} here."""\n', f'"""Prose \\u{code} here."""\n'):
        file.write_text(text, encoding="utf-8")
        assert not only_a_docstring(file)
    for make in (
        lambda: theorem(sp.Eq(a, 1), f"one {char} two")(lambda: None),
        lambda: counterexample(sp.Eq(a, 1), sp.Ne(a, 1), f"one {char} two", at={}, instead="")(lambda: None),
        lambda: Citation("it", "it", f"one {char} two", "", "", ()),
    ):
        with pytest.raises(ValueError, match=f"this one holds U.{code.upper()}"):
            make()
