"""Rules and definitions have words, and words have a rule or a definition."""

import ast
from pathlib import Path

from derivations._kernel import Notation
from derivations._language import words
from derivations._language.notation import Law

ROOT = Path(__file__).parents[2]


def test_every_rule_that_has_words_is_a_rule_of_the_kernel():
    kernel = "".join(p.read_text(encoding="utf-8") for p in sorted((ROOT / "derivations" / "_kernel").glob("*.py")))
    strings = {n.value for n in ast.walk(ast.parse(kernel)) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    assert set(words.REASONS) | words.SILENT <= strings


def test_every_definition_that_a_proof_opens_has_words():
    classes = {*Notation.__subclasses__(), *Law.__subclasses__()} - {Law}
    ours = {c.__name__ for c in classes if c.__module__.startswith("derivations.")}  # other tests make classes too
    assert ours == set(words.DEFINED)
