"""The committed results are those of today's code, and the table of mistakes names what exists."""

import json

import pytest

from derivations._language.chapters import named
from elbo_audit import mistakes as audited
from elbo_lab import results
from elbo_lab.cost import LATENT
from elbo_lab.mistakes import MISTAKES, PROGRAMS, RIGHT


@pytest.mark.parametrize("name", results.MAKERS)
def test_results_are_of_todays_code(name):
    found = results.committed(name)
    assert found["fingerprint"] == results.fingerprint(results.MAKERS[name]), f"make them anew: {found['command']}"


def test_every_measured_identity_holds():
    rows = [
        row
        for part in results.committed("network").values()
        if isinstance(part, dict)
        for row in part.get("identities", ())
    ]
    assert len(rows) >= 12
    assert [row["words"] for row in rows if not (row["holds"] and row["residual"] <= row["error"])] == []


def test_mistakes_are_counted_with_three_seeds():
    rows = results.committed("mistakes")["rows"]
    assert len(MISTAKES) >= 20 and set(rows) <= {program.name for program in PROGRAMS} and RIGHT.name in rows
    for row in rows.values():
        assert "2" in row and set(row) <= {str(latent) for latent in LATENT}
        assert all("diverged" in found or len(found["log_p"]) == 3 for found in row.values())


def test_rows_name_what_exists():
    pages = set(named())
    names = {m.name for m in vars(audited).values() if isinstance(m, audited.Mistake)}
    kinds = {"", "equal", "weighted", "another model", "surrogate"}
    assert [p.name for p in PROGRAMS if p.page not in pages or p.audit not in names | kinds] == []
    identities = [
        part.get("identities", ()) for part in results.committed("network").values() if isinstance(part, dict)
    ]
    assert {row["theorem"] for rows in identities for row in rows} <= pages


def test_a_fingerprint_is_of_what_code_does(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "HERE", tmp_path)
    marks = []
    for source in (
        "def f():\n    return 1",
        'def f():\n    """One."""\n    return 1  # so\n',
        "def f():\n    return 2",
    ):
        (tmp_path / "a.py").write_text(source, encoding="utf-8")
        marks.append(results.fingerprint(["a"]))
    assert marks[0] == marks[1] != marks[2]


def test_a_file_is_whole_and_a_run_goes_on_from_it(tmp_path):
    file = tmp_path / "new" / "x.json"
    head = {"fingerprint": "a", "seeds": [0, 1]}
    assert results.continued(file, head) == head
    results.write(file, head | {"rows": {"one": 1 / 3}})
    assert results.continued(file, head)["rows"] == {"one": 0.333333}
    assert results.continued(file, head | {"fingerprint": "b"}) == head | {"fingerprint": "b"}
    assert [p.name for p in file.parent.iterdir()] == ["x.json"]
    assert json.loads(file.read_text(encoding="utf-8"))["seeds"] == [0, 1]
