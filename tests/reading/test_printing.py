"""What is printed is what was proved: from each formula that is printed the term can be read back."""

import random
import re
from functools import cache

import pytest

from derivations._language.certificate import Row
from derivations._language.chapters import verdicts
from derivations._language.verdicts import Counterexample, Theorem
from derivations._reading.formulas import Printer
from derivations._reading.names import Alike, inside, tex_name
from derivations._reading.printed import printed, text
from tests.reading._formulas import Reader, canonical
from tests.reading._mutants import mutant

PROOFS = [v for v in verdicts() if isinstance(v, Theorem | Counterexample)]
SIZES = re.compile(r"\\(left|right|middle|quad)(?![a-z])|\\[,;]|\s")  # a reader sees no space and no size of a bracket
MUTANTS = 3  # of each statement and hypothesis


def read_back(row, printer):
    """Whether the text says the row, and nothing else."""
    return Reader(printer.text(row), printer.names).read() == canonical(row, printer.names)


@pytest.mark.parametrize("verdict", PROOFS, ids=lambda v: v.name)
def test_every_statement_and_hypothesis_can_be_read_back(verdict):
    said = printed(verdict)
    assert all(read_back(row, said.printer) for row in said.rows)


def parts(row):
    """Closed terms inside a row."""
    for r, over in inside(row):
        if not over:
            yield r
            yield from parts(r)


@cache
def several():
    """All statements and hypotheses, their closed parts, and mutants, each with a printer of its own."""
    rng, found, refused = random.Random(11), {}, 0
    for v in PROOFS:
        for row in printed(v).rows:
            pool = [r for r in parts(row) if r.parts[0] in "vf"] or [Row("pi")]
            for one in [row, *parts(row), *(mutant(row, rng, pool) for _ in range(MUTANTS))]:
                if one.key not in found and one.parts[0] not in ("oo", "-oo"):
                    try:
                        found[one.key] = one, Printer([one])
                    except Alike:
                        refused += 1
    return list(found.values()), refused


def test_thousands_of_mutants_can_be_read_back():
    rows, refused = several()
    assert len(rows) > 4_000 and refused < len(rows) / 5
    wrong = [printer.text(row) for row, printer in rows if not read_back(row, printer)]
    assert wrong == []


def up_to_names(row, printer, tex):
    """The term, with symbols, functions and spaces by what they print as: what they are called elsewhere is free."""
    names = printer.names
    say = tex_name if tex else str
    spaces = {sort: name for name, sort in reversed(names.said.items()) if isinstance(sort, str) and sort[0] == "@"}

    def function(f):
        return say(f.letter), f.indexed, f.before, tuple(map(say, names.place(f)))

    return canonical(row, names, say, function, lambda sort: spaces.get(sort, sort))


@pytest.mark.parametrize("tex", [False, True])
def test_what_prints_alike_is_alike(tex):
    seen = {}
    for row, printer in several()[0]:
        shown = SIZES.sub("", printer.tex(row)) if tex else printer.text(row)
        where = tuple(sorted(printer.domains(tex)))
        term = up_to_names(row, printer, tex)
        assert seen.setdefault((shown, where), term) == term, shown


@pytest.mark.parametrize("verdict", PROOFS, ids=lambda v: v.name)
def test_everything_in_a_verdict_has_a_name_of_its_own(verdict):
    for tex in (False, True):
        shown = [symbol for symbol, _ in printed(verdict).domains(tex)]
        assert len(set(shown)) == len(shown)


# --- what was printed wrongly once, and what is refused --------------------------------------------------------------

z, m = Row("v", "z", "real"), Row("v", "m", "real")
b0, zero, one, a, b = Row("b", 0), Row("q", "0"), Row("q", "1"), Row("v", "a", "pos"), Row("v", "b", "pos")


def f(name, *args, value="pos"):
    return Row("f", name, value, *args)


def shown(*rows):
    printer = Printer(rows)
    return [printer.text(row) for row in rows], [printer.tex(row) for row in rows]


def test_a_divergence_over_a_part_of_the_line_says_so():
    def uniform(end):
        return Row("^", end, Row("q", "-1"))

    narrow = Row("n", "KL", [["z", "real", zero, a]], uniform(a), uniform(b))
    [line], [tex] = shown(narrow)
    assert line == "KL_{z in [0, a]}(1/a || 1/b)"
    assert tex == r"D_{\mathrm{KL},\; z \in [0, a]}\left(\frac{1}{a} \,\middle\|\, \frac{1}{b}\right)"
    assert shown(Row("n", "KL", [["z", "real"]], f("q(z)", b0), f("p(z)", b0)))[0] == ["KL(q(z) || p(z))"]


def test_a_nested_integral_prints_every_differential():
    twice = Row("int", "z", "real", Row("int", "y", "real", f("p(z,y)", Row("b", 1), b0)))
    assert shown(twice)[0] == ["∫ ∫ p(z, y) dy dz"]
    again = Row("int", "z", "real", Row("int", "z", "real", f("p(z,y)", Row("b", 1), b0)))
    assert shown(again) == (["∫ ∫ p(z, z') dz' dz"], [r"\int \int p(z, z') \,\mathrm{d}z' \,\mathrm{d}z"])


def test_a_word_stands_apart_from_another_factor():
    rate, count = Row("v", "rate", "real"), Row("v", "D", "nat")
    assert shown(Row("*", count, rate))[1] == [r"D \, \mathrm{rate}"]
    assert shown(Row("*", Row("q", "2"), rate, f("odds(z)", a)))[1] == [r"2 \, \mathrm{rate} \, \mathrm{odds}(a)"]
    assert shown(Row("*", count, a))[1] == ["D a"]


def test_two_ranges_of_one_name_are_told_apart():
    row = Row("n", "KL", [["z", "real"], ["z", "real"]], f("q(x,y)", Row("b", 1), b0), f("p(x,y)", b0, Row("b", 1)))
    assert shown(row)[0] == ["KL(q(z, z') || p(z', z))"]
    swapped = Row("n", *row.parts[1:3], f("q(x,y)", b0, Row("b", 1)), f("p(x,y)", b0, Row("b", 1)))
    assert shown(swapped)[0] == ["KL_{z, z'}(q(z', z) || p(z', z))"]


def test_information_prints_its_laws():
    laws = f("q(n)", Row("b", 1)), f("q(z|n)", b0, Row("b", 1)), f("q(z)", b0)
    row = Row("n", "Information", [["u", "@u"], ["n", "nat", one, Row("v", "N", "nat")]], *laws)
    assert shown(row)[0] == ["I_{q(n), q(z | n), q(z)}(n=1..N; z)"]


def test_a_homonym_is_refused_with_both_names():
    x = Row("v", "x", "real")
    joint, posterior, other = (
        f(name, *args) for name, *args in (("p(x,z)", x, b0), ("p(z|x)", b0, x), ("p(a|b)", b0, x))
    )
    elbo = Row("n", "ELBO", [["z", "real"]], Row("*", other, f("p(x)", x)), f("q(z|x)", b0, x))
    gap = Row("n", "KL", [["z", "real"]], f("q(z|x)", b0, x), posterior)
    with pytest.raises(Alike, match=r"'p\(z\|x\)' and 'p\(a\|b\)'|'p\(a\|b\)' and 'p\(z\|x\)'"):
        shown(Row("=", elbo, gap))
    shown(Row("=", Row("n", "ELBO", [["z", "real"]], joint, f("q(z|x)", b0, x)), gap))


HEADS = [
    "ELBO",
    "elbo",
    "D_KL",
    "KL",
    "KL'",
    "kl_2",
    "DKL",
    "E",
    "E_q",
    "E1",
    "H_q",
    "I",
    "I_q",
    "Ber",
    "Bernoulli",
    "Entropy",
    "Var",
]


@pytest.mark.parametrize("name", HEADS)
def test_what_looks_like_a_law_or_a_functional_is_no_name(name):
    for row in (Row("v", name, "real"), f(f"{name}(q|p)", z, one), f(f"{name}[]", one)):
        with pytest.raises(Alike, match="cannot be printed"):
            shown(Row("=", row, zero))
    assert shown(Row("=", Row("int", name, "real", b0), zero))[0][0].startswith("∫ t dt")


def test_a_count_may_be_called_n_and_a_function_may_not():
    assert shown(Row("=", Row("v", "N", "nat"), one))[0] == ["N = 1"]
    with pytest.raises(Alike, match="cannot be printed"):
        shown(Row("=", f("N(z)", z), zero))


@pytest.mark.parametrize("number", [one, Row("+", z, one)])
def test_functions_of_one_letter_are_not_told_apart_by_numbers(number):
    with pytest.raises(Alike, match="would print alike"):
        shown(Row("=", f("p(x)", number), f("p(z)", z)))
    assert shown(Row("=", f("p(x)", m), f("p(z)", z)))[0] == ["p(m) = p(z)"]


@pytest.mark.parametrize("name", ["oo", "pi", "log", "a + b", "", "x_", "für", "z dz", r"\pi", "H"])
def test_a_symbol_that_could_be_read_as_something_else_is_refused(name):
    with pytest.raises(Alike, match="cannot be printed"):
        shown(Row("=", Row("v", name, "real"), zero))
    with pytest.raises(Alike, match="cannot be printed"):
        shown(Row("=", f(f"{name}(z)", z), zero)) if name != "H" else shown(Row("=", f("H[]", one), zero))
    bound = shown(Row("int", name, "real", b0))[0][0]
    assert re.fullmatch(r"∫ (\w+) d\1", bound)


@pytest.mark.parametrize(
    ("first", "second"), [("mean", "mu"), ("var", "std"), ("weight", "w"), ("logit", "logvar"), ("u", "z")]
)
def test_symbols_that_would_print_alike_get_a_prime(first, second):
    rows = [Row("=", Row("v", first, "real"), Row("^", Row("v", second, "real"), Row("q", "2")))]
    printer = Printer(rows)
    names = [name for name, _ in printer.domains(tex=True)]
    assert len(set(names)) == 2 and not {f"{n}^2" for n in names} & set(names)


def test_one_name_for_two_symbols_or_functions_is_refused():
    with pytest.raises(Alike, match="'a' stands for two things, one a real number and one a positive number"):
        shown(Row("=", a, Row("v", "a", "real")))
    with pytest.raises(Alike, match=r"'p\(z\)' has values of two sorts, pos and real"):
        shown(Row("=", f("p(z)", z), f("p(z)", z, value="real")))


def test_a_bound_variable_never_takes_a_name_that_stands_inside():
    captured = Row("int", "z", "real", f("p(z,x)", b0, z))
    assert shown(captured)[0] == ["∫ p(z', z) dz'"]
    assert shown(Row("sum", "n", "nat", one, Row("v", "n", "nat"), b0))[0] == ["Σ_{n'=1..n} n'"]
    assert shown(Row("=", z, Row("int", "z", "pos", b0)))[0] == ["z = ∫ z' dz'"]  # one name, one sort


def test_derivatives_say_by_what_and_where():
    t = Row("v", "t", "real")
    by_itself, elsewhere = (Row("D", "t", "real", at, f("w(z)", b0)) for at in (t, Row("+", t, one)))
    assert shown(by_itself, elsewhere)[0] == ["d/dt w(t)", "[d/dt' w(t')]_{t'=t + 1}"]
    slope = Row("slope", "t", "real", t, f("w(z)", b0), one)
    assert shown(slope, Row("=", by_itself, one))[0] == ["d/dt w(t) exists and is 1", "d/dt w(t) = 1"]


def test_an_index_is_not_part_of_a_name():
    x_n, x_1 = f("x[]", one, value="real"), Row("v", "x_1", "real")
    assert shown(Row("=", x_n, x_1)) == (["x[1] = x_1'"], ["x_{1} = x_{1}'"])
    assert tex_name("var_q", "j") == r"\sigma_{q,j}^2"


def test_where_symbols_live_in_words():
    d = Row("v", "d", "nat")
    point, w = Row("v", "zs", ["^", d]), Row("v", "w", "@u")
    rows = [
        Row("=", f("q(z)", point), f("g(u,v)", Row("v", "u", "@u"), w, value="real")),
        Row("=", Row("at", point, one), a),
    ]
    assert dict(Printer(rows).domains()) == {
        "a": "a positive number", "d": "a positive integer", "w": "a point of any measure space",
        "z": "a point of the space of w", "zs": "a point of R^d", "q(zs)": "a positive function", "g(z, w)": "a real function",
    }  # fmt: skip
    assert ("\\mathbf{z}", r"a point of $\mathbb{R}^{d}$") in Printer(rows).domains(tex=True)


def test_lines_of_proofs_print_like_statements():
    verdict = next(v for v in PROOFS if v.name == "elbo_standard_form")
    assert text(verdict.statement) == printed(verdict).text
    assert printed(verdict).given()[1] == text(verdict.given[1], given=True) == "E_{q(z | x)}[log(p(x | z))] is finite"
