"""A reader of printed formulas: from one line of text back to the term, to show that nothing else could be meant."""

import re
from fractions import Fraction

TOKEN = re.compile(r"\s*(\d+|[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*'*|\*\*|\.\.|\|\||_\{|[-+*/()\[\]{}|,;=≥≤<>≠∫ΣΠ∞])")
RELATIONS = {"=": "=", "≥": ">=", "≤": "<=", "<": "<", ">": ">", "≠": "!="}
ONE = ("q", Fraction(1))


# --- what is compared: terms up to hints and the order of terms and factors ------------------------------------------


def canonical(row, names, symbol=str, function=None, space=str):
    """A row as nested tuples; free symbols by the names that they print by."""
    head, *rest = row.parts

    def of(r):
        return canonical(r, names, symbol, function, space)

    def over(sort, ends):
        ends = [] if [e.parts[0] for e in ends] == ["-oo", "oo"] else ends
        return (space(sort) if isinstance(sort, str) else ("^", of(sort[1])), *map(of, ends))

    match head:
        case "q":
            return "q", Fraction(rest[0])
        case "pi" | "oo" | "-oo":
            return (head,)
        case "b":
            return "b", rest[0]
        case "v":
            sort = rest[1]
            return "v", symbol(names.of(*rest)), space(sort) if isinstance(sort, str) else ("^", of(sort[1]))
        case "+" | "*":
            return head, *sorted(map(of, rest), key=repr)
        case "f":
            args = [of(r) for r in rest[2:]]
            name = function(names.functions[rest[0], rest[1], len(args)]) if function else rest[0]
            return "f", name, rest[1], *args
        case "int" | "sum" | "prod" | "all" | "ae":
            return head, over(rest[1], rest[2:-1]), of(rest[-1])
        case "dom" | "D" | "slope":
            return head, over(rest[1], []), *map(of, rest[2:])
        case "n":
            return "n", rest[0], tuple(over(s, ends) for _, s, *ends in rest[1]), *map(of, rest[2:])
    return head, *map(of, rest)


# --- reading ---------------------------------------------------------------------------------------------------------


class Reader:
    """Reads one line, knowing where symbols live: what the list beside the formula says."""

    def __init__(self, text, names):
        self.names, self.tokens, at = names, [], 0
        while at < len(text):
            found = TOKEN.match(text, at)
            assert found, text[at:]
            self.tokens.append(found[1])
            at = found.end()
        self.at = 0

    def peek(self, ahead=0):
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else ""

    def take(self, *wanted):
        for token in wanted:
            assert self.peek() == token, (token, self.tokens[self.at : self.at + 6], self.tokens)
            self.at += 1

    def maybe(self, *wanted):
        found = tuple(self.tokens[self.at : self.at + len(wanted)]) == wanted
        self.at += len(wanted) * found
        return found

    def name(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def read(self):
        prop = self.relation()
        while self.maybe("for"):
            head = "ae" if self.maybe("almost") else "all"
            self.take("every")
            places = [self.place()]
            while head == "all" and self.maybe(","):
                places.append(self.place())
            for place in reversed(places):
                prop = (head, place, prop)
        assert self.at == len(self.tokens), self.tokens[self.at :]
        return self.close(prop, ())

    def relation(self):
        left = self.term()
        if self.maybe("is", "finite", "in", "every", "order"):
            return "joint", left
        if self.maybe("is", "finite"):
            return "conv", left
        if self.maybe("is", "dominated", "near", "every"):
            return "dom", (self.name(), None), left
        if self.maybe("exists", "and", "is"):
            return "slope", *left[1:], self.term()
        if self.maybe("=", "∞"):
            return "inf", left
        return (RELATIONS[self.name()], left, self.term()) if self.peek() in RELATIONS else left

    def place(self):
        name = self.name()
        if self.maybe("="):
            return name, (self.end(), self.take("..") or self.end()), "counted"
        if self.maybe("in"):
            self.at += 1
            lo = self.end()
            self.take(",")
            hi = self.end()
            self.at += 1
            return name, (lo, hi), "real"
        return name, None

    def end(self):
        if self.maybe("-", "∞"):
            return ("-oo",)
        return ("oo",) if self.maybe("∞") else self.term()

    def term(self):
        terms = []
        while True:
            minus = self.maybe("-")
            product = self.product()
            terms.append(_negative(product) if minus else _whole(product))
            if self.peek() not in ("+", "-"):
                return terms[0] if len(terms) == 1 else ("+", *terms)
            self.maybe("+")

    def product(self):
        """A coefficient and factors, not yet put together."""
        above, below = [self.factor()], []
        while self.maybe("*"):
            above.append(self.factor())
        if self.maybe("/"):
            one = self.factor()
            inner = one[1] if one[0] == "()" else None
            below = list(inner[2]) if inner and inner[0] == "product" and not inner[3] and len(inner[2]) > 1 else [one]
        return "product", None, above, below

    def factor(self):
        if self.peek() in ("Σ", "Π", "∫"):
            return self.big()
        base = self.atom()
        return ("**", base, self.atom()) if self.maybe("**") else base

    def big(self):
        sign, place = self.name(), None
        if sign == "∫":
            ends = None
            if self.maybe("_{"):
                ends = self.end(), self.take("..") or self.end()
                self.take("}")
            body = self.product() if self.peek() != "-" else self.term()
            body = _whole(body)
            name = self.name()
            assert name.startswith("d"), name
            return "int", (name[1:], ends, "real"), body
        self.take("_{")
        place = self.place()
        self.take("}")
        body = self.big() if self.peek() in ("Σ", "Π", "∫") else self.atom()
        return ("sum" if sign == "Σ" else "prod"), place, _bare(body)

    def atom(self):
        token = self.name()
        if token.isdigit():
            return "digits", Fraction(token)
        if token == "(":
            inside = self.inside()
            self.take(")")
            return "()", inside
        if token == "[":
            d = self.term()
            self.take("]", "_{")
            name = self.name()
            self.take("=")
            at = self.term()
            self.take("}")
            assert d[0] == "D" and d[1][0] == name
            return "D", d[1], at, d[3]
        if token == "d" and self.peek() == "/" and self.peek(1).startswith("d") and self.starts(2):
            self.at += 1
            name = self.name()[1:]
            return "D", (name, None), ("name", name), _bare(self.atom() if self.peek() not in "ΣΠ∫" else self.big())
        assert token[0].isalpha(), token
        return self.called(token)

    def starts(self, ahead):
        token = self.peek(ahead)
        return token == "(" or token == "[" or (token[:1].isalpha() and token not in ("is", "exists", "for", "in"))

    def inside(self):
        """In brackets: a product stays apart, for a fraction's sake."""
        start = self.at
        product = self.product() if self.peek() != "-" else None
        if product and self.peek() == ")" and (len(product[2]) > 1 or product[3]):
            return product
        self.at = start
        return self.term()

    def called(self, name):
        ranges = []
        if name in ("E", "I", "KL", "ELBO", "H") and self.maybe("_{"):
            laws = []
            if name in ("E", "I"):
                laws = [self.term()]
                while self.maybe(",") and (name == "I" or ranges.append(self.place())):
                    laws.append(self.term())
                while name == "E" and self.maybe(","):
                    ranges.append(self.place())
            else:
                ranges = [self.place()]
                while self.maybe(","):
                    ranges.append(self.place())
            self.take("}")
            if name == "E":
                self.take("[")
                f = self.term()
                self.take("]")
                return "n", "E", ranges or _says(laws[0], self.names), f, laws[0]
            if name == "I":
                self.take("(")
                ranges = [self.place(), self.take(";") or self.place()]
                self.take(")")
                return "n", "Information", ranges, *laws
        if name == "H" and self.maybe("["):
            args = [self.term()]
            if self.maybe(","):
                args.append(self.term())
            self.take("]")
            head = "CrossEntropy" if len(args) == 2 else "Entropy"
            return "n", head, ranges or _says(args[0], self.names), *args
        if self.maybe("["):
            args = [self.term()]
            while self.maybe(","):
                args.append(self.term())
            self.take("]")
            return "index", name, *args
        if not self.maybe("("):
            return "name", name
        start, args, marks = self.at, [], []
        while not args or self.peek() != ")":
            if args:
                marks.append(self.name())
                self.maybe("odds") if name == "Ber" else None
            args.append(self.term())
        self.take(")")
        if name in ("exp", "log", "abs"):
            return name, *args
        if name == "sqrt":
            return "^", args[0], ("q", Fraction(1, 2))
        if ";" in marks:
            head = {"N": "Normal", "Ber": "Bernoulli", "ELBO": "ELBO"}[name]
            if head == "ELBO":
                return "n", head, ranges or _says(args[0], self.names), args[1], args[0]
            return "n", head, [], *args
        if "||" in marks:
            return "n", "KL", ranges or _says(args[0], self.names), *args
        before = marks.index("|") + 1 if "|" in marks else len(args)
        return "call", name, before, "".join(self.tokens[start : self.at - 1]), *args

    # --- names to indices --------------------------------------------------------------------------------------------

    def sort(self, place):
        name, ends, *kind = place
        if name in self.names.said:
            sort = self.names.said[name]
            return sort if isinstance(sort, str) else ("^", canonical(sort[1], self.names))
        if not ends or "counted" not in kind:
            return "real"
        return "nat" if ends[0][0] == "q" and ends[0][1] >= 1 else "int"

    def close(self, e, env):
        """Names become indices, sums and products are put in order."""
        head = e[0]
        if head in ("q", "pi", "oo", "-oo"):
            return e
        if head == "name":
            if e[1] == "pi":
                return ("pi",)
            return ("b", env.index(e[1])) if e[1] in env else ("v", e[1], self.sort((e[1], None)))
        if head in ("int", "sum", "prod", "all", "ae", "dom"):
            return head, self.over(e[1], env), self.close(e[2], (e[1][0], *env))
        if head in ("D", "slope"):
            at, body, *value = e[2:]
            value = [self.close(v, env) for v in value]
            return head, self.over(e[1], env), self.close(at, env), self.close(body, (e[1][0], *env)), *value
        if head == "n":
            inner, ranges = env, []
            for place in e[2]:
                ranges.insert(0, self.over(place, inner))
                inner = (place[0], *inner)
            return "n", e[1], tuple(ranges), *(self.close(a, inner) for a in e[3:])
        if head == "call":
            _, letter, before, shown, *args = e
            f = self.function(letter, before, len(args), shown)
            return "f", f.name, f.value, *(self.close(a, env) for a in args)
        if head == "index":
            fs = [f for f in self.names.functions.values() if f.indexed and f.letter == e[1] and f.arity == len(e) - 2]
            args = [self.close(a, env) for a in e[2:]]
            if not fs:
                return "at", self.close(("name", e[1]), env), *args
            return "f", fs[0].name, fs[0].value, *args
        rest = [self.close(a, env) for a in e[1:]]
        return head, *(sorted(rest, key=repr) if head in ("+", "*") else rest)

    def over(self, place, env):
        return self.sort(place), *(self.close(e, env) for e in place[1] or ())

    def function(self, letter, before, arity, shown):
        kind = [f for f in self.names.functions.values() if not f.indexed and f.letter == letter]
        fs = [f for f in kind if f.before == before and f.arity == arity]
        if len(fs) > 1:  # told apart by what they are applied to
            spell = {re.sub(r"\s", "", "|".join(filter(None, (",".join(a[:before]), ",".join(a[before:]))))): f
                     for f in fs for a in self.names.shown[f]}  # fmt: skip
            return spell[shown]
        return fs[0]


def _bare(e):
    if e[0] == "()":
        return _whole(e[1])
    return ("q", e[1]) if e[0] == "digits" else e


def _power(e, sign=1):
    """A factor above the line, or below it."""
    if e[0] == "**":
        exponent = e[2][1] if e[2][0] == "()" else e[2]
        exponent = _bare(exponent) if sign == 1 or exponent[0] == "digits" else exponent
        if sign == -1:
            exponent = (
                _negative(exponent)
                if exponent[0] in ("product", "q", "digits")
                else ("*", ("q", Fraction(-1)), _bare(exponent))
            )
        return "^", _bare(e[1]), _whole(exponent)
    if sign == 1:
        return _bare(e)
    if e[0] == "^" and e[2] == ("q", Fraction(1, 2)):
        return "^", e[1], ("q", Fraction(-1, 2))
    return "^", _bare(e), ("q", Fraction(-1))


def _parts(e):
    """Coefficient, or None, and factors."""
    _, _, above, below = e
    c, factors = None, []
    for k, f in enumerate(above):
        if f[0] == "digits" and k == 0 and (len(above) > 1 or below):
            c = f[1]
        else:
            factors.append(_power(f))
    for k, f in enumerate(below):
        if f[0] == "digits" and k == 0:
            c = (c or 1) / f[1]
        else:
            factors.append(_power(f, -1))
    if c == 1 and len(above) == 1 and above[0][0] == "digits":
        c = None
    return c, factors


def _whole(e):
    if e[0] == "digits":
        return "q", e[1]
    if e[0] == "()":
        return _whole(e[1])
    if e[0] == "**":
        return _power(e)
    if e[0] != "product":
        return e
    c, factors = _parts(e)
    factors = [("q", c), *factors] if c is not None else factors
    return factors[0] if len(factors) == 1 else ("*", *factors)


def _negative(e):
    if e[0] in ("q", "digits"):
        return "q", -e[1]
    c, factors = _parts(e)
    if c is None and len(factors) == 1 and factors[0][0] == "q" and e[2][0][0] == "digits":
        return "q", -factors[0][1]
    if c is not None and not factors:
        return "q", -c
    return "*", ("q", -(c or Fraction(1))), *factors


def _says(law, names):
    """The variables of which a law is a law, in the order in which they are read."""
    head, *rest = law
    if head == "call":
        own = rest[3 : 3 + rest[1]]
    elif head == "index" and _indexed(rest[0], names):
        own = rest[1:]
    elif head == "n" and rest[0] in ("Normal", "Bernoulli"):
        own = [rest[2]]
    elif head in ("+", "*"):
        return list(dict.fromkeys(p for part in rest for p in _says(part, names)))
    elif head == "prod":
        return _says(rest[1], names)
    else:
        return []
    points = [("name", a[1]) if a[0] == "index" and not _indexed(a[1], names) else a for a in own]
    return list(dict.fromkeys((a[1], None) for a in points if a[0] == "name" and a[1] != "pi"))


def _indexed(letter, names):
    return any(f.indexed and f.letter == letter for f in names.functions.values())
