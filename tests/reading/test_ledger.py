"""The ledger is closed: every claim of the documents has exactly one verdict, and every verdict says what it must."""

import re
from dataclasses import replace

import pytest
from sympy import Function, Rational, Symbol, exp

from derivations._checks.run import totals
from derivations._checks.worker import _said
from derivations._kernel import Converges, total
from derivations._language.chapters import verdicts
from derivations._language.forms import EXISTS, forms
from derivations._language.hypotheses import COMMON, parts
from derivations._language.notation import E, at_least, density, same, u, whole
from derivations._language.verdicts import Citation, Theorem
from derivations._reading.book import Book, conflicts
from derivations._reading.ledger import book, rows
from derivations._reading.printed import printed
from derivations._reading.standings import TERMS, Standing, standing, together

BOOK, ROWS = book({}), rows()


def test_no_claim_is_open():
    assert [r["id"] for r in ROWS if r["verdict"] == "open"] == []


def test_only_theorems_settle_a_claim_between_them():
    """Several verdicts on one claim: each proves a part of it, and its word is the least favourable of theirs."""
    several = {c: [v for _, v in found] for c, found in BOOK.settled.items() if len(found) > 1}
    assert {c for c, found in several.items() if not all(isinstance(v, Theorem) for v in found)} == set()


def test_every_claim_that_a_verdict_names_is_in_the_ledger():
    known = {c["id"] for c in BOOK.claims}
    named = {c for v in BOOK.verdicts for c in v.claims}
    assert named <= known


def test_few_claims_are_not_mathematics():
    assert sum(r["verdict"] == "not mathematics" for r in ROWS) <= 0.18 * len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r["id"])
def test_a_row_says_what_settles_it(row):
    match row["verdict"]:
        case "proved":
            assert row["derivation"] and row["statement"] and not row["conditions"]
        case "proved where its terms exist":
            assert row["conditions"] and all("finite" in words for words in row["conditions"])
        case "proved under a condition":
            assert any("finite" not in words for words in row["conditions"])
        case "definition":
            assert row["derivation"] or (row["reason"] and row["nearest"] in BOOK.named)
        case "misprinted":
            assert isinstance(BOOK.named[row["instead"]], Theorem)
            assert row["counterexample"] or row["reason"]
        case "refuted":
            assert row["counterexample"] and row["at"] and row["holds_at"] and row["instead"] in BOOK.named
        case "cited":
            assert row["statement"]
        case "not mathematics":
            assert row["reason"] and row["nearest"] in BOOK.named
        case unsettled:
            pytest.fail(f"the verdict is {unsettled!r}")


@pytest.mark.parametrize("cited", [v for v in BOOK.verdicts if isinstance(v, Citation)], ids=lambda v: v.name)
def test_a_citation_has_author_year_and_theorem(cited):
    assert any(word.isdigit() and len(word) == 4 for word in cited.source.replace("(", " ").replace(")", " ").split())
    assert "heorem" in cited.source


@pytest.mark.parametrize(
    ("proof", "checker", "status", "standing"),
    [
        ("passed", "passed", "proved", "proved where its terms exist"),
        ("passed", "failed: inference 3 (sign): no", "prover only", "prover only"),
        ("failed: no", "not run: there is no proof to check", "refused", "prover only"),
    ],
)
def test_only_what_the_checker_accepts_is_called_proved(proof, checker, status, standing):
    gibbs = next(v for v in verdicts() if v.name == "gibbs_any_support")
    claims = [{"id": claim, "premises": list(COMMON.values())} for claim in gibbs.claims]
    book = Book([gibbs], {gibbs.name: {"proof": proof, "checker": checker}}, {}, claims)
    assert book.status(gibbs) == status
    assert claims and {book.standing(claim) for claim in claims} == {standing}


def test_conditions_are_in_words():
    """What the ledger says of a condition is no formula, and a premise is said in the words of a condition."""
    for row in ROWS:
        said = [words for words in row["conditions"] if "finite" not in words]
        assert not [words for words in said if any(sign in words for sign in ("≥", "=", "∫", "Σ"))], row["id"]


POINTS_NOWHERE = re.compile(r"\babove\b|\bthe event\b")


def test_what_a_row_says_stands_alone():
    """A condition or a reason is read in a table: it points at nothing that stands elsewhere."""
    assert POINTS_NOWHERE.search("whose steps obey the identities above")  # planted
    assert POINTS_NOWHERE.search("p has some mass in the event")
    for row in ROWS:
        assert not [words for words in [*row["conditions"], row["reason"] or ""] if POINTS_NOWHERE.search(words)], row[
            "id"
        ]


def test_premises_are_those_that_some_theorem_asks_for():
    """A premise in other words than its theorem's would do nothing, and be a slip."""
    for claim in BOOK.claims:
        asked = set()
        for _, verdict in BOOK.settled[claim["id"]]:
            if isinstance(verdict, Theorem):
                asked |= {part.words for part in parts(verdict.given, verdict.words)} | set(verdict.narrows.values())
                asked |= {EXISTS, *forms(verdict)}
        assert set(claim.get("premises", ())) <= asked, claim["id"]


def test_one_theorem_gives_one_word_to_claims_with_the_same_premises():
    words = {}
    for row in ROWS:
        found = BOOK.settled[row["id"]]
        if len(found) == 1 and isinstance(verdict := found[0][1], Theorem) and not set(verdict.narrows) - {""}:
            words.setdefault((verdict.name, tuple(row["premises"])), set()).add(row["verdict"])
    assert {name for name, several in words.items() if len(several) > 1} == set()


def test_the_open_bracket_is_open():
    """One misprint can be counted."""
    (row,) = (r for r in ROWS if r["id"] == "001-23")
    printed = row["says"].replace(r"\,\|\,", "")
    assert row["verdict"] == "misprinted" and printed.count("(") == printed.count(")") + 1


def test_a_wrong_label_cannot_be_given():
    """Planted: take a premise away, add a condition, drop the witness: the word changes by itself."""
    theorem = next(v for v in BOOK.verdicts if v.name == "elbo_tight_at_posterior")
    stated = [*COMMON.values(), "the encoder is the posterior"]
    assert standing("002-34", stated, theorem).word == "proved"
    assert standing("002-34", stated[:-1], theorem) == (
        "proved under a condition",
        ("the encoder is the posterior",),
        "",
    )
    narrower = replace(theorem, narrows={"": "one dimension"})
    assert standing("002-34", stated, narrower).conditions == ("one dimension",)
    assert standing("002-34", stated, replace(theorem, narrows={"002-35": "one dimension"})).word == "proved"
    assert standing("002-34", stated, replace(theorem, kind="definition")).word == "definition"
    halved = replace(theorem, half="discrete data")
    assert {standing("002-34", s, halved).half for s in (stated, stated[:-1], [])} == {"discrete data"}
    gibbs = next(v for v in BOOK.verdicts if v.name == "gibbs_any_support")
    assert standing("000-38", [], gibbs).word == "proved under a condition"


def test_a_claim_counts_by_its_least_favourable_part():
    parts_of_it = [Standing("proved"), Standing("proved under a condition", ("one",)), Standing("definition")]
    assert together(parts_of_it) == ("proved under a condition", ("one",), "")
    assert together([*parts_of_it, Standing("proved where its terms exist", ("a is finite",))])[1] == ("one", TERMS)
    assert together([]).word == "open"
    assert together([*parts_of_it, Standing("proved", half="discrete data")]).half == "discrete data"


def test_beside_a_condition_the_terms_are_not_forgotten():
    """Planted: a theorem with both, whose ledger would name the one only."""
    jensen = next(v for v in BOOK.verdicts if v.name == "jensen_any_concave")
    stated = [*COMMON.values(), "E_{q(z)}[Y(z)] is finite"]
    assert standing("000-58", stated, jensen).conditions == (
        "phi is concave: below a line that touches it at the mean",
        TERMS,
    )


@pytest.mark.parametrize(
    ("kind", "near", "why"),
    [
        ("definition", "gibbs_any_support", ""),
        ("misprint", None, "names no theorem"),
        ("definition", "no_such_proof", "is no theorem"),
        ("remark", "kl_is_symmetric", "is no theorem"),  # a refuted claim
        ("remark", None, ""),
    ],
)
def test_what_is_said_to_be_nearest_is_a_theorem(kind, near, why):
    said = ledger_of(planted(kind, near), misprint=True)
    assert why in said[0] if why else said == [], said


def planted(kind="theorem", near=None, misprint=False, **words):
    data = {"name": "planted", "kind": kind, "claims": ["000-01"], "points_to": near}
    return {**data, "misprint": misprint or kind == "misprint", "words": words}


def ledger_of(*found, **claim):
    return conflicts([{"id": "000-01", **claim}], {"gibbs": list(found)})


@pytest.mark.parametrize("kind", ["misprint", "counterexample"])
def test_what_holds_as_printed_is_no_misprint(kind):
    """Who reads the document says so; a derivation cannot, and has to find a witness instead."""
    one = planted(kind, "gibbs_any_support", misprint=True)
    assert "calls 000-01 a misprint, and claims.toml does not" in " ".join(ledger_of(one))
    assert ledger_of(one, misprint=True) == []


def test_a_premise_is_one_formula():
    """The words of a premise, given to another hypothesis, would make a theorem proved that asks for more."""
    words = "the divergence is zero"
    one, other = planted(**{words: "KL(q || p) = 0"}), {**planted(**{words: "1 >= KL(q || p)"}), "name": "other"}
    assert (
        f"give one premise, {words!r}, to KL(q || p) = 0 and to 1 >= KL(q || p)"
        in ledger_of(one, {**other, "claims": []}, premises=[words])[0]
    )
    assert ledger_of(one, {**other, "claims": []}) == []  # no document states it: a condition like any other
    form = {**planted(**{words: "its form"}), "name": "narrower", "claims": []}
    assert "to KL(q || p) = 0 and to its form" in ledger_of(one, form, premises=[words])[0]
    family = next(v for v in BOOK.verdicts if v.name == "kl_asymmetry")
    assert _said(replace(family, narrows={"": words}))["words"] == {words: "its form"}


def test_what_a_theorem_fixes_by_its_form_is_a_condition():
    """Planted: a theorem about Gaussians, about two values, about a positive mean, for a claim about all laws."""
    family = next(v for v in BOOK.verdicts if v.name == "kl_asymmetry")
    silent, stated = replace(family, narrows={}), list(COMMON.values())
    assert standing("000-42", stated, silent).conditions == (
        "stated for Normal distributions",
        "stated for one real variable",
    )
    assert standing("000-42", [*stated, EXISTS], silent).word == "proved"
    k, mean = Symbol("k", integer=True), Symbol("mean_x", positive=True)
    few = replace(silent, statement=same(total(mean**k, (k, 1, 2)), mean + mean**2))
    assert standing("000-42", stated, replace(silent, kind="definition")).word == "proved under a condition"
    assert standing("000-42", stated, few).conditions == ("stated for k from 1 to 2", "stated for positive mean_x")
    code = Function("q(z)", positive=True)
    two = replace(silent, statement=same(code(1) + code(2), Symbol("mu'", nonnegative=True)))
    assert standing("000-42", stated, two).conditions == (
        "stated for non-negative mu'",
        "stated for the values 1, 2 of q",
    )


def test_a_sum_over_coordinates_says_nothing_of_the_distribution_of_all():
    """Planted: the divergences of the coordinates, where the claim is about the divergence in R^d."""
    vector = next(v for v in BOOK.verdicts if v.name == "gaussian_kl_product")
    apart = same(vector.statement.rhs, vector.statement.rhs)
    words = "stated for a sum over the coordinates, one real variable each"
    assert words in forms(replace(vector, statement=apart)) and words not in forms(vector)


def test_a_moment_that_the_claim_does_not_have_is_a_condition():
    """Planted: weights of finite variance, where the claim is about their mean."""
    gibbs = next(v for v in BOOK.verdicts if v.name == "gibbs_any_support")
    stated, ratio = list(COMMON.values()), density("p", "z")(u) / density("q", "z")(u)
    for term in (ratio**2, exp(ratio), ratio ** Rational(3, 2)):
        more = Converges(E(term, density("q", "z")(u), whole))
        left_out = standing("000-38", stated, replace(gibbs, given=(*gibbs.given, more)))
        assert left_out.word == "proved under a condition" and left_out.conditions[1:] == (TERMS,)
        own = replace(gibbs, given=(*gibbs.given, more), statement=at_least(more.args[0], 1))
        assert standing("000-38", stated, own).word == "proved where its terms exist"


@pytest.mark.parametrize("idle", COMMON.values())
def test_what_every_document_states_narrows_nothing(idle):
    """Planted: words that hide a family, since every document says them."""
    family = next(v for v in BOOK.verdicts if v.name == "kl_asymmetry")
    with pytest.raises(ValueError, match="narrows must be what the form fixes"):
        standing("000-42", list(COMMON.values()), replace(family, narrows={"": idle}))


def test_claims_that_only_words_settle_are_counted():
    others = [{"kind": kind, "claims": ["a"] * n} for n, kind in enumerate(("definition", "misprint", "remark"), 1)]
    found = totals(others, [], 0, 0.0)
    assert (found["defined"], found["misprinted"], found["not_mathematics"]) == (1, 2, 3)


def _equation(formula):
    """Its sides without parameters, spaces and sizes of brackets, so that ours and a document's can be compared."""
    formula = re.sub(
        r"\\quad.*|_\{?\\(theta|phi)\}?|\\left|\\right|\\[,;!]|\\mathrm\{d\}",
        lambda m: "d" if "{d}" in m[0] else "",
        formula,
    )
    formula = formula.replace(r"\ln", r"\log").replace("}{", "/").replace(r"\frac", "")
    return frozenset(re.sub(r"[\s{}]", "", formula).split("="))


def _only_assumes(says, theorem):
    """Whether every formula of a claim is one that the theorem takes for a definition, and none its statement."""
    ours = printed(theorem)
    kinds = [part.kind for part in parts(theorem.given, theorem.words)]
    known = {_equation(g) for g, kind in zip(ours.given(tex=True), kinds, strict=True) if kind in COMMON}
    said = {_equation(f) for f in says.split("$")[1::2]}
    return bool(said) and said <= known - {_equation(ours.latex)}


def test_no_claim_is_settled_by_what_assumes_it():
    """What a theorem takes for granted it does not settle; the planted one had been filed so."""
    theorems = {v.name: v for v in BOOK.verdicts if isinstance(v, Theorem)}
    planted = "Chain rule: $p_\\theta(x, z) = p_\\theta(x \\mid z) p_\\theta(z)$."
    assert _only_assumes(planted, theorems["log_joint_factorisation"])
    for claim in BOOK.claims:
        found = [v for _, v in BOOK.settled[claim["id"]] if isinstance(v, Theorem)]
        assert not [v.name for v in found if _only_assumes(claim["says"], v)], claim["id"]
