"""What a report names is in the book."""

import re
from pathlib import Path

import elbo_audit
from derivations._language.chapters import verdicts
from elbo_audit import audit, mistakes
from elbo_audit.mistakes import Mistake
from elbo_audit.words import text
from tests.elbo_audit.shapes import SHAPES
from tests.elbo_audit.shapes_roles import ROLES

BOOK = {v.name for v in verdicts()}
NAMED = [m for m in vars(mistakes).values() if isinstance(m, Mistake)]


def test_every_mistake_has_a_page_of_the_book():
    assert {m.name: m.page for m in NAMED if m.page not in BOOK} == {}
    assert len(NAMED) >= 35


def test_a_mistake_without_a_page_would_be_seen():
    assert Mistake("a slip", "no page is about it", "", "").page not in BOOK


def test_every_theorem_that_a_verdict_names_is_in_the_book():
    sources = "\n".join(p.read_text(encoding="utf-8") for p in Path(elbo_audit.__file__).parent.glob("*.py"))
    theorems = set(re.findall(r'theorem(?:=|": )"(\w+)"', sources)) | set(
        re.findall(
            r'"(\w+_\w+)"\)\)?$',
            (Path(elbo_audit.__file__).parent / "weights.py").read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    )
    assert len(theorems) >= 15
    assert theorems <= BOOK


def test_the_size_of_an_error_is_said():
    verdict = audit(SHAPES["kl-2logvar"].loss, roles=ROLES["kl-2logvar"])
    assert text(verdict.error) == "-Σ_b,k [logvar[b,k]] / 2"
    assert "too much by -Σ_b,k [logvar[b,k]] / 2" in str(verdict)
    assert "page: elbo-ref show log_variance_is_log_std_in_kl" in str(verdict)


def test_a_weight_comes_with_its_reason_and_its_page():
    name = "bce-mean-kl-mean"
    verdict = audit(SHAPES[name].loss, batch="mean", roles=ROLES[name], sizes={"D": 784, "K": 20})
    assert verdict.page == "means_everywhere"
    assert "beta = D / K = 39.2" in str(verdict)
    assert verdict.as_data()["beta"] == {"formula": "D / K", "value": 39.2}


def test_a_variance_that_nobody_chose_is_not_called_right():
    name = "mse-mean-kl-mean"
    said = str(audit(SHAPES[name].loss, roles=ROLES[name], prove=False, sizes={"D": 3072, "K": 32}))
    assert "right if the decoder's variance D / (2 K) = 48 was chosen" in said
    said = str(audit(SHAPES["mse-sum-kl-sum"].loss, roles=ROLES["mse-sum-kl-sum"], batch="mean", prove=False))
    assert "Your loss is right for a decoder of variance 1 / 2, as far as" in said


def test_the_verdict_that_the_readme_shows_is_given():
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    first, *shown = re.findall(r"^```text\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)[0].splitlines()
    assert first.startswith("train.py:") and len(shown) >= 3
    said = str(
        audit(SHAPES["bce-sum-kl-sum"].loss, roles=ROLES["bce-sum-kl-sum"], batch="mean", prove=False)
    ).splitlines()
    assert [line for line in shown if line not in said] == []
