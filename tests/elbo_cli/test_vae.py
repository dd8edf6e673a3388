"""`elbo-ref vae`: train, go on, measure and draw, as a user meets them."""

import json

import pytest
from typer.testing import CliRunner

torch = pytest.importorskip("torch")
pytest.importorskip("sklearn")

from elbo_cli import vae
from elbo_cli.__main__ import app
from elbo_lab import download
from tests.elbo_lab.test_data import mnist


def run(*words):
    return CliRunner().invoke(app, ["vae", *map(str, words)])


def test_train_and_go_on(tmp_path):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    answer = run("train", "--out", whole, "--epochs", 2)
    assert answer.exit_code == 0 and "nats an image" in answer.output, answer.output
    history = json.loads((whole / vae.RESULTS).read_text(encoding="utf-8"))["history"]
    assert [row["epoch"] for row in history] == [1, 2] and history[1]["loss"] < history[0]["loss"]

    assert run("train", "--out", broken, "--epochs", 1).exit_code == 0
    again = run("train", "--out", broken, "--epochs", 2)
    assert again.exit_code == 2 and "--resume goes on" in again.output
    assert run("train", "--out", broken, "--epochs", 2, "--resume").exit_code == 0
    assert (broken / vae.RESULTS).read_bytes() == (whole / vae.RESULTS).read_bytes()

    fewer = run("train", "--out", broken, "--epochs", 1, "--resume")
    assert fewer.exit_code == 2 and "epochs must be at least the 2 of the checkpoint, got 1" in fewer.output
    other = run("train", "--out", broken, "--epochs", 3, "--beta", 2, "--resume")
    assert other.exit_code == 2 and "beta 1.0" in other.output


def test_the_documents_program_is_a_preset_and_its_number_is_explained(tmp_path):
    mnist(tmp_path, 128)
    answer = run("train", "--preset", "document", "--folder", tmp_path, "--epochs", 1, "--out", tmp_path / "run")
    assert answer.exit_code == 0 and "summed over a batch of 128" in answer.output, answer.output
    assert "no likelihood: no model gets below" in " ".join(answer.output.split())


def test_what_is_wrong_is_said_in_a_line(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    nowhere = download.Source("http://127.0.0.1:9/", download.SOURCES["mnist"].files)
    monkeypatch.setitem(download.SOURCES, "mnist", nowhere)
    for words, said in (
        (("train", "--preset", "best"), "preset must be one of plane, document"),
        (("train", "--data", "mnist"), "could not be fetched"),
        (("train", "--data", "mnist", "--folder", tmp_path), "put it there"),
        (("train", "--activation", "gelu"), "activation must be one of"),
        (("train", "--resume"), "there is no checkpoint"),
        (("train", "--latent", 0), "latent must be at least 1, got 0"),
        (("train", "--beta", -1), "beta must be a number, at least 0, got -1.0"),
        (("measure",), "there is no trained network in"),
        (("measure", "--section", "all"), "section must be among"),
        (("figures", "--results", tmp_path / "none.json"), "there is no file"),
        (("mistakes", "--seeds", 1), "seeds must be at least 2"),
    ):
        extra = () if words[0] == "mistakes" else ("--out", tmp_path / "run")
        answer = run(*words, *extra)
        assert answer.exit_code == 2 and said in answer.output, (words, answer.output)


def test_pictures_of_the_committed_results(tmp_path):
    assert run("figures", "--out", tmp_path).exit_code == 0
    for file in tmp_path.glob("*.svg"):
        text = file.read_text(encoding="utf-8")
        assert text.startswith("<svg ") and "prefers-color-scheme" in text and "nan" not in text
    assert len(list(tmp_path.glob("*.svg"))) == 5
