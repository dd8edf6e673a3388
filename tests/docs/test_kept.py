"""Pages are kept from build to build only while what they are made from, and they themselves, stay as they were."""

import json

import pytest

from derivations._reading.book import NoEvidence, fingerprint
from docs._generator import kept


@pytest.fixture
def project(tmp_path, monkeypatch):
    for name in ("derivations/one.py", "elbo_ref/one.py", "docs/_generator/one.py", "docs/guide/one.md"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("one = 1\n", encoding="utf-8")
    for folder in ("build/pages", "docs/derivations"):
        (tmp_path / folder).mkdir(parents=True)
    checked(tmp_path)
    monkeypatch.setattr(kept.pages, "write", write)
    return tmp_path


def checked(root):
    found = {"whole": True, "sources": fingerprint(root), "totals": {"failed": 0}, "verdicts": []}
    (root / "build" / "verify.json").write_text(json.dumps(found), encoding="utf-8")


def write(root, served, edition):
    """In place of the true one: a page that tells how often it was written."""
    count = root / "count"
    count.write_text("x" + (count.read_text(encoding="utf-8") if count.exists() else ""), encoding="utf-8")
    (root / "docs" / "derivations" / "one.md").write_text("one", encoding="utf-8")
    (root / "build" / "pages" / "one.md").write_text("one", encoding="utf-8")
    return [{"a topic": ["derivations/one.md"]}]


def times_written(root):
    return len((root / "count").read_text(encoding="utf-8"))


def test_pages_are_kept_while_nothing_changes(project):
    menu = kept.write(project, served=True)
    assert kept.write(project, served=True) == menu
    assert times_written(project) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "docs" / "_generator" / "one.py").write_text("one = 2\n", encoding="utf-8"),
        lambda root: (root / "docs" / "derivations" / "one.md").write_text(
            "a formula that nobody proved", encoding="utf-8"
        ),
        lambda root: (root / "build" / "pages" / "one.md").write_text("a formula that nobody proved", encoding="utf-8"),
        lambda root: (root / "docs" / "derivations" / "one.md").unlink(),
        lambda root: (root / "docs" / "derivations" / "two.md").write_text(
            "a page that nobody wrote", encoding="utf-8"
        ),
        lambda root: (root / "docs" / "guide" / "one.md").write_text(
            '--8<-- "build/pages/worked-vae-loss.md"\n', encoding="utf-8"
        ),
        lambda root: (root / "build" / "verify.json").write_text(
            (root / "build" / "verify.json").read_text(encoding="utf-8").replace("[]", '["another run"]'),
            encoding="utf-8",
        ),
    ],
    ids=["generator", "page", "part", "page gone", "page more", "asked for", "another run"],
)
def test_pages_are_written_anew_after_a_change(project, change):
    kept.write(project, served=True)
    change(project)
    kept.write(project, served=True)
    assert times_written(project) == 2


def test_pages_for_files_are_not_pages_for_a_server(project):
    kept.write(project, served=True)
    kept.write(project, served=False)
    assert times_written(project) == 2


def test_prose_does_not_write_them_anew(project):
    kept.write(project, served=True)
    (project / "docs" / "guide" / "one.md").write_text("Another sentence.\n", encoding="utf-8")
    kept.write(project, served=True)
    assert times_written(project) == 1


def test_pages_of_other_sources_are_refused(project):
    kept.write(project, served=True)
    (project / "derivations" / "one.py").write_text("one = 2\n", encoding="utf-8")
    with pytest.raises(NoEvidence, match="older than the sources"):
        kept.write(project, served=True)
    checked(project)
    kept.write(project, served=True)
    assert times_written(project) == 2
