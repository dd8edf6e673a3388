"""One argument that holds two: the output of an encoder that is cut into mean and log-variance.

`h: "B 2*K mean|logvar"` is a mean and a log-variance of `B K` each, side by side along the axis of length `2*K`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

SIGN = "|"


def roles_of_parts(texts: Mapping[str, str]) -> dict[str, str]:
    """A role for each part."""
    out: dict[str, str] = {}
    for name, text in texts.items():
        out |= _parts(name, text)[0] if isinstance(text, str) and SIGN in text else {name: text}
    return out


def unpacked(
    function: Callable[..., Any], texts: Mapping[str, str], framework: str
) -> tuple[Callable[..., Any], dict[str, str]]:
    """The function of the parts, and a role for each; both as they were if nothing is packed."""
    split = {name: _parts(name, text) for name, text in texts.items() if isinstance(text, str) and SIGN in text}
    packed = {name: (list(parts), dim) for name, (parts, dim) in split.items()}
    if not packed:
        return function, dict(texts)

    def of_parts(**given: Any) -> Any:
        for name, (parts, dim) in packed.items():
            given[name] = _beside([given.pop(p) for p in parts], dim, framework)
        return function(**given)

    of_parts.__wrapped__ = function  # type: ignore[attr-defined]
    return of_parts, roles_of_parts(texts)


def _parts(name: str, text: str) -> tuple[dict[str, str], int]:
    words, whom = text.split(), ""
    if len(words) >= 2 and words[-2] == "of":
        words, whom = words[:-2], f" of {words[-1]}"
    kinds = words[-1].split(SIGN)
    count = str(len(kinds))
    where = [k for k, w in enumerate(words[:-1]) if w.split("*")[0] == count]
    if SIGN not in words[-1] or len(where) != 1 or len(set(kinds)) != len(kinds):
        raise ValueError(
            f"{name}: the role {text!r} holds {len(kinds)} kinds; write them at the end, and {count}*K for the axis "
            "along which they stand side by side, such as 'B 2*K mean|logvar'"
        )
    sizes = list(words[:-1])
    sizes[where[0]] = "*".join(sizes[where[0]].split("*")[1:]) or "1"
    return {f"{name}.{kind}": f"{' '.join(sizes)} {kind}{whom}" for kind in kinds}, where[0]


def _beside(parts: list[Any], dim: int, framework: str) -> Any:
    if framework == "jax":
        import jax.numpy as jnp

        return jnp.concatenate(parts, axis=dim)
    import torch

    return torch.cat(parts, dim=dim)
