"""What does a loss compute? From a function and the roles of its arguments to a verdict, and to the theorem behind it.

    from elbo_audit import audit

    print(audit(loss, x="B D binary", prob="B D probability", mu="B K mean", logvar="B K logvar", batch="mean"))

The function is run, with the rights of whoever runs it. Nothing else that is handed over is evaluated.
"""

from elbo_audit.auditing import audit
from elbo_audit.roles import KINDS
from elbo_audit.verdict import Verdict

__all__ = ["KINDS", "Verdict", "audit"]
