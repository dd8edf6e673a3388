"""Several threads for one piece of work."""

import ctypes
import os
import sys
from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple

from elbo_ref._core.arrays import Array, is_torch

Work = Callable[[], None]


class Team(NamedTuple):
    """`run(work)` calls `work` in up to `size` threads, this one among them, and returns when all are done."""

    size: int
    run: Callable[[Work], None]


def team_for(x: Array) -> Team:
    """The threads that the library of `x` would take."""
    return openmp_team(sys.modules["torch"].get_num_threads()) if is_torch(x) else python_team()


def python_team() -> Team:
    """As many threads as this process may use processors."""
    size = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Team(size, partial(_in_python_threads, size))


def openmp_team(size: int) -> Team:
    """The threads of OpenMP, if a library of this process has them.

    For a while after their last work they wait for more in a loop: threads beside them would get half a processor.
    """
    parallel = _openmp() if size > 1 else None
    return Team(size, partial(_in_openmp_threads, parallel, size) if parallel else partial(_in_python_threads, size))


def _in_python_threads(size: int, work: Work) -> None:
    from concurrent.futures import ThreadPoolExecutor  # here, for what it imports

    with ThreadPoolExecutor(size) as pool:
        others = [pool.submit(work) for _ in range(size - 1)]
        work()
        for other in others:
            other.result()


_Member = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


@cache
def _openmp() -> Any:
    """The function by which compiled code starts a parallel region; None where no library shows it to all."""
    if os.name != "posix":
        return None
    try:
        parallel = ctypes.CDLL(None).GOMP_parallel
    except AttributeError:
        return None
    parallel.argtypes, parallel.restype = [_Member, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint], None
    return parallel


def _in_openmp_threads(parallel: Any, size: int, work: Work) -> None:
    errors: list[BaseException] = []

    def member(_: Any) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 -- compiled code cannot pass it on
            errors.append(error)

    parallel(_Member(member), None, size, 0)
    if errors:
        raise errors[0]


_PARTS = 8  # for each thread: one that is held up leaves its share to the others


def share(team: Team, loop: Callable[..., int | None], rows: int, *arguments: Any) -> int:
    """Run `loop(start, stop, *arguments)` over all rows, a part at a time, and add up what it returns."""
    count = _PARTS * team.size
    parts = iter([(rows * i // count, rows * (i + 1) // count) for i in range(count)])
    found: list[int] = []

    def work() -> None:
        for part in parts:
            found.append(loop(*part, *arguments) or 0)

    team.run(work)
    return sum(found)
