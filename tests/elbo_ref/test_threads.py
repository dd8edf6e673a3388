"""Work shared among threads: all of it is done, by each of them, and what goes wrong in one is not lost."""

import threading
from collections.abc import Callable

import pytest

from elbo_ref._core import threads as _threads

Make = Callable[[int], _threads.Team]


def without_openmp(size: int) -> _threads.Team:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_threads, "_openmp", lambda: None)
        return _threads.openmp_team(size)


def with_openmp(size: int) -> _threads.Team:
    pytest.importorskip("torch")
    if _threads._openmp() is None:
        pytest.skip("no library of this process shows its OpenMP")
    return _threads.openmp_team(size)


@pytest.fixture(params=[with_openmp, without_openmp])
def make(request: pytest.FixtureRequest) -> Make:
    return request.param


@pytest.mark.parametrize("size", [1, 2, 3])
def test_each_thread_takes_part(make: Make, size: int) -> None:
    team = make(size)
    meeting = threading.Barrier(size, timeout=20)  # breaks unless all come
    team.run(meeting.wait)
    assert team.size == size
    assert not meeting.broken


def test_this_thread_takes_part(make: Make) -> None:
    seen: list[int] = []
    meeting = threading.Barrier(2, timeout=20)
    make(2).run(lambda: (meeting.wait(), seen.append(threading.get_ident()))[1])
    assert threading.get_ident() in seen


def test_an_error_in_any_thread_is_raised(make: Make) -> None:
    here, meeting = threading.get_ident(), threading.Barrier(2, timeout=20)

    def work(fails_here: bool) -> None:
        meeting.wait()
        if (threading.get_ident() == here) == fails_here:
            raise ArithmeticError("of one thread")

    for fails_here in (True, False):
        with pytest.raises(ArithmeticError, match="of one thread"):
            make(2).run(lambda fails_here=fails_here: work(fails_here))


def test_as_many_as_processors() -> None:
    assert _threads.python_team().size >= 1
