"""Surgery and importance-weighted bounds over the processes of `torch.distributed`.

Each process holds its rows of the encoders. The samples take turns: one process sends a chunk of its samples to all, every
process adds up the densities of its own encoders, and the sums meet. So no process ever holds more than its rows and a
chunk, and all of them take the same decisions, since these rest on sums that all of them have.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import torch
import torch.distributed as dist

from elbo_ref import surgery
from elbo_ref._aggregate import Machines, Rows
from elbo_ref._core.arguments import prepare
from elbo_ref._core.arrays import Array, narrow
from elbo_ref._core.checks import below_infinity
from elbo_ref._core.shapes import sample_axis

if dist.is_available():
    # torch loads this one late, and as it is loaded it keeps the group of that moment as a default argument: the group then
    # outlives destroy_process_group, and gloo's threads abort the interpreter at its exit (pytorch/pytorch#179291).
    import torch.distributed.nn.functional

T = TypeVar("T")


class LostProcess(RuntimeError):
    """A process of the group ended or did not answer in time; the others have no result."""


class Group(Machines):
    """The machines that are the processes of a group."""

    def __init__(self, group: Any, like: torch.Tensor):
        if not dist.is_available() or not dist.is_initialized():
            raise RuntimeError("torch.distributed must be initialized first: call torch.distributed.init_process_group")
        self.group: Any = dist.group.WORLD if group is None else group
        self.rank = dist.get_rank(self.group)
        self.size = dist.get_world_size(self.group)
        self.device = like.device

    def _ask(self, collective: Callable[..., T], *arguments: Any, **options: Any) -> T:
        try:
            return collective(*arguments, group=self.group, **options)
        except RuntimeError as error:  # what every backend raises for a closed connection or a timeout
            raise LostProcess(
                f"process {self.rank} of {self.size} lost another one, so there is no result: {error}"
            ) from error

    def agree(self, check: Callable[[], dict[str, int]]) -> None:
        """Run the check of our arguments; go on only if it passes everywhere and finds the same facts everywhere.

        A process that stopped on its own would leave the others waiting.
        """
        facts: dict[str, int] = {}
        refused: Exception | None = None
        try:
            facts = check()
        except (TypeError, ValueError) as error:
            refused = error
        everyone: list[Any] = [None] * self.size
        self._ask(dist.all_gather_object, everyone, (str(refused) if refused else "", facts))
        if refused:
            raise refused
        for rank, (reason, theirs) in enumerate(everyone):
            if reason:
                raise ValueError(f"process {rank} refused its arguments: {reason}")
            for name, value in facts.items():
                if theirs[name] != value:
                    raise ValueError(
                        f"all processes must have the same {name}, got {value} on process {self.rank}"
                        f" and {theirs[name]} on process {rank}"
                    )

    def sum(self, x: Array) -> Array:
        return self._reduced(x, dist.ReduceOp.SUM)

    def max(self, x: Array) -> Array:
        return self._reduced(x, dist.ReduceOp.MAX)

    def _reduced(self, x: Array, op: Any) -> Array:
        x = x.clone()
        self._ask(dist.all_reduce, x, op=op)
        return x

    def turns(self, rows: Iterable[Rows]) -> Iterator[tuple[bool, Rows]]:
        for sender in range(self.size):
            ours = sender == self.rank
            mine = iter(rows) if ours else iter(())
            while (chunk := self._chunk(sender, next(mine, None))) is not None:
                yield ours, chunk

    def _chunk(self, sender: int, mine: Rows | None) -> Rows | None:
        """One chunk of the sender's rows, seen from here, or None when there are no more."""
        source = dist.get_global_rank(self.group, sender)
        shape = torch.tensor([0, 0] if mine is None else mine.z.shape, dtype=torch.int64, device=self.device)
        self._ask(dist.broadcast, shape, src=source)
        count, dimension = shape.tolist()
        if not count:
            return None
        if mine is not None:
            self._ask(dist.broadcast, torch.cat([mine.z, mine.own[:, None]], dim=1), src=source)
            return mine
        payload = torch.empty(count, dimension + 1, dtype=torch.float64, device=self.device)
        self._ask(dist.broadcast, payload, src=source)
        elsewhere = torch.full((count,), -1, dtype=torch.int64, device=self.device)
        return Rows(payload[:, :-1], payload[:, -1], elsewhere)


def sharded_elbo_surgery(
    mean: Array, std: Array, noise: Array, *, index: Array | None = None, group: Any = None
) -> surgery.GaussianSurgery:
    """`elbo_surgery` of encoders whose rows are spread over the processes of `torch.distributed`.

    Every process passes its own rows with their noise, and receives the result for all encoders. It equals that of one
    process up to the rounding of the last sums, as long as the same precisions are chosen.

    Shapes: as in `elbo_surgery`, each process with its own N; D, dtype and draws S are the same everywhere. Unit: nats.
    Raises ValueError as `elbo_surgery` does, on every process if on one; LostProcess if a process ends or is late.
    Theorem: surgery_decomposition.
    """
    machines = _agreed(mean, std, noise, index, group)
    return surgery.surgery_on(machines, mean, std, noise, index)


def sharded_total_correlation(
    mean: Array, std: Array, noise: Array, *, index: Array | None = None, group: Any = None
) -> surgery.TotalCorrelation:
    """`total_correlation` of encoders whose rows are spread over the processes of `torch.distributed`.

    Shapes, unit and errors as in `sharded_elbo_surgery`.
    Theorem: total_correlation.
    """
    machines = _agreed(mean, std, noise, index, group)
    return surgery.total_correlation_on(machines, mean, std, noise, index)


def sharded_iwae_bound(log_weights: Array, *, axis: int = 0, group: Any = None) -> Array:
    """`iwae_bound` of samples that are spread over the processes of `torch.distributed`.

    L = log((1 / K) sum_k exp(log_weights_k)), K counting the samples of all processes; they need not have equally many.

    Shapes: (K_here, ...) if axis is 0 -> (...), the same on every process. Unit: nats. Nothing is differentiated.
    Raises ValueError as `iwae_bound` does, and if the other axes or the dtypes differ between processes, on every process
    if on one; LostProcess if a process ends or is late.
    Theorem: iwae_bound.
    """
    machines = Group(group, _tensor("log_weights", log_weights))

    def check() -> dict[str, int]:
        _no_gradient("log_weights", log_weights)
        _, dtype, x = prepare(log_weights=(below_infinity, log_weights))
        size = sample_axis("log_weights", x, axis, 1)
        return {"entries for each sample": x.numel() // size, "bits": dtype.itemsize * 8}

    machines.agree(check)
    xp, dtype, x = prepare(log_weights=(below_infinity, log_weights))
    largest = machines.max(xp.max(x, axis=axis, keepdims=True))
    shift = xp.where(largest == -math.inf, 0.0, largest)
    total = machines.sum(xp.sum(xp.exp(x - shift), axis=axis))
    size = machines.sum(torch.tensor([x.shape[axis]], dtype=torch.float64, device=x.device))
    return narrow(xp, xp.squeeze(shift, axis=axis) + xp.log(total) - xp.log(size[0]), dtype)


def _agreed(mean: Array, std: Array, noise: Array, index: Array | None, group: Any) -> Group:
    """The group, once every process has arguments that fit those of the others."""
    machines = Group(group, _tensor("mean", mean))

    def check() -> dict[str, int]:
        for name, x in (("mean", mean), ("std", std), ("noise", noise)):
            _no_gradient(name, _tensor(name, x))
        _, mean_, _, noise_, _ = surgery.check(mean, std, noise, index)
        draws = 0 if index is not None else noise_.shape[0] // mean_.shape[0]
        return {"dimensions": mean_.shape[1], "draws for each encoder": draws, "bits": mean_.dtype.itemsize * 8}

    machines.agree(check)
    return machines


def _tensor(name: str, x: Array) -> torch.Tensor:
    if not isinstance(x, torch.Tensor):
        raise TypeError(f"{name} must be a torch tensor to be shared among processes, got {type(x).__name__}")
    return x


def _no_gradient(name: str, x: torch.Tensor) -> None:
    if x.requires_grad and torch.is_grad_enabled():
        raise ValueError(f"{name} must not require a gradient, as none is shared: pass {name}.detach()")
