"""What the kernel did, written down: every argument of a rule, in the format, the same bytes at every run."""

import json
import os
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest
import sympy as sp

from derivations._kernel import (
    Converges,
    ForAll,
    Total,
    algebra,
    antiderivative,
    assume,
    because,
    chain,
    change_of_variables,
    coordinate,
    derivative_of_sum,
    differentiate,
    diverges,
    each,
    flip,
    for_all,
    gaussian_integral,
    instantiate,
    linearity,
    monotone,
    on_space,
    rearrange,
    rename,
    sign,
    substitute,
    tangent,
    telescope,
    unfold,
    vanish,
)
from derivations._kernel.logic import _MINT, Thm
from derivations._language.certificate import CannotExport, certificate, draft, read, write
from derivations._language.chapters import module, named, verdicts
from derivations._language.notation import KL, Information, Normal
from derivations._language.verdicts import Counterexample, Theorem
from tests.kernel._lab import (
    ROOT,
    Integral,
    Lambda,
    N,
    Product,
    U,
    eq,
    exp,
    f,
    g,
    ge,
    i,
    k,
    line,
    one,
    oo,
    p,
    q,
    s,
    t,
    u,
    us,
    v,
    x,
    y,
    z,
)


def verdict(thm, name="it"):
    found = Theorem(thm.prop, SimpleNamespace(__name__=name, __module__="derivations.here"), "a title", tuple(thm.hyps))
    vars(found)["thm"] = thm
    return found


def cert(*thms):
    return certificate([verdict(thm, f"it_{k}") for k, thm in enumerate(thms)])


def nodes(thm):
    """Rule, number of premises and conclusion of each inference, with terms written out."""
    c = cert(thm)
    return [
        (rule, premises, spelled(c, prop), *(spelled(c, e) for e in extra))
        for rule, premises, prop, _, *extra in c["nodes"]
    ]


def spelled(c, e):
    if isinstance(e, list):
        return [spelled(c, x) for x in e]
    if isinstance(e, int) and not isinstance(e, bool):
        head, *rest = c["terms"][e]
        return (head, *(rest if head == "b" else (spelled(c, x) for x in rest)))
    return e


def last(thm):
    return nodes(thm)[-1]


m, n = sp.symbols("m n", integer=True, positive=True)
X, Y, S = ("v", "x", "real"), ("v", "y", "real"), ("v", "s", "pos")
ZERO, ONE = ("q", "0"), ("q", "1")


# --- terms -----------------------------------------------------------------------------------------------------------


def test_variables_are_counted_from_inside_and_named_for_print():
    both = Integral(f(y, z), (y, 0, s), line)
    conclusion = last(assume(eq(both, x)))[2]
    inner = ("int", "y", "real", ZERO, S, ("f", "f", "real", ("b", 0), ("b", 1)))
    assert conclusion == ("=", ("int", "z", "real", ("-oo",), ("oo",), inner), X)


def test_every_sort_and_every_number():
    said = last(assume(ge(x + s + k + i + sp.pi + sp.E / 2 + abs(x) - sp.Rational(3, 4), sp.sqrt(s))))[2]
    text = str(said)
    for part in (
        "'real'",
        "'pos'",
        "'nat'",
        "'int'",
        "('pi',)",
        "('exp', ('q', '1'))",
        "('q', '-3/4')",
        "('abs'",
        "('^'",
    ):
        assert part in text


def test_a_notation_keeps_its_ranges_innermost_first():
    rate = KL(q(u, x), p(u), (u,))
    assert last(assume(eq(rate, 1)))[2][1] == (
        ("n", "KL", [["u", "@u"]], ("f", "q", "pos", ("b", 0), X), ("f", "p", "pos", ("b", 0)))
    )
    told = Information(q(u), p(v, u), f(v), (v,), (u,))
    _, _, ranges, *rest = last(assume(eq(told, 1)))[2][1]
    assert ranges == [["v", "@v"], ["u", "@u"]]
    assert rest == [("f", "q", "pos", ("b", 1)), ("f", "p", "pos", ("b", 0), ("b", 1)), ("f", "f", "real", ("b", 0))]


def test_the_ends_of_an_inner_range_know_the_outer_variable():
    _, _, ranges, *_ = last(assume(eq(KL(q(k), p(k), (k, 1, m), (m, 1, N)), 1)))[2][1]
    assert ranges == [["k", "nat", ONE, ("b", 0)], ["m", "nat", ONE, ("v", "N", "nat")]]


def test_a_point_carries_its_dimension_also_where_no_coordinate_is_seen():
    law = Product(q(i, U[i]), (i, 1, N))
    thm, _ = coordinate(Total(law * f(U[n]), (us,)), law, n, Lambda(x, f(x)), line)
    folded = monotone(each(assume(ForAll(eq(law * f(U[n]), g(us)), us))), (us,))
    said = str(last(chain(flip(folded), thm))[2])
    assert "['^', ('v', 'N', 'nat')]" in said and "'us', 'real'" not in said
    plane = str(last(substitute(chain(flip(folded), thm), {N: sp.Integer(2)}))[2])
    assert "['^', ('q', '2')]" in plane
    with pytest.raises(CannotExport, match="the dimension of the space of us is not known"):
        cert(assume(eq(Total(g(us), (us,)), 1)))


def test_infinity_is_a_proposition():
    thm = diverges(rearrange(sign(one - 1 + 0 * k), one, one), (k, 1, oo))
    assert last(thm)[0] == "diverges"
    assert last(thm)[2] == ("inf", ("sum", "k", "nat", ONE, ("oo",), ONE))


# --- rules -----------------------------------------------------------------------------------------------------------


def test_what_a_rule_was_told_is_written_down():
    bound = rearrange(assume(ge(x, y)), s * x, s * y, times=s)
    assert last(bound)[3] == S
    assert last(for_all(sign(s), s))[3] == S
    assert last(each(for_all(sign(s), s)))[3] == S
    assert last(substitute(sign(s), {s: t + 1}))[3] == [[S, ("+", ONE, ("v", "t", "pos"))]]
    c = cert(instantiate(sign(q(x, y)), {q: Lambda((z, t), exp(z - t))}))
    ((name, value, arguments, body),) = c["nodes"][-1][4]  # the last argument is innermost
    assert (name, value, arguments) == ("q", "pos", 2)
    assert spelled(c, body) == ("exp", ("+", ("b", 1), ("*", ("q", "-1"), ("b", 0))))
    assert last(on_space(monotone(sign(q(u)), (u,)), u, line))[3] == [
        ("v", "u", "@u"),
        ["z", "real", ("-oo",), ("oo",)],
    ]
    assert last(monotone(sign(q(u)), (u,)))[3] == ("v", "u", "@u")
    assert last(linearity(Integral(x * f(z), line)))[3] == [
        [X, ("int", "z", "real", ("-oo",), ("oo",), ("f", "f", "real", ("b", 0)))]
    ]
    assert last(tangent(sp.log(s), s, t))[3] == [("log", S), S, ("v", "t", "pos")]
    assert last(antiderivative(Integral(z, (z, 0, 1)), z**2 / 2))[3][1] == ("v", "z", "real")
    assert last(change_of_variables(Integral(f(z), line), 2 * y, y))[3] == [("*", ("q", "2"), Y), Y]
    assert last(gaussian_integral(z))[3] == "gaussian"
    assert last(telescope(sp.Sum(2 ** (-k), (k, 1, oo)), 2 * 2 ** (-k)))[3][1] == ("v", "k", "nat")
    below, nothing = sign(q(u)), assume(eq(Total(q(u), (u,)), 0))
    steps = nodes(vanish(below, nothing, (u,), assume(Converges(Total(q(u), (u,))))))
    assert [rule for rule, *_ in steps[-2:]] == ["vanish", "discharge"]


def test_a_free_point_keeps_its_name_while_its_space_moves():
    moved, named = nodes(on_space(sign(q(u)), u, (v,)))[-2:]
    there = ("v", "u", "@v")
    assert moved[0] == "on_space" and moved[2] == (">=", ("f", "q", "pos", there), ZERO)
    assert named[0] == "substitute" and named[3] == [[there, ("v", "v", "@v")]]


def test_renaming_and_moving_a_factor_in_are_algebra():
    assert last(rename(Integral(f(z), line), y))[0] == "algebra"


def test_words_for_the_reader_make_no_inference():
    assert nodes(because(sign(s), "of course")) == nodes(sign(s))


def test_inferences_and_terms_are_shared():
    c = cert(chain(algebra(x, x), algebra(x, x)), algebra(x, x))
    assert len(c["nodes"]) == 2
    assert [name for name, *_ in c["theorems"]] == ["it_0", "it_1"]
    assert len({json.dumps(row) for row in c["terms"]}) == len(c["terms"])


def test_a_derivative_is_a_slope_and_then_an_equation():
    thm = differentiate(sp.Derivative(x**2, x))
    assert [rule for rule, *_ in nodes(thm)] == ["differentiate", "slope_value"]
    slope, value = nodes(thm)
    square = ("^", ("b", 0), ("q", "2"))
    assert slope[2] == ("slope", "x", "real", X, square, ("*", ("q", "2"), X))
    assert value[2] == ("=", ("D", "x", "real", X, square), ("*", ("q", "2"), X))


def test_a_hypothesis_about_a_derivative_says_that_there_is_one():
    known = assume(ForAll(eq(sp.Derivative(f(x), x), g(x)), x))
    thm = differentiate(sp.Derivative(exp(f(x)), x), each(known))
    c = cert(thm)
    assert [rule for rule, *_ in c["nodes"]] == ["assume", "each", "differentiate", "slope_value"]
    _, _, statement, given = c["theorems"][0]
    assert spelled(c, statement)[0] == "=" and [spelled(c, h)[3][0] for h in given] == ["slope"]


def test_an_equation_proved_by_a_chain_may_be_wanted_as_a_slope():
    thm = differentiate(sp.Derivative(x**2, x))
    under = derivative_of_sum(chain(thm, algebra(2 * x, 2 * x)), (k, 1, N))
    assert [rule for rule, *_ in nodes(under)][-4:] == ["flip", "carry", "derivative_of_sum", "slope_value"]


def test_an_equation_that_is_no_slope_is_not_taken_for_one():
    """D f = 0 may only say that f has no derivative."""
    only_equal = flip(flip(assume(eq(sp.Derivative(f(x), x), g(x)))))
    with pytest.raises(CannotExport, match="known to exist"):
        cert(derivative_of_sum(only_equal, (k, 1, N)))


# --- the whole -------------------------------------------------------------------------------------------------------


def test_what_cannot_be_exported_is_named_with_its_reason():
    bad, good = assume(eq(sp.Derivative(f(z), (z, 2)), 0)), sign(s)
    with pytest.raises(CannotExport, match="bad has no certificate: not a first derivative"):
        certificate([verdict(good, "good"), verdict(bad, "bad")])


def test_what_two_proofs_share_stands_once():
    one_proof, other = verdict(flip(algebra(x, x + y - y)), "one"), verdict(algebra(x, x + y - y), "other")
    whole = certificate([one_proof, other])
    assert len(whole["nodes"]) == len(certificate([one_proof])["nodes"]) == 2
    assert [(name, at) for name, at, *_ in whole["theorems"]] == [("one", 1), ("other", 0)]


def test_a_refuted_claim_is_exported_as_its_negation():
    found = Counterexample(
        eq(x, y), ge(s, 0), SimpleNamespace(__name__="no", __module__="d.x"), "title", {}, "it", given=(ge(x, 1),)
    )
    vars(found)["thm"] = sign(s)
    c = certificate([found])
    assert [(name, spelled(c, prop), given) for name, _, prop, given in c["theorems"]] == [("no", (">=", S, ZERO), [])]


def test_rows_and_premises_come_first():
    law = Normal(z, x, s)
    c = cert(chain(unfold(law), algebra(law.definition(), law.definition())))

    def rows(e):
        return [e] if isinstance(e, int) else [r for x in e for r in rows(x)] if isinstance(e, list) else []

    for at, row in enumerate(c["terms"]):
        assert row[0] == "b" or all(r < at for r in rows(row[1:]))
    for at, (_, premises, *_) in enumerate(c["nodes"]):
        assert all(premise < at for premise in premises)
    assert set(c) == {"terms", "nodes", "theorems"}


def test_what_a_rule_was_told_cannot_change_afterwards():
    for said in ([x], ({},), "x", (1.5,), ([x],)):
        with pytest.raises(TypeError, match="not made of expressions"):
            Thm(_MINT, ge(s, 0), "sign", said=said)
    with pytest.raises(AttributeError):
        sign(s).said = (x,)


SOME = [
    "gaussian_kl_diagonal",
    "gibbs_equality",
    "steep_mass",
    "pathwise_gradient_mean",
    "linear_vae_collapse_diagonal",
]


def test_no_derivation_takes_hypotheses_in_the_order_of_a_set():
    """The order of what is discharged is that of the certificate. To ask for one, or for the only one, takes no order."""
    orderless = re.compile(r"sorted\(|in \w+\.hyps\)|^ *\(\w+,\) = \w+\.hyps$")
    for file in (ROOT / "derivations").glob("[!_]*/[!_]*.py"):
        for row in file.read_text(encoding="utf-8").splitlines():
            assert ".hyps" not in row or orderless.search(row), (file.name, row)


def test_the_bytes_do_not_depend_on_the_run(tmp_path):
    code = (
        "import sys; from pathlib import Path; from derivations._language.certificate import write\n"
        "from derivations._language.chapters import module, named\n"
        "write(Path(sys.argv[1]), [vars(module(named()[name][0]))[name] for name in sys.argv[2:]])"
    )
    here, there = tmp_path / "here.json", tmp_path / "there.json"
    write(here, [vars(module(named()[name][0]))[name] for name in SOME])
    seed = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"  # another than here
    env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code, str(there), *SOME], check=True, env=env, timeout=300)
    assert here.read_bytes() == there.read_bytes()
    assert {name for name, *_ in json.loads(here.read_bytes())["theorems"]} == set(SOME)
    assert set(os.listdir(tmp_path)) == {here.name, there.name}


def test_a_certificate_that_cannot_be_made_leaves_no_file(tmp_path):
    with pytest.raises(CannotExport):
        write(tmp_path / "c.json", [verdict(assume(eq(sp.Derivative(f(z), (z, 2)), 0)), "bad")])
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize(
    "name", ["gaussian_kl_diagonal", "pathwise_gradient_mean", "surgery_decomposition", "iwae_rate"]
)
def test_a_table_that_is_read_back_says_the_same(name):
    found = next(v for v in verdicts() if v.name == name)
    drafted, written = draft(found), certificate([found])
    rows = read(written["terms"])
    ((_, _, statement, given),) = written["theorems"]
    assert rows[statement].key == drafted.theorem[2].key
    assert [rows[g].key for g in given] == [g.key for g in drafted.theorem[3]]
    assert [rows[node[2]].key for node in written["nodes"]] == [node[2].key for node in drafted.nodes]
