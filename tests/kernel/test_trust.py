"""Nothing but the kernel makes a theorem; what a theorem leans on stays with it."""

import ast
import copy
import inspect
import pickle
import subprocess
import sys
from types import SimpleNamespace

import pytest
import sympy as sp

from derivations._kernel import Notation, Thm, because, chain, defined, flip, for_all, sign, unfold
from derivations._language import notation
from derivations._language.notation import Normal
from tests.kernel._lab import ROOT, HiddenSymbol, Integral, eq, ge, one, q, refused, s, x, y, z


def test_a_theorem_is_not_made_by_hand():
    with pytest.raises(TypeError, match="never by hand"):
        Thm(object(), eq(0, 1), "magic")


def test_a_theorem_is_immutable_and_cannot_be_copied():
    thm = sign(one)
    for change in (
        lambda: setattr(thm, "prop", eq(0, 1)),
        lambda: setattr(thm, "__class__", object),
        lambda: copy.copy(thm),
        lambda: copy.deepcopy(thm),
        lambda: pickle.loads(pickle.dumps(thm)),
    ):
        with pytest.raises(AttributeError, match="immutable"):
            change()
    assert thm.prop == ge(1, 0)


def test_a_look_alike_is_no_theorem():
    """A rule that took any object with a prop would launder it into a theorem."""
    fake = SimpleNamespace(prop=eq(0, 1), hyps=frozenset(), parents=(), rule="magic", why="")

    class Heir(Thm):
        __slots__ = ()
        prop, hyps, parents, rule, why = eq(0, 1), frozenset(), (), "magic", ""

        def __init__(self):
            pass

    for look_alike in (fake, Heir()):
        for launder in (flip, lambda x: chain(x), lambda x: because(x, ""), lambda x: for_all(x, y)):
            with pytest.raises(TypeError, match="not a theorem"):
                launder(look_alike)


FOLDERS = ("derivations", "elbo_cli", "elbo_ref", "docs", "benchmarks")


SOURCES = {
    path: path.read_text(encoding="utf-8")
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("*.py")
    if "_kernel" not in path.parts
}


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_only_the_kernel_makes_theorems(path):
    """Python cannot seal a type, so this test reads every file instead."""
    assert "_MINT" not in SOURCES[path], "takes the kernel's token"
    for node in ast.walk(ast.parse(SOURCES[path])):
        if isinstance(node, ast.Call):
            called = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
            assert called != "Thm", f"line {node.lineno} makes a theorem by hand"
        if isinstance(node, ast.ClassDef):
            assert "Thm" not in {getattr(b, "id", "") for b in node.bases}, f"line {node.lineno} inherits from Thm"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert (node.value.id, node.attr) != ("object", "__setattr__"), f"line {node.lineno} breaks a seal"
            assert (node.value.id, node.attr[:2]) != ("Thm", "__"), f"line {node.lineno} reaches into Thm"


def test_the_language_makes_no_theorem():
    source = (ROOT / "derivations" / "_kernel" / "language.py").read_text(encoding="utf-8")
    assert "Thm" not in source


def test_a_notation_is_its_definition_and_nothing_else():
    """A definition reads its arguments, branches on nothing and remembers nothing; only notation.py has them."""
    heads = {name for name, c in vars(notation).items() if inspect.isclass(c) and issubclass(c, Notation)}
    for path, source in SOURCES.items():
        for node in ast.walk(ast.parse(source)):
            if not isinstance(node, ast.ClassDef) or not heads & {getattr(b, "id", "") for b in node.bases}:
                continue
            assert path.name == "notation.py", f"{path.name} defines the notation {node.name}"
            for part in node.body:
                docstring = isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)
                assert docstring or (isinstance(part, ast.FunctionDef) and part.name == "definition"), ast.dump(part)
                for inner in ast.walk(part):
                    assert not isinstance(inner, ast.If | ast.IfExp | ast.Compare | ast.While | ast.Global), node.name


def test_no_proof_runs_when_the_derivations_are_imported():
    code = (
        "from derivations._kernel import Thm\n"
        "def run(*a, **b): raise SystemExit('a proof ran at import')\n"
        "Thm.__init__ = run\n"
        "from derivations._language.chapters import verdicts\n"
        "assert verdicts()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr


class HiddenFunction(Notation):
    def definition(self):
        return Integral(q(z), (z, 0, 1))


class Counter(Notation):
    def definition(self):
        calls.append(None)
        return sp.Integer(len(calls))


calls = []


@pytest.mark.parametrize("head", [HiddenSymbol(), HiddenFunction(), Counter()], ids=lambda e: type(e).__name__)
def test_a_definition_is_about_its_arguments_and_always_the_same(head):
    with refused("not a definition"):
        unfold(head)


def test_a_notation_knows_of_itself_only_what_its_definition_says():
    with pytest.raises(TypeError, match="definition"):

        class Liar(Notation):
            is_positive = True

            def definition(self):
                return -one

    with refused("not known to be >= 0"):
        sign(Normal(z, 0, x))
    assert sign(Normal(z, 0, s)).hyps == set()
    assert defined(Normal(z, 1 / x, 1)) == {sp.Ne(x, 0)}
