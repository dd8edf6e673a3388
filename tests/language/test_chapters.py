"""Chapters and names."""

from derivations._language.chapters import verdicts


def test_names_are_unique():
    names = [v.name for v in verdicts()]
    assert len(names) == len(set(names))
