"""A reader is told what each symbol is: the words of all verdicts, where they come from, and where a formula has them."""

import re
from types import SimpleNamespace

import pytest

from derivations._language import chapters
from derivations._language.chapters import verdicts
from derivations._language.verdicts import Counterexample, Theorem
from derivations._reading import render, symbols
from derivations._reading.printed import printed
from derivations._reading.symbols import Meaning, Unexplained, conditions, marked, meaning, positive

PROOFS = {v.name: v for v in verdicts() if isinstance(v, Theorem | Counterexample)}
SAID = symbols._said()


@pytest.fixture(scope="module")
def named() -> dict[str, list[str]]:
    """For each verdict, the symbols that need words; finding them fails where one has none."""
    for v in PROOFS.values():
        symbols.symbols(v)
    return {n: [*(s for s, _ in printed(v).domains()), *printed(v).indices()] for n, v in PROOFS.items()}


def test_no_words_are_idle(named: dict[str, list[str]]) -> None:
    """Words for a symbol that is not there are words for one that was renamed."""
    asked = {(section, s) for n, names in named.items() for section in (n, PROOFS[n].module, "book") for s in names}
    sections = SAID.keys() - {"heads", "book"}
    assert sections <= PROOFS.keys() | {v.module for v in PROOFS.values()}
    assert {(section, s) for section in sections for s in SAID[section]} <= asked
    assert {s for s in SAID["book"] if ("book", s) not in asked} == set()


def test_a_symbol_without_words_is_refused() -> None:
    with pytest.raises(Unexplained, match=r"gibbs: symbols\.toml must say what 'nonsense' of gibbs stands for"):
        meaning("nonsense", PROOFS["gibbs"])


def test_the_words_of_a_verdict_come_before_those_of_its_derivation_and_of_the_book() -> None:
    assert meaning("c", PROOFS["kl_of_smoothed"]) == SAID["kl_of_smoothed"]["c"]
    assert meaning("m", PROOFS["jensen"]) == SAID["jensen"]["m"] != SAID["book"]["m"]
    assert meaning("beta", PROOFS["linear_vae_collapse"]) == SAID["book"]["beta"]


def test_a_formula_is_marked_where_its_symbols_stand_and_nowhere_else() -> None:
    found = [Meaning(tex, "") for tex in (r"\mathbb{E}", "p(x, z)", r"\sigma_{q,i}", "x", "i", "j")]
    for tex, shown in {
        r"\mathbb{E}_{p(x, z)}\left[x\right]": r"\sy{0}{\mathbb{E}}_{\sy{1}{p(x, z)}}\left[\sy{3}{x}\right]",
        r"\sigma_{q,j}^{2} \text{ is x} + \exp": r"\sy{2}{\sigma_{q,j}^{2}} \text{ is x} + \exp",
        r"\mathrm{fix}": r"\mathrm{fix}",
    }.items():
        assert marked(tex, found) == shown


def test_every_statement_keeps_its_letters() -> None:
    bare = re.compile(r"\\sy\{\d+\}\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}")
    for v in PROOFS.values():
        assert bare.sub(r"\1", marked(printed(v).latex, symbols.symbols(v))) == printed(v).latex


def test_hypotheses_are_said_in_words() -> None:
    def said(name: str) -> list[str]:
        return conditions(PROOFS[name], printed(PROOFS[name]).given(tex=True))

    assert said("gibbs") == ["$q(z)$ and $p(z)$ have mass one each", "the averages that occur are finite"]
    assert positive(PROOFS["gibbs"]) == ["$p(z)$ and $q(z)$ are positive"] and positive(PROOFS["gaussian_kl"]) == []
    assert said("evidence_decomposition")[0] == r"$q(z \mid x)$ has mass one"  # of the posterior none is assumed
    assert r"$1 \ge c$" in said("elbo_by_gibbs_any_support")
    assert any("(*dominated*)" in words for words in said("score_gradient"))
    assert said("gaussian_kl") == []


def test_a_page_opens_with_its_headline() -> None:
    book = SimpleNamespace(of=lambda module: [v for v in PROOFS.values() if v.module == module])
    assert next(v.name for v in render.headline_first("bayes", book)) == "bayes_rule"
    assert next(v.name for v in render.headline_first("gaussian_kl", book)) == "gaussian_kl"
    assert len(render.headline_first("bayes", book)) == len(book.of("bayes"))


def test_a_headline_that_is_no_verdict_of_the_page_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chapters, "headline", lambda module: "nonsense")
    book = SimpleNamespace(of=lambda module: [PROOFS["gibbs"]])
    with pytest.raises(ValueError, match="must name a verdict of gibbs, and 'nonsense' is none"):
        render.headline_first("gibbs", book)


@pytest.mark.parametrize("name", chapters.homes())
def test_a_headline_is_no_part_of_the_prose(name: str) -> None:
    assert "Headline:" not in chapters.page(name)
    assert not (first := chapters.headline(name)) or PROOFS[first].module == name
