"""How wide a Gaussian is: by its std, its var or its logvar, whichever of the names is used, and one of them only."""

from elbo_ref._core.arrays import Array, Namespace
from elbo_ref._core.checks import Check, finite, positive

CHECKS: dict[str, Check] = {"std": positive, "var": positive, "logvar": finite}


def named(
    std: Array | None, var: Array | None, logvar: Array | None, suffix: str = "", way_on: str = ""
) -> tuple[str, Array]:
    """Which of the three is given, and it; the arguments end in `suffix`."""
    if std is not None and var is None and logvar is None:
        return "std", std
    if logvar is not None and std is None and var is None:
        return "logvar", logvar
    if var is not None and std is None and logvar is None:
        return "var", var
    given = [name + suffix for name, x in (("std", std), ("var", var), ("logvar", logvar)) if x is not None]
    names = ", ".join(name + suffix for name in CHECKS)
    raise ValueError(f"one of {names} must be given, and one only, got {' and '.join(given) or 'none of them'}{way_on}")


def alike(
    std_q: Array | None,
    std_p: Array | None,
    var_q: Array | None,
    var_p: Array | None,
    logvar_q: Array | None,
    logvar_p: Array | None,
) -> tuple[str, Array, Array]:
    """The same for two distributions, given in the same way: to turn one way into another would round, and two that are nearly
    equal would no longer be.
    """
    by_q, q = named(std_q, var_q, logvar_q, "_q")
    by_p, p = named(std_p, var_p, logvar_p, "_p")
    if by_q != by_p:
        raise ValueError(f"q and p must be given in one way, got {by_q}_q and {by_p}_p: pass {by_q}_p or {by_p}_q")
    return by_q, q, p


def std_of(xp: Namespace, kind: str, x: Array) -> Array:
    """The standard deviation, as arithmetic."""
    return x if kind == "std" else xp.sqrt(x) if kind == "var" else xp.exp(x / 2)
