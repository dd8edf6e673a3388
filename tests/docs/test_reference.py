"""The pages of the reference: docstrings as Markdown, with links to their theorems."""

from derivations._language.chapters import verdicts
from docs._generator import reference


def test_a_docstring_becomes_markdown():
    name = verdicts()[0].name
    text = f"Sum.\n\na = b * c\n\nShapes: (..., D).\nRaises ValueError if a\nis bad.\nTheorem: {name}."
    lines = reference.markdown(text).splitlines()
    assert lines[2:5] == ["```text", "a = b * c", "```"]
    assert lines[6:8] == ["- **Shapes** (..., D).", "- **Raises** ValueError if a is bad."]
    assert f".md#{name})." in lines[8]


def test_a_docstring_does_not_link_to_a_theorem_that_is_not_there():
    assert reference.markdown("Sum.\n\nTheorem: nonsense.").endswith("`nonsense` (no proof yet).")
