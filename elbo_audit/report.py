"""A verdict as a person reads it."""

from __future__ import annotations

from elbo_audit.terms import Poly
from elbo_audit.verdict import Verdict
from elbo_audit.words import text, value


def report(v: Verdict) -> str:
    lines = [f"{v.stated + '  ' if v.stated else ''}{v.headline}: {v.reason}"]
    if v.kind in ("equal", "equal up to a constant") and v.proved:
        lines.append("  Your loss is right.")
    elif v.kind == "equal":
        lines.append("  Your loss is right, as far as normal forms, numbers and gradients can say.")
    if v.formula is not None and v.kind != "undecided":
        lines.append(f"  loss = {text(v.formula)}")
    if v.kind == "equal" and v.proof:
        lines.append(f"  proof: {v.proof}" if v.proved else f"  no proof: {v.proof}")
    if v.on_average:
        lines.append("  on the average over the draws")
    if v.theorem:
        lines.append(f"  theorem {v.theorem}: elbo-ref show {v.theorem}")
    for name, p in (("scale", v.scale), ("beta", v.beta), ("variance of the decoder", v.variance)):
        if p is not None:
            lines.append(f"  {name} = {_shown(p, v)}")
    if v.prior:
        lines.append(f"  prior: {v.prior}")
    if v.constant:
        lines.append(f"  constant = {_shown(v.constant, v)}")
    if v.mistake is not None:
        if v.mistake.instead:
            lines.append(f"  write: {v.mistake.instead}")
        if v.mistake.page:
            lines.append(f"  counterexample {v.mistake.page}: elbo-ref show {v.mistake.page}")
    lines += [f"  given: {g}" for g in v.given]
    lines += [f"  trusts: {t}" for t in v.trusts]
    return "\n".join(lines)


def _shown(p: Poly, v: Verdict) -> str:
    number = value(p, v.sizes) if v.sizes else None
    return text(p) + (f" = {number:.6g}" if number is not None and p.number() is None else "")
