"""The command under hostile arguments and on a machine that refuses: one line that says why, and an exit status."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from elbo_cli.__main__ import main
from elbo_cli.terminal import BAD_INPUT, MISSING, NO_OUTPUT
from elbo_ref import __version__

LONG = "a" * 100_000
QUICK = "gibbs_equality"
FULL = Path("/dev/full")
posix = pytest.mark.skipif(os.name != "posix", reason="pipes and devices as POSIX has them")
has_full = pytest.mark.skipif(not FULL.is_char_device(), reason="no /dev/full")
WITHOUT_FLINT = "import sys; sys.modules['flint'] = None; from elbo_cli.__main__ import main; main()"


def run(*words, command=("-m", "elbo_cli"), **how):
    how = {"stdout": subprocess.PIPE, **how}
    return subprocess.run(
        [sys.executable, *command, *words],
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="surrogateescape",
        check=False,
        timeout=300,
        **how,
    )


@pytest.fixture
def here(monkeypatch, capsys):
    """The command in this process, which has read the book already."""

    def run_here(*words):
        monkeypatch.setattr(sys, "argv", ["elbo-ref", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        return subprocess.CompletedProcess(words, ended.value.code, *capsys.readouterr())

    return run_here


def refused_in_a_line(done, status):
    assert done.returncode == status, done.stderr[-2000:]
    assert len(done.stderr.splitlines()) == 1 and len(done.stderr) < 1100, done.stderr[-2000:]
    return done.stderr


def test_the_version():
    assert run("--version").stdout == f"elbo-ref {__version__}\n"


@pytest.mark.parametrize(
    "words",
    [
        ("exercise", "--x", "1e1000000000"),
        ("exercise", "--x", "1/0"),
        ("exercise", "--x", LONG),
        ("exercise", "--x", "\udcff"),
        ("show", LONG),
        ("show", "\udcff"),
        ("show", "../../etc/passwd"),
        ("verify", LONG),
        ("claims", "--document", LONG),
        ("claims", "--verdict", "[/bold]"),
        ("certify", "c.json", "--theorem", LONG),
    ],
    ids=lambda words: f"{words[0]} {words[-1][:12]!a}",
)
def test_bad_words_are_refused_in_a_line(words, here):
    refused_in_a_line(here(*words), BAD_INPUT)


def test_bad_words_end_the_process_as_they_do_here():
    refused_in_a_line(run("exercise", "--x", "\udcff"), BAD_INPUT)


@pytest.mark.parametrize("target", ["", "/", "nowhere/c.json", LONG], ids=["empty", "root", "nowhere", "long"])
def test_a_certificate_that_cannot_be_written_says_so(target, here):
    assert "cannot be written" in refused_in_a_line(here("certify", target, "--theorem", QUICK), NO_OUTPUT)


@posix
@has_full
def test_a_device_is_written_to_and_not_replaced(here):
    refused_in_a_line(here("certify", str(FULL), "--theorem", QUICK), NO_OUTPUT)
    assert FULL.is_char_device()


def test_what_needs_an_extra_says_which():
    done = run("show", "gaussian_kl", "--digits", "30", command=("-c", WITHOUT_FLINT))
    assert "pip install 'elbo-ref[numeric]'" in refused_in_a_line(done, MISSING)


@posix
@pytest.mark.parametrize("words", [("show", QUICK), ("--help",)])
def test_a_reader_who_leaves_ends_it_quietly(words):
    read, write = os.pipe()
    os.close(read)
    done = run(*words, stdout=write)
    os.close(write)
    assert (done.returncode, done.stderr) == (1, "")


@posix
@has_full
@pytest.mark.parametrize("words", [("show", QUICK), ("--version",)])
def test_a_full_disk_is_told(words):
    with FULL.open("w", encoding="utf-8") as full:
        assert "No space left" in refused_in_a_line(run(*words, stdout=full), NO_OUTPUT)
