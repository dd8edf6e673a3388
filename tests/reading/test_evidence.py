"""A site is made from a run of the checks on these sources, in which none failed, or not at all."""

import json

import pytest

from derivations._reading.book import NoEvidence, evidence, fingerprint


@pytest.fixture
def project(tmp_path):
    for folder in ("derivations", "derivations/_kernel", "elbo_cli", "elbo_ref", "build"):
        (tmp_path / folder).mkdir()
    (tmp_path / "derivations" / "one.py").write_text("one = 1\n", encoding="utf-8")
    return tmp_path


def test_a_site_without_checks_is_refused(project):
    with pytest.raises(NoEvidence, match=r"verify\.json is missing: run `make build/verify\.json`"):
        evidence(project / "build" / "verify.json")


@pytest.mark.parametrize(
    "changed",
    [
        "derivations/one.py",
        "derivations/_kernel/logic.py",
        "derivations/claims.toml",
        "elbo_cli/verify.py",
        "elbo_ref/two.py",
    ],
)
def test_checks_of_older_sources_are_refused(project, changed):
    found = project / "build" / "verify.json"
    found.write_text(
        json.dumps({"whole": True, "verdicts": [], "totals": {"failed": 0}, "sources": fingerprint(project)}),
        encoding="utf-8",
    )
    assert evidence(found)["verdicts"] == []
    (project / changed).write_text("one = 2\n", encoding="utf-8")
    with pytest.raises(NoEvidence, match="older than the sources"):
        evidence(found)


def test_failed_checks_stop_the_site(project):
    found = project / "build" / "verify.json"
    found.write_text(
        json.dumps({"whole": True, "verdicts": [], "totals": {"failed": 2}, "sources": fingerprint(project)}),
        encoding="utf-8",
    )
    with pytest.raises(NoEvidence, match="2 verdicts failed"):
        evidence(found)


def test_checks_of_a_part_are_no_evidence_for_the_site(project):
    found = project / "build" / "verify.json"
    found.write_text(
        json.dumps({"whole": False, "verdicts": [], "totals": {"failed": 0}, "sources": fingerprint(project)}),
        encoding="utf-8",
    )
    with pytest.raises(NoEvidence, match="a part of the book"):
        evidence(found)
