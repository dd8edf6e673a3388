"""What an argument of a loss is: its sizes and its kind, in words that are read here letter by letter.

A role is `sizes kind`, or `sizes kind of whom`:

    "B D binary"            a table of B rows and D columns of zeros and ones
    "B L*C onehot"          a size may be a product, or a number: "B 784 real"
    "logstd of x"           no sizes: one number; the spread of the decoder's law of the argument x
    "B K mean of p"         of the prior p; "of q" is the encoder, and is meant where the sizes are not those of the data
    "B K2 mean of q2"       of the second code of a model with several
    "count N", "size L"     a Python number: how many data there are, or how long an axis is

Nothing that stands in a role is ever evaluated.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

KINDS: Final[Mapping[str, str]] = {
    "binary": "data, 0 or 1",
    "grey": "data between 0 and 1",
    "real": "data, any real numbers",
    "onehot": "data, one 1 along the last axis and zeros beside it",
    "label": "data, whole numbers that name a class of the logits or probabilities",
    "probability": "the probability of a 1, strictly between 0 and 1",
    "simplex": "probabilities that are positive and add up to 1 along the last axis",
    "logits": "log odds; for onehot or label data, or a discrete code, logarithms up to a constant a row",
    "mean": "a mean",
    "std": "a standard deviation",
    "variance": "a variance",
    "logvar": "the logarithm of a variance",
    "logstd": "the logarithm of a standard deviation",
    "scale": "the scale of a Laplace law",
    "logscale": "its logarithm",
    "sample": "a draw from the encoder",
    "noise": "draws from the standard normal law",
    "log-density": "the logarithm of the density of q or p at a draw from q",
    "log-weight": "log p(x, z) - log q(z | x) at a draw from q",
    "log-det": "the logarithm of the determinant of a flow that the draw from q went through",
    "flowed": "the draw from q after the flow",
    "reward": "what a draw from q earns, without a gradient",
    "log-likelihood": "log p(x | z)",
    "nll": "- log p(x | z)",
    "divergence": "a divergence; without sizes, of a code that all data share",
    "mask": "0 or 1: which entries count",
    "weight": "a positive number that somebody chose",
    "count": "how many data there are: a Python number",
    "size": "the length of an axis: a Python number",
}
DATA: Final = ("binary", "grey", "real", "onehot", "label")
SPREADS: Final = ("std", "variance", "logvar", "logstd", "scale", "logscale")
LAWS: Final = ("probability", "simplex", "logits", "mean", *SPREADS)
NUMBERS: Final = ("count", "size")  # handed over as a Python number that the trace keeps as a symbol
NO_GRADIENT: Final = (*DATA, "noise", "mask", "reward", "weight", *NUMBERS)

Size = tuple[str | int, ...]  # a product of names and numbers; the empty product is 1


@dataclass(frozen=True)
class Role:
    """The sizes of an argument, its kind, and whose it is: `q`, `p`, an argument that holds data, or nobody's."""

    sizes: tuple[Size, ...]
    kind: str
    of: str = ""

    def __str__(self) -> str:
        sizes = " ".join("*".join(map(str, s)) or "1" for s in self.sizes)
        named = f"{self.kind} {sizes}" if self.kind in NUMBERS else f"{sizes} {self.kind}"
        return named.strip() + (f" of {self.of}" if self.of else "")


def role(text: str, argument: str = "the argument") -> Role:
    """Read a role; anything else than a role is refused in one line."""
    if not isinstance(text, str):
        raise ValueError(f"{argument}: a role is a text such as 'B D binary', not {text!r}")  # noqa: TRY004 (bad input is a ValueError)
    words, whom = text.split(), ""
    if len(words) >= 2 and words[-2] == "of":
        words, whom = words[:-2], words[-1]
    found = [w for w in words if w in KINDS]
    if len(found) != 1:
        raise ValueError(
            f"{argument}: the role {text!r} names {'no kind' if not found else 'several kinds'}; "
            f"write sizes and one of: {', '.join(KINDS)}"
        )
    kind, at = found[0], words.index(found[0])
    if at not in (len(words) - 1, 0) or (at == 0 and len(words) > 1 and kind not in NUMBERS):
        raise ValueError(f"{argument}: in the role {text!r} the sizes come first, then the kind, then 'of' whom")
    sizes = tuple(_size(w, text, argument) for w in words if w != kind)
    if kind in NUMBERS and (len(sizes) != 1 or len(sizes[0]) != 1 or not isinstance(sizes[0][0], str)):
        raise ValueError(f"{argument}: the role {text!r} needs one name, such as '{kind} N'")
    if whom and kind not in (*LAWS, "log-density"):
        raise ValueError(f"{argument}: in the role {text!r} a {kind} is of nobody; leave out 'of {whom}'")
    return Role(sizes, kind, whom)


def _size(word: str, text: str, argument: str) -> Size:
    out: list[str | int] = []
    for part in word.split("*"):
        if part.isascii() and part.isdigit() and 0 < int(part) < 10**6:
            if part != "1":
                out.append(int(part))
        elif part.isascii() and part.isidentifier() and len(part) <= 20:
            out.append(part)
        else:
            raise ValueError(
                f"{argument}: {part!r} in the role {text!r} is no size; a size is a name such as D, a number, or a "
                "product such as L*C"
            )
    return tuple(out)


def cast(texts: Mapping[str, str]) -> dict[str, Role]:
    """The roles of all arguments, each with its owner found: the data of its sizes, or else the encoder."""
    roles = _alike({name: role(text, name) for name, text in texts.items()})
    data = {name: r for name, r in roles.items() if r.kind in DATA}
    for name, r in roles.items():
        if r.of and r.of not in data and not _is_law(r.of):
            there = ", ".join(("q", "p", *data))
            raise ValueError(f"{name}: '{r}' is of {r.of}, and nothing of that name holds data; choose from {there}")
    out = {name: _owned(name, r, data) for name, r in roles.items()}
    for name, r in out.items():
        twin = next((n for n, s in out.items() if n < name and (s.kind, s.of) == (r.kind, r.of) and r.of), None)
        if twin:
            raise ValueError(
                f"{twin} and {name} are both '{r.kind} of {r.of}'; say whose each is: 'of q', 'of p'"
                + "".join(f", 'of {d}'" for d in data)
            )
    return out


def flat(r: Role) -> list[str | int]:
    """The lengths of the axes."""
    return [p for size in r.sizes for p in size]


def _is_of(law: Role, data: Role) -> bool:
    """The same axes, flattened or not, perhaps with one for several draws before them."""
    ours, theirs = flat(law), flat(data)
    return ours == theirs or (len(ours) == len(theirs) + 1 and ours[1:] == theirs and len(theirs) > 1)


def _alike(roles: dict[str, Role]) -> dict[str, Role]:
    """784 where another role has 28 28 is a product of the two: rows of images that somebody flattened."""
    images = [[p for p in flat(r) if isinstance(p, int)] for r in roles.values()]
    runs = {math.prod(run): tuple(run) for run in images if len(run) > 1}

    def size(s: Size) -> Size:
        return runs.get(s[0], s) if len(s) == 1 and isinstance(s[0], int) else s

    return {n: replace(r, sizes=tuple(map(size, r.sizes))) for n, r in roles.items()}


def _is_law(whom: str) -> bool:
    """q or p, or q2, p2 and so on of a model with several codes."""
    return whom[0] in "qp" and (whom[1:] == "" or (whom[1:].isdigit() and len(whom) == 2))


def _owned(name: str, r: Role, data: Mapping[str, Role]) -> Role:
    if r.of or r.kind not in (*LAWS, "log-density"):
        return r
    if r.kind == "log-density":
        return Role(r.sizes, r.kind, "q")
    classes = (("logits", "simplex"), ("label", "onehot"))
    fits = [d for d, s in data.items() if _is_of(r, s) or (r.kind in classes[0] and s.kind == classes[1][0])]
    if len(fits) > 1:
        raise ValueError(f"{name}: '{r}' could be of {' or of '.join(fits)}; write '{r} of {fits[0]}'")
    if not fits and not r.sizes and data:
        raise ValueError(f"{name}: '{r}' is one number; say whose: '{r} of {next(iter(data))}', or 'of q', or 'of p'")
    return Role(r.sizes, r.kind, fits[0] if fits else "q")


def symbols(roles: Mapping[str, Role]) -> list[str]:
    """The names of the sizes, in the order in which they come."""
    return list(dict.fromkeys(s for r in roles.values() for size in r.sizes for s in size if isinstance(s, str)))
