"""Chapters and derivations are found by looking at the folders; order follows from what uses what."""

import re

import pytest

import derivations
from derivations._language import chapters as chapters_found
from derivations._language.chapters import Misplaced, chapters, homes, page, readable, verdicts
from derivations._language.notation import same
from derivations._language.verdicts import Theorem
from derivations._reading.book import after_what_they_use, as_mentioned


def _book(folder, *files):
    for file in files:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('"""# A title"""\n', encoding="utf-8")
    return folder


def test_a_folder_is_a_chapter_and_a_file_a_derivation(tmp_path):
    files = ("__init__.py", "_kernel/__init__.py", "_kernel/logic.py", "two/__init__.py", "two/a.py", "one/__init__.py")
    book = _book(tmp_path, *files, "one/b.py", "one/_shared.py")
    assert homes(book) == {"b": "one", "a": "two"}


@pytest.mark.parametrize(
    ("files", "why"),
    [
        (["one/__init__.py", "one/a.py", "two/__init__.py", "two/a.py"], r"two/a\.py has the name of one/a\.py"),
        (["one/__init__.py", "one/two.py", "two/__init__.py"], r"one/two\.py has the name of a chapter"),
        (["one/__init__.py", "stray.py"], r"stray\.py lies in no chapter"),
        (["one/__init__.py", "two/a.py"], r"two/a\.py lies in no chapter"),
        (["one/__init__.py", "one/a/__init__.py"], "one/a is no derivation"),
        (["one/__init__.py", "one/a.so"], r"one/a\.so is no derivation"),
    ],
)
def test_what_would_be_lost_is_refused_by_name(tmp_path, files, why):
    with pytest.raises(Misplaced, match=why):
        homes(_book(tmp_path, *files))


def test_every_chapter_has_a_page_and_derivations():
    for chapter, names in chapters().items():
        assert page(chapter).startswith("# ") and names, chapter


def test_order_is_that_of_mention_with_what_is_used_first():
    assert as_mentioned({"a", "b", "c", "d"}, "first c, then a; cab is another word") == ["c", "a", "b", "d"]
    assert after_what_they_use({"c": ["d"], "a": [], "d": ["b"], "b": []}) == ["b", "d", "c", "a"]
    with pytest.raises(ValueError, match="in a circle: a, b"):
        after_what_they_use({"a": ["b"], "b": ["a"]})


def test_every_chapter_has_its_place_in_the_order_of_reading():
    assert set(chapters()) <= set(re.findall(r"\w+", derivations.__doc__))


def test_two_verdicts_of_one_name_are_refused_by_both_files(monkeypatch):
    gibbs = next(v for v in verdicts() if v.name == "gibbs")
    false = Theorem(same(1, 2), _proof_of_another("gibbs", "derivations.evidence.gap"), "one is two")
    monkeypatch.setattr(
        chapters_found, "own", lambda m: {"gibbs": [gibbs], "gap": [false]}.get(m.__name__.split(".")[-1], [])
    )
    for read in (verdicts, readable):
        with pytest.raises(Misplaced, match=r"divergence/gibbs\.py .* both have a verdict called gibbs"):
            read()


def _proof_of_another(name, module):
    def proof():
        raise AssertionError("nobody may run it")

    proof.__name__, proof.__module__ = name, module
    return proof
