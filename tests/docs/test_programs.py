"""The programs on the pages run, and print what stands beside them."""

import re
import runpy
import sys
from pathlib import Path

import mpmath
import pytest

import elbo_ref
from docs._generator import conventions, run, worked

ROOT = Path(__file__).parents[2]


def programs() -> dict[str, str]:
    """The Python on each page that people wrote, as one program a page."""
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "docs").glob("[gr]*/*.md")]
    found = {
        p: re.findall(r"^```python\n(.*?)^```", p.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
        for p in sorted(pages)
    }
    return {page.relative_to(ROOT).as_posix(): "\n".join(codes) for page, codes in found.items() if codes}


@pytest.mark.parametrize("page", programs())
def test_the_code_on_a_page_runs_and_prints_what_it_says(page, tmp_path, capsys):
    program = tmp_path / "program.py"
    program.write_text(programs()[page], encoding="utf-8")
    runpy.run_path(str(program))
    assert [line for line in capsys.readouterr().out.splitlines() if f"# {line}" not in programs()[page]] == []


def test_the_table_of_accuracy_is_true():
    rows = re.findall(r"^\| 1 \+ (\S+) \| (\S+) \|", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == 5
    for excess, shown in rows:
        std = 1 + float(excess)
        with mpmath.workdps(60):
            exact = (mpmath.mpf(std) ** 2 - 1) / 2 - mpmath.log(mpmath.mpf(std))
        value = elbo_ref.kl_normal(0.0, std, 0.0, 1.0)
        assert abs(value - exact) <= 2 * sys.float_info.epsilon * exact
        assert f"{float(value):.6e}" == shown


def test_a_program_is_printed_with_the_numbers_that_came_out():
    shown = run.annotated("import math\nroot = math.sqrt(2)\nassert root > 1", "here")
    assert shown == "```python\nimport math\nroot = math.sqrt(2)  # 1.4142\nassert root > 1\n```"


def test_a_program_that_fails_is_named():
    with pytest.raises(run.ProgramFailed, match="here: assert 1 > 2: is not so"):
        run.annotated("assert 1 > 2", "here")
    with pytest.raises(run.ProgramFailed, match="here: x = 1 / 0: division by zero"):
        run.annotated("x = 1 / 0\nassert x", "here")


def test_a_program_that_asserts_nothing_is_refused():
    with pytest.raises(run.ProgramFailed, match="must assert something"):
        run.annotated("x = 1", "here")


def test_a_program_whose_package_is_missing_says_so_and_shows_no_number():
    shown = run.annotated("import math\nroot = math.sqrt(2)\nimport no_such_package\nassert root", "here")
    assert shown.endswith("Not run here: no_such_package is not installed.\n")
    assert "1.414" not in shown


@pytest.mark.parametrize("name", worked.PROGRAMS)
def test_every_program_runs(name):
    assert "Not run here" not in worked.program(name)


@pytest.mark.parametrize("row", conventions.ROWS, ids=lambda row: row.question)
def test_every_convention_holds(row):
    page = conventions.page((row,))
    assert "Not run here" not in page
    assert f".md#{row.theorem})" in page


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("rel_entr(q, p)", "rel_entr(p, q)"), ("logvar / 2", "logvar"), ("norm(0.0, std)", "norm(0.0, variance)")],
)
def test_the_opposite_convention_is_noticed(right, wrong):
    row = next(r for r in conventions.ROWS if right in r.code)
    with pytest.raises(run.ProgramFailed):
        run.annotated(row.code.replace(right, wrong), row.question)
