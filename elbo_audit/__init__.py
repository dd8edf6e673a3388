"""What does a loss compute? From a function and the roles of its arguments to a verdict, and to the theorem behind it.

    from elbo_audit import audit

    print(audit(loss, x="B D binary", prob="B D probability", mu="B K mean", logvar="B K logvar", batch="mean"))

`audit_module` does it for a whole model, `assert_loss` for a test. The function is run, with the rights of whoever runs
it. Nothing else that is handed over is evaluated.
"""

from __future__ import annotations

from typing import Any

from elbo_audit.auditing import audit
from elbo_audit.roles import KINDS
from elbo_audit.testing import assert_loss
from elbo_audit.verdict import Verdict

__all__ = ["KINDS", "Verdict", "assert_loss", "audit", "audit_module"]


def audit_module(*args: Any, **named: Any) -> Verdict:
    """The verdict on a whole model; see `elbo_audit.module`."""
    from elbo_audit.module import audit_module

    return audit_module(*args, **named)
