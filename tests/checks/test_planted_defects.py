"""The checks fail when they should: planted defects, one for each way to go wrong."""

import importlib.util
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from sympy import Integer, Lambda, Rational, Symbol, exp, pi, sqrt

import elbo_ref
from derivations._checks.checks import CHECKS, Bench, check, failures, fate_of, outcome, state
from derivations._checks.content import overtitled, trivial
from derivations._checks.mutate import FEWEST, mutants
from derivations._checks.run import asked
from derivations._kernel import ForAll, ProofError, algebra, assume, because, chain, rearrange, total, unfold
from derivations._language.certificate import Draft
from derivations._language.instances import decided, fails, laws, restated, straw
from derivations._language.notation import (
    KL,
    CrossEntropy,
    Entropy,
    Normal,
    at_least,
    density,
    line,
    normalised,
    same,
    whole,
    z,
)
from derivations._language.verdicts import Counterexample, Form
from derivations._values.interpret import CannotConclude, Point
from derivations._values.numeric import SAMPLES, Place
from derivations._values.sample import places
from tests._planted import SQUARE, a, b, closed, flint, mean_p, mean_q, p, proved, q, square, std_p, std_q, theorem

torch = pytest.mark.skipif(not importlib.util.find_spec("torch"), reason="torch is not installed")

Q, P = density("q", "z"), density("p", "z")
u = whole[0]
bell = {Q: Lambda(z, exp(-((z - 1) ** 2) / 2) / sqrt(2 * pi)), P: Lambda(z, exp(-(z**2) / 8) / sqrt(8 * pi))}


def result(verdict, name):
    bench = Bench(verdict)
    said = outcome(getattr(bench, name))
    if name != "premises" or not said.startswith("not run"):
        return said
    report = {"name": "planted", "kind": "counterexample", "proof": "passed", "premises": said}
    return asked([{**report, "draft": None, "facts": bench.facts}])[0][0]["premises"]


# --- proof -----------------------------------------------------------------------------------------------------------


def test_an_assumed_statement_is_no_proof():
    assert result(theorem(same(a + a, 2 * a + b - b + Integer(0))), "proof").startswith("failed")
    assert "needs more than is given" in result(theorem(same(KL(q, p, line), closed)), "proof")


def test_a_proof_of_something_else_is_no_proof():
    statement = same(sp.expand((a + b) ** 2), a**2 + b**2)
    assert "ends at" in result(proved(statement, algebra((a + b) ** 2, a**2 + 2 * a * b + b**2)), "proof")


# --- quadrature ------------------------------------------------------------------------------------------------------


def test_an_empty_range_shows_nothing():
    n = Symbol("n", integer=True)
    nobody = sp.Tuple(n, 3, 2)
    assert "empty" in result(theorem(ForAll(same(n * a, a), nobody)), "quadrature")
    assert result(theorem(same(total(exp(n), nobody) + a, a)), "quadrature") == "passed"


@pytest.mark.parametrize(
    "wrong",
    [closed + Rational(1, 2), -closed, closed.xreplace({std_q: std_p, std_p: std_q}), closed + Rational(1, 10**5)],
)
def test_a_wrong_statement_is_refuted_by_the_numbers(wrong):
    assert result(theorem(same(KL(q, p, line), closed)), "quadrature") == "passed"
    assert result(theorem(same(KL(q, p, line), wrong)), "quadrature").startswith("failed: KL")


def test_a_wrong_statement_about_abstract_densities_is_refuted():
    forms = {"continuous": Form(line, (bell,))}
    right = CrossEntropy(Q(u), P(u), whole) - Entropy(Q(u), whole)
    assert result(theorem(same(KL(Q(u), P(u), whole), right), forms=forms), "quadrature") == "passed"
    wrong = CrossEntropy(P(u), Q(u), whole) - Entropy(Q(u), whole)
    assert result(theorem(same(KL(Q(u), P(u), whole), wrong), forms=forms), "quadrature").startswith("failed")


def test_hypotheses_that_no_point_satisfies_are_a_failure():
    impossible = at_least(-(a**2), b)
    assert "no point satisfies" in result(theorem(same(a, a + b), given=(impossible,)), "quadrature")


def test_an_example_outside_the_hypotheses_is_a_failure():
    forms = {"continuous": Form(line, ({Q: Lambda(z, exp(-(z**2)))},))}
    statement = at_least(total(Q(u), whole), Integer(0))
    verdict = theorem(statement, given=(normalised(Q(u), whole),), forms=forms)
    assert "does not hold" in result(verdict, "quadrature")


def test_an_abstract_theorem_without_example_is_a_failure():
    assert "no example for the function" in result(theorem(at_least(KL(Q(u), P(u), whole), Integer(0))), "quadrature")


def test_an_integral_that_does_not_settle_is_no_pass():
    slow = total(1 / (1 + sp.Abs(z)) ** Rational(11, 10), line)
    with pytest.raises(CannotConclude, match="no two grids agree"):
        Place(Point("")).read(same(slow, Integer(20)))
    assert "no two grids agree" in result(theorem(at_least(slow, Integer(0))), "quadrature")


def test_a_density_that_falls_between_the_nodes_is_a_failure():
    """All grids miss it, and agree on 0: the rule must first find that it integrates to one."""
    needle = Normal(z, Integer(40), Rational(1, 10**8))
    assert "the rule does not find" in result(theorem(same(KL(needle, needle, line), Integer(0))), "quadrature")


def test_a_claim_that_holds_is_not_refuted():
    statement = same(KL(q, p, line), closed)
    at = {mean_q: Integer(0), mean_p: Integer(1), std_q: Integer(1), std_p: Integer(2)}
    negation = sp.Ne(Integer(1), Integer(2), evaluate=False)
    verdict = Counterexample(statement, negation, theorem(statement).proof, "planted", at, "")
    assert "the claim holds" in result(verdict, "quadrature")


def test_a_claim_is_not_refuted_by_what_is_about_something_else():
    at = {mean_q: Integer(0), mean_p: Integer(1), std_q: Integer(1), std_p: Integer(2)}
    statement = same(KL(q, p, line), closed + 1)
    for other, why in ((Integer(2), "about something else"), (statement.rhs.subs(at), "")):
        negation = sp.Ne(Integer(7) if why else statement.lhs.subs(at), other, evaluate=False)
        found = result(Counterexample(statement, negation, theorem(statement).proof, "planted", at, ""), "quadrature")
        assert why in found and (found == "passed") == (not why), found


# --- enclosure -------------------------------------------------------------------------------------------------------


@flint
def test_enclosures_see_what_float64_cannot():
    off = closed + Rational(1, 10**10)
    assert result(theorem(same(KL(q, p, line), off)), "quadrature") == "passed"
    assert "is not so" in result(theorem(same(KL(q, p, line), off)), "enclosure")


@flint
def test_tails_that_cannot_be_bounded_are_not_enclosed():
    cauchy = total(1 / (1 + z**2), line)
    assert result(theorem(same(cauchy, pi)), "enclosure").startswith("not applicable")


def test_without_flint_nothing_is_enclosed(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert result(theorem(same(a, a + 0)), "enclosure") == "not run: python-flint is not installed"


# --- the reference function ------------------------------------------------------------------------------------------


def test_a_slip_in_the_code_for_float32_alone_is_found(monkeypatch):
    def single(mean_q, std_q, mean_p, std_p):
        value = elbo_ref.kl_normal(mean_q, std_q, mean_p, std_p)
        return value * 1.01 if std_q.dtype == np.float32 else value

    assert "in float32" in result(licensed(monkeypatch, single), "numpy")


def licensed(monkeypatch, function, statement=same(KL(q, p, line), closed)):  # noqa: B008
    monkeypatch.setattr(elbo_ref, "planted", function, raising=False)
    return theorem(statement, computes="planted")


def naive(mean_q, std_q, mean_p, std_p):
    """The closed form as printed: it cancels where q and p almost agree."""
    xp = np if isinstance(mean_q, np.ndarray) else importlib.import_module("torch")
    return xp.log(std_p / std_q) + (std_q**2 + (mean_q - mean_p) ** 2) / (2 * std_p**2) - 0.5


def doubled(mean_q, std_q, mean_p, std_p):
    return 2 * elbo_ref.kl_normal(mean_q, std_q, mean_p, std_p)


def with_wrong_gradient(mean_q, std_q, mean_p, std_p):
    """The right value, but the gradient does not pass through std_p in the quadratic part."""
    value = elbo_ref.kl_normal(mean_q, std_q, mean_p, std_p)
    return value if isinstance(mean_q, np.ndarray) else value + (mean_q - mean_q.detach()) * std_q


def test_a_right_function_matches(monkeypatch):
    assert result(licensed(monkeypatch, elbo_ref.kl_normal), "numpy") == "passed"


@pytest.mark.parametrize("wrong", [doubled, naive])
def test_a_wrong_or_cancelling_function_is_found(monkeypatch, wrong):
    assert "the theorem" in result(licensed(monkeypatch, wrong), "numpy")


@torch
def test_a_wrong_function_is_found_on_tensors(monkeypatch):
    assert "the theorem" in result(licensed(monkeypatch, doubled), "torch")


@torch
def test_a_wrong_gradient_is_found(monkeypatch):
    verdict = licensed(monkeypatch, with_wrong_gradient)
    assert result(verdict, "torch") == "passed"
    assert "d/dmean_q is" in result(verdict, "gradient")


def test_an_argument_without_a_symbol_is_found(monkeypatch):
    def planted(mean_q, std_q, mean_p, scale_p):
        return elbo_ref.kl_normal(mean_q, std_q, mean_p, scale_p)

    assert "no symbol of the theorem is called scale_p" in result(licensed(monkeypatch, planted), "numpy")


def test_a_right_hand_side_with_an_integral_computes_nothing(monkeypatch):
    assert "is not closed" in result(licensed(monkeypatch, doubled, same(closed, KL(q, p, line))), "numpy")


def test_without_torch_nothing_is_claimed_about_it(monkeypatch):
    verdict = licensed(monkeypatch, elbo_ref.kl_normal)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert result(verdict, "torch") == result(verdict, "gradient") == "not run: torch is not installed"


# --- mutants ---------------------------------------------------------------------------------------------------------


def fate(mutant, thm=SQUARE, **data):
    verdict = proved(thm.prop, thm, **data)
    return fate_of(mutant, verdict.thm, verdict, places(verdict))


def test_a_false_mutant_is_killed():
    assert fate(same((a + b) ** 2, a**2 + b**2)) == "killed"


def test_an_equivalent_mutant_is_not_counted_as_killed():
    assert fate(same((a + b) ** 2, (-a - b) ** 2)) == "equivalent"
    assert fate(same((b - a) ** 2, a**2 - 2 * a * b + b**2)) == "equivalent"


def test_a_mutant_that_a_hypothesis_undoes_is_equivalent():
    """At a = 1 the square of a is a; only the hypothesis says that this is no accident."""
    thm, squared, one = (
        algebra((a + 1) * b, a * b + b),
        same((a + 1) * b, a**2 * b + b),
        ({a: Integer(1), b: Integer(2)},),
    )
    assert fate(squared, thm, given=(same(a**2, a),), examples=one) == "equivalent"
    assert fate(squared, thm, examples=one) == "not refuted by any point"


def test_a_mutant_that_no_example_refutes_survives():
    """At a = 0 the cross term cannot be missed."""
    thin = ({a: Integer(0), b: Integer(2)},)
    assert fate(same((a + b) ** 2, a**2 + b**2), examples=thin) == "not refuted by any point"
    counts = Bench(proved(square, SQUARE, examples=thin)).mutants()
    assert counts["survived"] and counts["tried"] > counts["killed"] + counts["equivalent"]


def test_a_mutant_proved_although_false_is_a_hole_in_the_kernel(monkeypatch):
    monkeypatch.setattr("derivations._checks.checks.derives", lambda mutant, prop: True)
    assert fate(same((a + b) ** 2, a**2 + b**2)) == "proved although the numbers refute it"


def test_an_inequality_needs_a_point_where_it_is_tight():
    loose = theorem(at_least(a**2 + 1, 2 * a), examples=({a: Integer(3)},))
    weaker = at_least(a**2 + 1, Rational(3, 2) * a)
    thm = because(assume(loose.statement), "")
    assert fate_of(weaker, thm, loose, places(loose)) == "not refuted by any point"
    tight = theorem(loose.statement, examples=({a: Integer(3)}, {a: Integer(1)}))
    assert fate_of(weaker, thm, tight, places(tight)) == "without teeth"
    assert fate_of(at_least(a**2 + 1, 3 * a), thm, tight, places(tight)) == "killed"


def test_mutants_are_distinct_and_many():
    statements = [m.statement for m in mutants(same(KL(q, p, line), closed))]
    assert len(set(statements)) == len(statements) >= FEWEST
    assert same(KL(q, p, line), closed) not in statements
    assert same(KL(p, q, line), closed) in statements
    assert same(CrossEntropy(q, p, line), closed) in statements
    assert same(KL(q, p, line), closed + Rational(1, 2)) in statements


def test_too_few_mutants_are_a_failure(monkeypatch):
    few = proved(same(a, a + b - b + 0), chain(algebra(a, a)))
    monkeypatch.setattr("derivations._checks.checks.FEWEST", 100)  # more than this statement offers
    counts = Bench(few).mutants()
    assert counts["tried"] < 100 and any("mutants" in why for why in counts["survived"])


# --- the report ------------------------------------------------------------------------------------------------------


def test_a_report_says_everything_and_failures_repeat_it():
    report = check(proved(square, SQUARE, claims=("000-00",), kind="step"))
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
        "draft",
        "facts",
        "worked",
        "claimed",
        "call",
        "mutants",
        "tracebacks",
    ]
    assert report["kind"] == "theorem" and failures(report) == []
    assert (state(report), state(*asked([report])[0])) == ("prover only", "proved")
    broken = check(theorem(same(a, a + b)))
    assert {why.split()[0] for why in failures(broken)} >= {"proof", "quadrature", "mutants"}


def test_a_statement_among_its_own_hypotheses_proves_nothing():
    assert "among its own hypotheses" in result(theorem(square, given=(square,)), "proof")


# --- refutations that count ------------------------------------------------------------------------------------------

TABLE, OTHER = density("q", "k"), density("p", "k")
letters, k = sp.Tuple(sp.Symbol("k", integer=True, positive=True), 1, 2), sp.Symbol("k", integer=True, positive=True)
even, odd = {TABLE: Lambda(k, Rational(1, 2)), OTHER: Lambda(k, Rational(1, 2))}, {TABLE: Lambda(k, k / 3)}
two_laws = tuple(same(total(law(k), letters), Integer(1)) for law in (TABLE, OTHER))
ONE_WAY, BACK = KL(TABLE(k), OTHER(k), letters), KL(OTHER(k), TABLE(k), letters)


def refutation(statement=same(ONE_WAY, BACK), negation=None, **data):  # noqa: B008
    data = {"at": {**even, **odd}, "holds_at": even, "given": two_laws, **data}
    negation = (
        negation
        if negation is not None
        else sp.Ne(*restated(same(ONE_WAY, BACK), {**even, **odd}).args, evaluate=False)
    )
    return Counterexample(statement, negation, lambda: decided(negation), "planted", instead="gibbs", **data)


def test_a_refutation_with_premises_and_a_witness_passes():
    assert result(refutation(), "premises") == "passed"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"holds_at": None}, "no instance is given at which the claim holds"),
        ({"holds_at": {**even, **odd}}, "not shown"),
        ({"holds_at": {**even, TABLE: Lambda(k, k)}}, "left:     3"),  # no law: outside the premises
        ({"at": {**even, TABLE: Lambda(k, k)}}, "does not contradict"),
        ({"given": (*two_laws, at_least(ONE_WAY, Integer(1)))}, "not known to be >= 0"),
    ],
)
def test_a_refutation_without_them_is_refused(data, why):
    said = result(refutation(**data), "premises")
    assert said.startswith("failed") and why in said, said


def test_a_claim_is_not_refuted_by_what_is_no_law():
    """The documents say that every law has mass one, whether or not the author of a refutation repeats it."""
    heavy = {**even, TABLE: Lambda(k, k)}
    claim = sp.Ge(ONE_WAY, sp.log(2), evaluate=False)
    for at, passes in ((heavy, False), ({**even, **odd}, True)):
        negation = sp.Ne(*restated(same(ONE_WAY, BACK), at).args, evaluate=False)
        verdict = refutation(claim, negation=negation, at=at, given=())
        if passes:
            assert [thm.hyps for _, thm in laws(verdict)] == [frozenset()] * 2
        else:
            with pytest.raises(ProofError, match="left:     3"):
                laws(verdict)
    apart = sp.Ne(*restated(same(ONE_WAY, BACK), heavy).args, evaluate=False)
    missing = refutation(given=two_laws[1:], negation=apart, at=heavy)
    assert "left:     3" in result(missing, "premises")
    assert len(laws(refutation())) == 0 and result(refutation(given=()), "premises") == "passed"


half, quarter = Rational(1, 2), Rational(1, 4)
real = sp.Function("f", real=True)
PARTS = {name: density("p", name) for name in ("x,z", "z|x", "x|z", "x", "z")}
parts = {
    name: f(*{"x": (a,), "z": (k,), "x,z": (a, k), "z|x": (k, a), "x|z": (a, k)}[name]) for name, f in PARTS.items()
}
one_law = {PARTS["x,z"]: quarter, PARTS["z|x"]: half, PARTS["x|z"]: half, PARTS["x"]: half, PARTS["z"]: half}


def _constants(values):
    return {f: Lambda(sp.symbols(f"x:{1 + (',' in str(f) or '|' in str(f))}"), c) for f, c in values.items()} | {
        a: Integer(1)
    }


@pytest.mark.parametrize("off", [None, *one_law])
@pytest.mark.parametrize("names", [("x,z", "x"), ("x,z", "z|x", "x"), ("x|z", "z", "x"), ("x|z", "z|x", "z", "x")])
def test_the_densities_of_one_letter_belong_to_one_law(names, off):
    """A posterior that is not that of the joint refutes no identity of the two."""
    claim = same(sum(total(parts[name], letters) for name in names), Integer(0))
    values = {PARTS[name]: one_law[PARTS[name]] for name in names}
    verdict = refutation(claim, given=(), at=_constants({f: c / 3 if f is off else c for f, c in values.items()}))
    if off in values:
        with pytest.raises(ProofError, match="not shown"):
            laws(verdict)
    else:
        assert laws(verdict)


@pytest.mark.parametrize(
    ("claim", "at", "why"),
    [
        (at_least(total(TABLE(k) * sp.log(TABLE(k) / OTHER(k)), letters), Integer(0)), {TABLE: quarter}, "not shown"),
        (at_least(total(TABLE(k) * real(k), letters), Integer(1)), {TABLE: quarter, real: Integer(1)}, "not shown"),
        (
            at_least(total(TABLE(k) * KL(TABLE(k), OTHER(k), letters), letters), Integer(1)),
            {TABLE: quarter},
            "not shown",
        ),
        (at_least(ONE_WAY, Integer(1)), {TABLE: 4 - 3 * k + 0 * k}, "is not positive"),
    ],
)
def test_an_average_written_out_by_hand_is_over_a_law_too(claim, at, why):
    at = {OTHER: Lambda(k, half), **{f: Lambda(k, value) for f, value in at.items()}}
    for misprinted in (False, True):
        with pytest.raises(ProofError, match=why):
            laws(refutation(claim, given=(), at=at, misprinted=misprinted))


def test_an_instance_is_in_the_domain_of_its_symbols():
    s = Symbol("s", positive=True)
    with pytest.raises(ProofError, match="s = -1 is not positive"):
        laws(refutation(at_least(s * ONE_WAY, BACK), at={**even, s: Integer(-1)}))
    said = result(refutation(holds_at={TABLE: Lambda(k, 5 - 3 * k), OTHER: Lambda(k, 5 - 3 * k)}), "premises")
    assert "outside the domain of the claim: q(2) = -1 is not positive" in said


def test_a_sentence_that_is_never_true_refutes_nobody():
    """The strawman: that a number "cannot be computed" is written as that it differs from every number."""
    free = Symbol("c", positive=True)
    number = same(restated(ONE_WAY, even), Integer(0))
    strawman = {"at": {**even, free: Integer(0)}, "holds_at": {**even, free: Integer(1)}}
    assert "no premise speaks of c" in result(
        refutation(sp.Ne(ONE_WAY, free, evaluate=False), number, **strawman), "premises"
    )


@pytest.mark.parametrize(
    "claim",
    [
        lambda c: at_least(ONE_WAY, c),
        lambda c: at_least(c, ONE_WAY),
        lambda c: at_least(ONE_WAY, 2 * c + 1),
        lambda c: at_least(ONE_WAY, BACK + c),
        lambda c: at_least(ONE_WAY, c**2 * BACK),
        lambda c: at_least(sp.log(ONE_WAY), sp.log(3 * c)),
        lambda c: same(ONE_WAY, c * BACK),
        lambda c: sp.Ne(ONE_WAY, sp.exp(-c), evaluate=False),
        lambda c: at_least(ONE_WAY, c + Symbol("d", positive=True) * sp.log(c)),
    ],
)
def test_a_number_that_nothing_else_speaks_of_is_a_strawman(claim):
    c = Symbol("c", positive=True)
    with pytest.raises(ProofError, match="no premise speaks of"):
        fails(refutation(claim(c), at={**even, **odd, c: Integer(1)}))
    said = refutation(claim(c), given=(*two_laws, at_least(c, BACK), at_least(Symbol("d", positive=True), c)))
    assert straw(said) is None


def test_a_negation_that_says_nothing_refutes_nothing():
    with pytest.raises(ProofError, match="both sides"):
        fails(refutation(negation=same(ONE_WAY, ONE_WAY)))


def test_the_proof_must_contradict_the_claim():
    at = {mean_q: Integer(0), mean_p: Integer(1), std_q: Integer(1), std_p: Integer(2)}
    beside = sp.Ne(Integer(1), Integer(2), evaluate=False)
    claim = refutation(same(KL(q, p, line), 2 * closed), negation=beside, at=at, holds_at=at, given=())
    assert "does not contradict" in result(claim, "premises")


@pytest.mark.parametrize(
    ("claim", "beside"),
    [
        (same(ONE_WAY, BACK), sp.Ne(ONE_WAY - 1, ONE_WAY, evaluate=False)),  # of other things
        (same(ONE_WAY, BACK), same(total(odd[TABLE](k), letters), Integer(1))),
        (at_least(Rational(1, 3), total(odd[TABLE](k), letters)), same(sp.log(4), 2 * sp.log(2))),
        (at_least(sp.log(2), sp.log(3)), same(sp.log(9), 2 * sp.log(3))),  # numbers alone
        (same(sp.log(2), sp.log(3)), sp.Ne(sp.log(4), sp.log(6), evaluate=False)),
        (sp.Ne(sp.log(4), 2 * sp.log(2), evaluate=False), same(sp.log(9), 2 * sp.log(3))),
    ],
)
def test_a_claim_that_fails_is_not_refuted_by_another_truth(claim, beside):
    """What is printed and proved must be about the claim, however false the claim is by itself."""
    said = refutation(claim, negation=restated(beside, {**even, **odd}), given=())
    with pytest.raises(ProofError, match=r"does not contradict|not shown"):
        fails(said)


def test_the_process_of_a_refutation_cannot_say_that_its_premises_hold():
    """The checker is asked where verdicts are collected: a file answers neither for it nor in its place."""
    bench = Bench(refutation())
    assert outcome(bench.premises).startswith("not run")
    (nodes, (name, last, *_)), *rest = bench.facts
    other = Draft(nodes, [name, last, *rest[0].theorem[2:]])  # what it says is not what its inferences show
    planted = {
        "honest": ("not run: the checker has not been asked yet", bench.facts),
        "sure": ("passed", []),
        "silent": ("not applicable: nothing is refuted", rest),
        "false": ("passed", [other, *rest]),
    }
    report = {"kind": "counterexample", "proof": "passed", "draft": None}
    reports, _ = asked([{**report, "name": n, "premises": p, "facts": f} for n, (p, f) in planted.items()])
    honest, sure, silent, false = (r["premises"] for r in reports)
    assert honest == "passed" and all("no proof was sent" in said for said in (sure, silent))
    assert "the checker does not accept that the claim fails" in false


def test_a_misprint_needs_no_witness():
    assert result(refutation(holds_at=None, misprinted=True), "premises") == "passed"


# --- empty theorems --------------------------------------------------------------------------------------------------

f, g = sp.Function("f", real=True), sp.Function("g", real=True)
example = ({a: Integer(2), b: Integer(1), f: Lambda(z, z + 2), g: Lambda(z, z)},)


def content(statement, thm, given=(), title="planted", **data):
    verdict = proved(statement, thm, given=given, examples=example, **data)
    return result(replace(verdict, title=title), "content")


def test_a_rearranged_hypothesis_is_no_theorem():
    premise = at_least(f(a), g(a))
    turned = at_least(-g(a), -f(a))
    thm = rearrange(assume(premise), *turned.args)
    assert "its proof makes it a step" in content(turned, thm, (premise,))
    assert content(turned, thm, (premise,), kind="step") == "passed"


def test_notation_unfolded_is_a_definition():
    unfolded_kl = unfold(KL(q, p, line))
    verdict = proved(unfolded_kl.prop, unfolded_kl)
    assert "its proof makes it a definition" in result(verdict, "content")
    assert result(replace(verdict, kind="definition"), "content") == "passed"


def test_a_hypothesis_that_the_proof_never_uses():
    assert "never uses" in content(square, SQUARE, (at_least(f(a), g(a)),), kind="step")


def test_hypotheses_that_leave_nothing_to_say():
    """`theta(n) = theta` and the like: both sides are zero wherever the hypotheses hold."""
    premise = same(f(a) - g(a), Integer(2))
    verdict = proved(
        same(f(a) - g(a), 2 * f(a) - 2 * g(a) - 2),
        rearrange(assume(premise), f(a) - g(a), 2 * f(a) - 2 * g(a) - 2, times=Integer(-1)),
        given=(premise,),
        examples=example,
    )
    assert not trivial(verdict, places(verdict))
    zero = proved(
        same((f(a) - g(a) - 2) * b, (f(a) - g(a) - 2) * a), assume(premise), given=(premise,), examples=example
    )
    assert trivial(zero, places(zero))


def test_a_title_that_promises_a_limit():
    assert (
        overtitled(replace(proved(square, SQUARE), title="Narrowing it sends the square to minus infinity"))
        == "infinity"
    )
    assert overtitled(replace(proved(square, SQUARE), title="Costs without limit")) == "without limit"
    assert overtitled(proved(square, SQUARE)) == ""


# --- hypotheses that hold by rounding --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hypothesis", "at"),
    [
        (same(a + Rational(1, 10**30), a), {a: Integer(2)}),
        (at_least(a, a + Rational(1, 10**30)), {a: Integer(2)}),
        (two_laws[0], {TABLE: Lambda(k, Rational(1, 2) + Rational(1, 10**30))}),
    ],
)
def test_a_hypothesis_that_holds_by_rounding_alone_does_not_hold(hypothesis, at):
    verdict = theorem(same(a, a + b), given=(hypothesis,), examples=({**even, a: Integer(1), b: Integer(1), **at},))
    assert "no point satisfies" in result(verdict, "quadrature")


# --- hypotheses that hold at the sampled values alone ------------------------------------------------------------------

num = Symbol("num", integer=True, positive=True)


@pytest.mark.parametrize(
    ("variable", "values"),
    [
        (num, range(1, 6)),
        (Symbol("t", real=True), (Rational(int(8 * s), 8) for s in SAMPLES["real"])),
        (Symbol("t", positive=True), (Rational(int(8 * s), 8) for s in SAMPLES["positive"])),
        (sp.Tuple(num, 1, 1000), range(1, 11)),
    ],
)
def test_a_hypothesis_that_holds_at_the_sampled_values_alone_holds_nowhere(variable, values):
    """It contradicts itself, and anything follows from it: no point may be found that satisfies it."""
    s = variable[0] if isinstance(variable, sp.Tuple) else variable
    nowhere = ForAll(same(sp.Mul(*(s - value for value in values)), Integer(0)), variable)
    assert "no point satisfies" in result(theorem(same(a, a + b), given=(nowhere,)), "quadrature")
