"""`elbo-ref audit`, as a user meets it: exit statuses, JSON, refusals in one line, the time limit."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from elbo_audit.worker import answer
from elbo_cli.__main__ import app

FILE = """
import torch
import torch.nn.functional as F

print("imported")


def right(recon, x, mu, logvar):
    print("called")
    return F.binary_cross_entropy(recon, x, reduction="sum") + kl(mu, logvar).sum()


def kl(mu, logvar):
    return -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp(), dim=1)


def means(recon, x, mu, logvar):
    return F.binary_cross_entropy(recon, x) + kl(mu, logvar).mean() / mu.shape[1]


def data(recon, x, mu, logvar):
    return kl(mu, logvar).sum() if mu.sum() > 0 else x.sum()


def endless(recon, x, mu, logvar):
    while True:
        pass


class Model:
    def compute_elbo(self, x, recon, mu, logvar):
        return -(F.binary_cross_entropy(recon, x, reduction="sum") + kl(mu, logvar).sum()), 1, 2
"""
ROLES = ("recon: B D probability", "x: B D binary", "mu: B K mean", "logvar: B K logvar")
ARGS = [word for r in ROLES for word in ("--arg", r)]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("user") / "train.py"
    path.write_text(FILE, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def light(tmp_path_factory):
    """A file without torch: what is refused is refused before anything is traced."""
    path = tmp_path_factory.mktemp("light") / "light.py"
    path.write_text("def right(recon, x, mu, logvar):\n    return x\n", encoding="utf-8")
    return path


@pytest.fixture
def here(monkeypatch):
    """The worker's answer in this process, which has imported torch already."""
    monkeypatch.setattr("elbo_cli.audit.audited", lambda request, limit: answer(request))


def run(*words):
    return CliRunner().invoke(app, ["audit", *map(str, words)])


def test_right_is_proved_and_its_certificate_accepted(file, tmp_path):
    proof = tmp_path / "proof.json"
    answer = run(f"{file}:right", *ARGS, "--batch", "sum", "--json", "--certificate", proof)
    assert answer.exit_code == 0, answer.output
    verdict = json.loads(answer.stdout)
    assert (verdict["kind"], verdict["proved"], verdict["headline"]) == ("equal", True, "EQUAL, by a theorem")
    done = subprocess.run([sys.executable, "-I", "elbo_check", str(proof), "--json"], capture_output=True, check=False)
    assert json.loads(done.stdout)["theorems"][0]["proved"]


def test_a_weight_is_status_one_and_a_number(file, here):
    answer = run(f"{file}:means", *ARGS, "--batch", "mean", "--size", "D=784", "--size", "K=20")
    assert answer.exit_code == 1
    assert "beta = D / K = 39.2" in answer.stdout and "called" not in answer.stdout


def test_undecided_is_status_two(file, here):
    answer = run(f"{file}:data", *ARGS)
    assert answer.exit_code == 2 and "a branch on data" in answer.stdout


def test_the_time_limit_ends_it(file):
    answer = run(f"{file}:endless", *ARGS, "--limit", "3", "--json")
    assert answer.exit_code == 2
    assert json.loads(answer.stdout) == {"kind": "undecided", "status": 2, "reason": "no verdict within 3 s"}


def test_a_method_without_a_self(file, here):
    answer = run(f"{file}:Model.compute_elbo", *ARGS, "--batch", "sum", "--maximised", "--no-prove")
    assert answer.exit_code == 0 and "normal forms agree" in answer.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("{file}",), "write file.py:name"),
        (("{file}:lost", *ARGS), "has no lost; it has"),
        (("nowhere.py:right", *ARGS), "there is no file nowhere.py"),
        (("{file}:right", "--arg", "x is binary"), '--arg: write "x: B D binary"'),
        (("{file}:right", *ARGS[:2]), "x, mu, logvar of the loss has none"),
        (("{file}:right", *ARGS, "--arg", "z: B K sample"), "no argument z"),
        (("{file}:right", "--arg", "x: B D"), "names no kind"),
        (("{file}:right", "--arg", "h: B 2*K mean|mean"), "holds 2 kinds"),
        (("{file}:right", "--arg", "h: B K mean|logvar"), "such as 'B 2*K mean|logvar'"),
        (("{file}:right", *ARGS, "--batch", "median"), "batch: 'mean' or 'sum'"),
        (("{file}:right", *ARGS, "--size", "D=0"), "--size: D is a whole number"),
        (("{file}:right", *ARGS, "--size", "Q=3"), "no role has the size Q"),
        (("{file}:right", *ARGS, "--framework", "chainer"), "framework: 'torch' or 'jax'"),
    ],
)
def test_bad_input_is_refused_in_one_line(light, words, says):
    answer = run(*(w.format(file=light) for w in words))
    assert answer.exit_code == 2
    assert says in answer.stderr.splitlines()[-1]


def test_help_says_that_the_file_is_run():
    assert "Imports and runs your file" in run("--help").output


def test_the_library_stays_light():
    code = "import sys, elbo_ref; print(sorted(m for m in sys.modules if m.split('.')[0] in ('torch', 'sympy', 'elbo_audit')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == "[]"
