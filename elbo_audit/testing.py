"""For a test of one's own: the loss is what it should be, or the test fails with the report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from elbo_audit.auditing import audit
from elbo_audit.verdict import FINE, KINDS, Verdict


def assert_loss(function: Callable[..., Any], *, kind: str | tuple[str, ...] = FINE, **said: Any) -> Verdict:
    """Fail unless the audit finds one of these kinds: equal, or up to a constant, if nothing else is said.

    What else stands here goes to `audit`: the roles of the arguments, `batch`, and so on.
    """
    kinds = (kind,) if isinstance(kind, str) else kind
    if unknown := [k for k in kinds if k not in KINDS]:
        raise ValueError(f"kind: one of {', '.join(KINDS)}, not {unknown[0]!r}")
    verdict = audit(function, **said)
    if verdict.kind not in kinds:
        raise AssertionError(f"the loss is not {' or '.join(kinds)}\n{verdict}")
    return verdict
