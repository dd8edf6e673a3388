"""How long an audit takes, and how much memory: every loss of the tests, with its proof where there is one.

Run from the root: `python -m benchmarks.audit`.
"""

import resource
import statistics
import time

from elbo_audit import audit
from tests.elbo_audit.shapes import SHAPES
from tests.elbo_audit.shapes_roles import ROLES
from tests.elbo_audit.unseen import UNSEEN
from tests.elbo_audit.wild import WILD


def main() -> None:
    losses = [(n, s.loss, ROLES[n], s.batch, False) for n, s in SHAPES.items()]
    losses += [(n, w.loss, w.roles, w.batch, w.maximised) for n, w in {**WILD, **UNSEEN}.items()]
    wall, cpu, proved = {}, {}, 0
    for name, loss, roles, batch, maximised in losses:
        start, before = time.perf_counter(), time.process_time()
        proved += audit(loss, batch=batch, maximised=maximised, roles=roles).proved
        wall[name], cpu[name] = time.perf_counter() - start, time.process_time() - before
    print(f"{len(losses)} losses, {proved} proved")
    for what, taken in (("wall clock", wall), ("processor", cpu)):
        slowest = max(taken, key=taken.__getitem__)
        print(f"{what}: median {statistics.median(taken.values()):.2f} s, slowest {slowest} {taken[slowest]:.2f} s")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
