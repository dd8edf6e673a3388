"""The command `elbo-ref`, as a user meets it."""

import importlib
import importlib.util
import json
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from derivations._checks.checker import CHECKER, Said
from derivations._checks.checks import CHECKS
from derivations._checks.run import asked
from derivations._language import chapters
from derivations._language.chapters import verdicts
from derivations._language.verdicts import Counterexample, Theorem
from derivations._reading.ledger import rows
from elbo_cli.__main__ import app
from elbo_cli.terminal import NO_OUTPUT
from elbo_cli.verify import COLUMNS

VERDICTS = verdicts()
PROOFS = [v for v in VERDICTS if isinstance(v, Theorem | Counterexample)]
QUICK = "gibbs_equality"  # any verdict that is fast to check
flint = pytest.mark.skipif(not importlib.util.find_spec("flint"), reason="python-flint is not installed")
CLAIM = {"id", "source", "lines", "verdict", "derivation", "statement", "given", "counterexample", "instead"}


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    runner = CliRunner()
    return lambda *words: runner.invoke(app, list(words))


def test_verify_one_writes_a_row_and_json(run, tmp_path):
    target = tmp_path / "out.json"
    answer = run("verify", QUICK, "--json", str(target))
    assert answer.exit_code == 0, answer.output
    assert QUICK in answer.output and "1 proved" in answer.output
    data = json.loads(target.read_text(encoding="utf-8"))
    (report,) = data["verdicts"]
    assert list(report) == [
        "name",
        "kind",
        "claims",
        "given",
        "seconds",
        "says",
        "inferences",
        "cites",
        *CHECKS,
        "worked",
        "claimed",
        "call",
        "mutants",
        "tracebacks",
    ]
    assert set(COLUMNS) == set(CHECKS)
    assert data["totals"]["proved"] == 1 and data["totals"]["failed"] == 0
    assert data["totals"]["mutants"]["tried"] == report["mutants"]["tried"] > 0
    assert re.fullmatch("[0-9a-f]{64}", data["sources"])


def test_verify_fits_into_120_columns(run):
    assert max(map(len, run("verify", QUICK).output.splitlines())) <= 120


def test_verify_takes_modules_and_several_processes(run, tmp_path):
    module = next(v.module for v in PROOFS if v.name == QUICK)
    target = tmp_path / "out.json"
    assert run("verify", module, "--json", str(target)).exit_code == 0
    names = [r["name"] for r in json.loads(target.read_text(encoding="utf-8"))["verdicts"]]
    assert names == [v.name for v in PROOFS if v.module == module]


def test_what_the_checker_refuses_is_not_called_proved(run, monkeypatch):
    said = {QUICK: {"proved": False, "why": "inference 7 (sign): no", "inferences": 9, "cites": []}}
    monkeypatch.setattr("derivations._checks.run.checked", lambda certificate: Said(said, 9))
    answer = run("verify", QUICK)
    assert answer.exit_code == 1
    assert "0 proved, 0 refuted, 1 prover only" in answer.output and "inference 7 (sign): no" in answer.output


def test_certify_writes_what_the_checker_reads(run, tmp_path):
    target = tmp_path / "c.json"
    assert run("certify", str(target), "--theorem", QUICK).exit_code == 0
    command = [sys.executable, "-I", str(CHECKER), str(target)]
    read = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert read.returncode == 0 and f"proved {QUICK}" in read.stdout, read.stdout + read.stderr
    assert run("certify", str(tmp_path / "nowhere" / "c.json"), "--theorem", QUICK).exit_code == NO_OUTPUT
    assert run("certify", str(target), "--theorem", "nothing_of_this_name").exit_code == 2


def test_verify_fails_when_a_check_fails(run, monkeypatch):
    why = "proved although the numbers refute it: 1 = 2"
    monkeypatch.setattr("elbo_cli.verify.asked", lambda reports: ([_surviving(r, why) for r in asked(reports)[0]], 0))
    answer = run("verify", QUICK)
    assert answer.exit_code == 1
    assert "proved although the numbers refute it" in " ".join(answer.output.split())
    assert "1 failed" in answer.output


def _surviving(report, why):
    return {**report, "mutants": {**report["mutants"], "survived": [why]}}


def test_verify_refuses_a_file_that_cannot_be_written_before_it_starts(run, tmp_path):
    answer = run("verify", "--json", str(tmp_path / "missing" / "out.json"))
    assert answer.exit_code == 3 and "missing" in answer.output


def test_a_broken_module_is_named_and_the_others_are_shown(run, monkeypatch):
    def broken(name):
        if name == "derivations.evidence.gap":
            raise NameError("name 'KLL' is not defined")
        return importlib.import_module(name)

    monkeypatch.setattr(chapters, "importlib", SimpleNamespace(import_module=broken))
    why = "derivations/evidence/gap.py cannot be read: NameError: name 'KLL' is not defined"
    answer = run("claims")
    assert answer.exit_code == 1 and why in answer.output
    answer = run("show", QUICK)
    assert answer.exit_code == 0 and "Proof" in answer.output and "cannot be read" not in answer.output
    for name in ("gap", "gap_definition"):
        answer = run("show", name)
        assert answer.exit_code == 1 and why in answer.output


def test_a_line_that_sums_up_its_reasons_shows_what_it_is_made_from(run):
    shown = run("show", "surgery_decomposition").output.splitlines()
    at = next(
        k for k, line in enumerate(shown) if line.strip() == "[q(n) does not depend on z; term by term; linearity]"
    )
    inner = "· q(n)*∫ q(z | n)*log(q(z)/p(z)) dz = ∫ q(n)*q(z | n)*log(q(z)/p(z)) dz [linearity]"
    assert " ".join(line.strip() for line in shown[at + 1 : at + 4]).startswith(inner)


def test_what_a_proof_does_twice_is_shown_once(run):
    shown = run("show", "e_step_is_tight").output  # the posterior integrates to one, for a condition and for a line
    assert "by step 1" in shown and "Step 2" not in shown


def test_the_exercise_begins_with_its_answers(run):
    lines = run("exercise").output.splitlines()
    assert lines[2].startswith("With 0.5 and 0.33 read as variances, the ELBO at x = 1 is -1.4550 nats")


@pytest.mark.parametrize("command", ["verify", "show"])
def test_unknown_names_get_close_ones_and_exit_2(run, command):
    answer = run(command, QUICK[:-1])
    assert answer.exit_code == 2
    assert QUICK in answer.output


@pytest.mark.parametrize("command", ["verify", "show"])
def test_the_name_of_a_function_leads_to_its_theorem(run, command):
    answer = run(command, "negative_elbo_bernoulli")
    assert answer.exit_code == 2 and "rests on bernoulli_vae_loss." in answer.output
    assert "rests on" not in run(command, "unchecked").output  # it computes nothing


def _one_of_each_kind():
    """The quick one, and of every kind the first: all of them are shown when the pages are built."""
    first = {type(v): v.name for v in reversed(VERDICTS)}
    return [QUICK, *first.values()]


@pytest.mark.parametrize("name", _one_of_each_kind())
def test_show_prints_the_derivation(run, name):
    verdict = next(v for v in VERDICTS if v.name == name)
    answer = run("show", name)
    assert answer.exit_code == 0, answer.output
    assert answer.output.startswith(name)
    assert "\\" not in answer.output and "$" not in answer.output
    if isinstance(verdict, Theorem | Counterexample):
        assert "\nProof\n" in answer.output and "\nChecked\n" in answer.output
        assert ("\ngiven\n" in answer.output) == bool(verdict.given)


def test_exercise_prints_both_readings(run):
    data = json.loads(run("exercise", "--json").output)
    assert data["model"]["x"] == "1"
    shown = run("exercise", "--x", "3/7")
    assert shown.exit_code == 0 and "3/7" in shown.output


def test_exercise_refuses_what_is_no_number(run):
    answer = run("exercise", "--x", "one")
    assert answer.exit_code == 2 and "one" in answer.output


def test_claims_are_the_ledger(run):
    found = json.loads(run("claims", "--json").output)
    assert found == rows()
    assert all(set(r) >= CLAIM for r in found)


def test_claims_prints_a_table_with_counts(run):
    answer = run("claims")
    assert answer.exit_code == 0
    counts = " ".join(answer.output.partition("The text of each claim")[2].split())
    assert counts.endswith(".") and re.search(r"406 claims: \d+ proved, .*\d+ refuted", counts)


def test_claims_can_be_filtered(run):
    found = json.loads(run("claims", "--document", "surgery", "--verdict", "misprinted", "--json").output)
    assert found and {(r["source"], r["verdict"]) for r in found} == {("ELBO Surgery", "misprinted")}
    one = next(r for r in found if r["derivation"])
    by = json.loads(run("claims", "--derivation", one["derivation"], "--json").output)
    assert one in by and {r["derivation"] for r in by} == {one["derivation"]}
    assert one in json.loads(run("claims", "--derivation", one["module"], "--json").output)


@pytest.mark.parametrize("option", ["--document", "--verdict", "--derivation"])
def test_a_filter_that_nothing_can_match_is_refused(run, option):
    answer = run("claims", option, "nonsense")
    assert answer.exit_code == 2 and "nonsense" in answer.output and option.removeprefix("--") in answer.output


@flint
def test_worked_numbers_have_the_digits_asked_for(run):
    answer = run("show", "gaussian_kl", "--digits", "40")
    assert "In numbers" not in run("show", "gaussian_kl").output
    assert len(re.findall(r"\[\d\.\d{39,} \+/- \S+\]", answer.output)) >= 2, answer.output


def test_help_opens_no_other_room():
    code = (
        "import sys, elbo_cli.__main__; print(sorted({'derivations', 'elbo_ref', 'numpy', 'sympy'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert answer.stdout.strip() == "[]"
