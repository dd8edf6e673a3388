r"""The formulas of docstrings, which are plain text, as TeX: `KL(q || p) = sum_i q_i log(q_i / p_i)`.

What is a formula is told from prose word by word: it consists of signs, numbers, single letters, names of arguments and the few
words below. Within brackets prose stays prose, and a quotient becomes a fraction.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

FUNCTIONS = ("log", "exp", "det", "sin", "cos", "sinh", "cosh", "tanh")
OPERATORS = ("tr", "diag", "softplus", "softmax", "sigmoid")
WORDS = {f: rf"\{f}" for f in FUNCTIONS} | {o: rf"\operatorname{{{o}}}" for o in OPERATORS}
WORDS |= {"KL": r"D_{\mathrm{KL}}", "JS": r"\mathrm{JS}", "inf": r"\infty", "pi": r"\pi"}
QUANTITIES = ("mean", "std", "var", "cov", "tril", "noise", "logits", "gain", "joint")
BIG = {"sum": r"\sum", "prod": r"\prod", "E": r"\mathbb{E}"}
SIGNS = {
    "||": r" \,\|\, ",
    "|": r" \mid ",
    "<=": r" \le ",
    ">=": r" \ge ",
    ",": r",\, ",
    ";": r";\, ",
    "*": r" \times ",
}
SIGNS |= {sign: f" {sign} " for sign in "=<>+-"}
TOKEN = re.compile(r"\s*(?:([A-Za-z]\w*)|(\d+(?:\.\d+)?)|(\|\||<=|>=|[-+*/^()|=<>])|(\S))")

TELLING = re.compile(r"[(=^/<>]")  # what stands in a formula, and in a sentence rarely


class Token(NamedTuple):
    """A word, and where it begins and ends in the text."""

    text: str
    kind: str
    start: int
    end: int


class NotAFormula(ValueError):
    """A run of words that reads like a formula and is none."""


def _tokens(text: str) -> list[Token]:
    kinds = ("name", "number", "sign", "other")
    return [
        Token(m[m.lastindex or 0], kinds[(m.lastindex or 1) - 1], m.start(m.lastindex or 0), m.end())
        for m in TOKEN.finditer(text)
    ]


def markdown(paragraph: str, arguments: Collection[str] = ()) -> str:
    """A paragraph that an equation opens: that is displayed, the formulas after it stand in line. Any other as it is."""
    try:
        return displayed(paragraph, arguments)
    except NotAFormula:  # of the functions of elbo_ref a test says that there is none
        return paragraph


def displayed(paragraph: str, arguments: Collection[str] = ()) -> str:
    """The same; what opens like an equation and is none is refused."""
    text = " ".join(paragraph.split())
    runs = list(_runs(text, arguments))
    if not runs or runs[0].start or "=" not in text[runs[0]] or text[runs[0]].endswith(tuple("=<>+-*/|")):
        return paragraph
    head, *rest = runs
    stop = text[head.stop : head.stop + 1]
    mark = stop if stop in (",", ";", ".") else ""
    parts, at = [f"$$\n{tex(text[head], arguments)}{mark}\n$$\n\n"], head.stop + len(mark)
    for run in rest:
        parts += [text[at : run.start], f"${tex(text[run], arguments)}$"]
        at = run.stop
    parts.append(text[at:])
    return (parts[0] + "".join(parts[1:]).strip()).strip()


def inline(sentence: str, arguments: Collection[str] = ()) -> str:
    """A sentence with its formulas set: what has a bracket, a sign or a quotient, and no word that is none of mathematics."""
    said, at = "", 0
    for run in _runs(sentence, arguments):
        code = sentence[: run.start].count("`") % 2
        if code or not TELLING.search(sentence[run]):
            continue
        try:
            set_ = tex(sentence[run], arguments)
        except NotAFormula:
            continue
        if r"\text" not in set_:
            said, at = f"{said}{sentence[at : run.start]}${set_}$", run.stop
    return said + sentence[at:]


def _runs(text: str, arguments: Collection[str]) -> Iterator[slice]:
    """Where the formulas stand: those that say more than a number."""
    tokens, k = _tokens(text), 0
    while k < len(tokens):
        first, depth = k, 0
        while k < len(tokens) and (depth > 0 or _tells(tokens, k, arguments)):
            depth += {"(": 1, ")": -1}.get(tokens[k].text, 0)
            k += 1
        run = tokens[first:k]
        if any(t.kind == "name" for t in run) and not depth:
            yield slice(run[0].start, run[-1].end)
        k = max(k, first + 1)


def _tells(tokens: list[Token], k: int, arguments: Collection[str]) -> bool:
    """Whether this word belongs to a formula."""
    text, kind, _, end = tokens[k]
    if kind == "name" and text in ("a", "A", "I", "It"):
        return text in arguments or (k + 1 < len(tokens) and tokens[k + 1].text == "(" and tokens[k + 1].start == end)
    return kind in ("number", "sign") or (kind == "name" and _known(text, arguments))


def _known(name: str, arguments: Collection[str]) -> bool:
    base = name.partition("_")[0]
    return (
        len(base) == 1
        or name in arguments
        or base in {*WORDS, *BIG, *QUANTITIES, *(a.partition("_")[0] for a in arguments)}
    )


def tex(formula: str, arguments: Collection[str] = ()) -> str:
    """One formula as TeX."""
    parser = _Parser(_tokens(formula), arguments)
    said = parser.row(until="")
    if parser.next:
        raise NotAFormula(f"{formula!r} is no formula from {parser.next!r} on")
    return said.strip()


def _product(factors: Iterable[str]) -> str:
    """Factors side by side; a name in upright letters is kept apart from its neighbours."""
    said = ""
    for factor in factors:
        apart = factor.startswith(r"\mathrm") and not said.endswith(tuple(WORDS.values()))
        apart |= bool(re.search(r"\\mathrm\{\w{2,}\}$", said)) and not factor.startswith("(")
        said += (r"\, " if apart else " ") * bool(said) + factor
    return said


class _Parser:
    """Rows of terms between signs; a term is a product, whose factors before a stroke are its numerator."""

    def __init__(self, tokens: list[Token], arguments: Collection[str]) -> None:
        self.tokens, self.arguments, self.at = tokens, arguments, 0

    @property
    def next(self) -> str:
        return self.tokens[self.at].text if self.at < len(self.tokens) else ""

    @property
    def glued(self) -> bool:
        """Whether a bracket follows at once: a function of something, not a product."""
        return self.next == "(" and self.tokens[self.at].start == self.tokens[self.at - 1].end

    def take(self) -> str:
        if not self.next:
            raise NotAFormula("the formula breaks off")
        self.at += 1
        return self.tokens[self.at - 1].text

    def row(self, until: str) -> str:
        parts = []
        while self.next and self.next != until:
            begins = not parts or parts[-1] in SIGNS.values()
            norm = self.next == "|" and begins
            parts.append(SIGNS[self.take()] if self.next in SIGNS and not norm else self.term())
        return "".join(parts)

    def term(self) -> str:
        outside: list[str] = []  # sums, and what stands before them
        factors: list[tuple[str, str]] = []  # each as it stands, and without the brackets that a fraction replaces
        while (
            self.next
            and (self.next not in SIGNS or (self.next == "|" and not (outside or factors)))
            and self.next != ")"
        ):
            if self.next == "/":
                self.take()
                top = factors[0][1] if len(factors) == 1 else _product(whole for whole, _ in factors)
                below = self.term() if self.big else self.factor()[1]
                factors = [(rf"\frac{{{top}}}{{{below}}}",) * 2]
            elif self.big:
                outside += [*(whole for whole, _ in factors), self.factor()[0]]
                factors = []
            else:
                factors.append(self.factor())
        said = " ".join([*outside, _product(whole for whole, _ in factors)]).strip()
        if not said:
            raise NotAFormula(f"{self.next!r} stands where a term is asked for")
        return said

    @property
    def big(self) -> bool:
        return self.next.partition("_")[0] in BIG

    def factor(self) -> tuple[str, str]:
        text = self.take()
        kind = self.tokens[self.at - 1].kind
        if text == "|":
            whole = bare = rf"\|{self.row(until='|').strip()}\|"
            self.take()
        elif text == "(":
            bare = self.row(until=")").strip()
            self.take()
            tall = r"\frac" in bare or r"\sum" in bare
            whole = (
                bare
                if re.fullmatch(r"\\frac\{\w+\}\{\w+\}", bare)
                else rf"\left({bare}\right)"
                if tall
                else f"({bare})"
            )
        elif kind == "name" and not _known(text, self.arguments) and text != "I":
            words = [text]
            while self.next.isalpha() and not _known(self.next, self.arguments):
                words.append(self.take())
            whole = bare = rf"\text{{ {' '.join(words)} }}"
        elif kind == "name":
            whole = bare = self.name(text)
        elif kind == "number":
            whole = bare = text
        else:
            raise NotAFormula(f"{text!r} stands where a term is asked for")
        if self.next == "^":
            self.take()
            sign = self.take() if self.next == "-" else ""
            power = self.take().replace("T", r"\top")
            whole = bare = f"{whole}^{{{sign}{power}}}"
        return whole, bare

    def name(self, text: str) -> str:
        longer = [a for a in self.arguments if a.startswith("log_") and (text == a or text.startswith(f"{a}_"))]
        base = max(longer, key=len, default=text.partition("_")[0])
        below = [b for b in text[len(base) :].split("_") if b]
        indices = ", ".join(b if len(b) <= 2 else rf"\mathrm{{{b}}}" for b in below)
        letters = rf"\mathrm{{{base}}}".replace("_", r"\_")
        shown = BIG.get(base) or WORDS.get(base) or (base if len(base) == 1 else letters)
        if base == "E" and self.glued:
            return f"{shown}_{{{indices}{self.factor()[0]}}}"
        if base == "N" and self.glued:
            shown = r"\mathcal{N}"
        if indices:
            shown += f"_{{{indices}}}"
        return shown + self.factor()[0] if self.glued else shown
