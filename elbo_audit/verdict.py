"""What an audit says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from elbo_audit.mistakes import Mistake
from elbo_audit.terms import Poly
from elbo_audit.words import text, value

KINDS: Final = (
    "equal", "equal up to a constant", "weighted", "mistake", "another model", "surrogate", "none", "undecided",
)  # fmt: skip
FINE: Final = KINDS[:2]
UNDECIDED: Final = KINDS[-2:]


@dataclass(frozen=True)
class Verdict:
    """The kind, and what goes with it; what does not apply is None or empty."""

    kind: str
    reason: str = ""  # in one line: what the loss is, or why nothing can be said
    model: str = ""  # the likelihood and the divergence of which it is the loss
    theorem: str = ""
    scale: Poly | None = None  # the factor before the negative ELBO
    beta: Poly | None = None  # the weight of the divergence
    variance: Poly | None = None  # of a Gaussian decoder, at weight one
    laplace: Poly | None = None  # the scale of a Laplace decoder, where no argument says it
    prior: str = ""
    prior_variance: Poly | None = None  # where it is a number other than 1
    constant: Poly | None = None  # the loss is scale x (negative ELBO + weight) + this
    mistake: Mistake | None = None
    error: Poly | None = None  # the loss less the right one, times the factor it has there
    page: str = ""  # the verdict of the book that is about just this
    formula: Poly | None = None
    given: tuple[str, ...] = ()
    trusts: tuple[str, ...] = ()
    sizes: dict[str, int] = field(default_factory=dict)
    on_average: bool = False
    proved: bool = False
    proof: str = ""  # how it was proved, or why not
    certificate: Mapping[str, Any] | None = field(default=None, repr=False)
    stated: str = ""  # where the function stands

    @property
    def status(self) -> int:
        """The exit status: 0 equal, or up to a constant; 1 something to act on; 2 undecided."""
        return 0 if self.kind in FINE else 2 if self.kind in UNDECIDED else 1

    @property
    def headline(self) -> str:
        if self.kind in FINE:
            exact = self.kind == "equal"
            words = "" if exact else " up to a constant"
            return f"EQUAL{words.upper()}, by a theorem" if self.proved else f"normal forms agree{words}"
        return self.kind.upper() + ", by a theorem" * self.proved

    def as_data(self) -> dict[str, Any]:
        """For JSON: formulas as text, with a number where the sizes give one."""

        def shown(p: Poly | None) -> dict[str, Any] | None:
            return None if p is None else {"formula": text(p), "value": value(p, self.sizes)}

        return {
            "kind": self.kind, "status": self.status, "headline": self.headline, "reason": self.reason,
            "model": self.model, "theorem": self.theorem, "proved": self.proved, "proof": self.proof, "scale": shown(self.scale),
            "beta": shown(self.beta), "variance": shown(self.variance), "prior": self.prior,
            "constant": shown(self.constant), "on_average": self.on_average,
            "mistake": None if self.mistake is None else self.mistake._asdict(),
            "error": shown(self.error), "page": self.page,
            "formula": None if self.formula is None else text(self.formula),
            "given": list(self.given), "trusts": list(self.trusts),
        }  # fmt: skip

    def __str__(self) -> str:
        return report(self)


def report(v: Verdict) -> str:
    lines = [f"{v.stated + '  ' if v.stated else ''}{v.headline}: {v.reason}"]
    if v.kind in FINE:
        known = "" if v.proved else ", as far as normal forms, numbers and gradients can say"
        lines.append(f"  Your loss is right{_for_a_variance(v)}{known}.")
    if v.formula is not None and v.kind != "undecided":
        lines.append(f"  loss = {text(v.formula)}")
    if (v.kind in FINE and v.proof) or v.proved:
        lines.append(f"  proof: {v.proof}" if v.proved else f"  no proof: {v.proof}")
    if v.on_average:
        lines.append("  on the average over the draws")
    if v.theorem:
        lines.append(f"  theorem {v.theorem}: elbo-ref show {v.theorem}")
    numbers = (v.scale, v.beta, v.variance, v.laplace)
    for name, p in zip(("scale", "beta", "variance of the decoder", "scale of the decoder"), numbers, strict=True):
        if p is not None:
            lines.append(f"  {name} = {_shown(p, v)}")
    if v.prior:
        lines.append(f"  prior: {v.prior}")
    if v.constant:
        lines.append(f"  constant = {_shown(v.constant, v)}")
    if v.mistake is not None and v.error is not None:
        lines.append(f"  too much by {_shown(v.error, v)}")
    if v.mistake is not None and v.mistake.instead:
        lines.append(f"  write: {v.mistake.instead}")
    if v.kind == "weighted" and v.beta is not None:
        lines.append(f"  for the weight one, divide the divergence by {_shown(v.beta, v)}; or keep it, and say so")
    if v.page:
        lines.append(f"  page: elbo-ref show {v.page}")
    lines += [f"  given: {g}" for g in v.given]
    lines += [f"  trusts: {t}" for t in v.trusts]
    return "\n".join(lines)


def _for_a_variance(v: Verdict) -> str:
    """A squared error is right for one variance of the decoder; whether it was chosen, only its author knows."""
    if v.variance is None or v.kind == "equal":
        return ""
    if v.variance.number() is not None:
        return f" for a decoder of variance {text(v.variance)}"
    return (
        f" if the decoder's variance {_shown(v.variance, v)} was chosen, and did not come of a mean where a sum belongs"
    )


def _shown(p: Poly, v: Verdict) -> str:
    number = value(p, v.sizes) if v.sizes else None
    return text(p) + (f" = {number:.6g}" if number is not None and p.number() is None else "")
