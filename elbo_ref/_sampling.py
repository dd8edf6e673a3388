"""Samples of Gaussians in steps of torch, whose derivatives are torch's own; a loop looks at what was made, or makes it exact."""

import sys
from typing import Any

from elbo_ref._core import by_loops
from elbo_ref._core.arrays import Array, compiling


def in_one_step(mean: Any, std: Any, noise: Any) -> Array | None:
    """mean + std noise, or None where the arguments want another way, or are to be refused.

    Only std and the result are looked at: at their addresses, if there are loops. What `addcmul` refuses is refused by name
    elsewhere.
    """
    if "torch" not in sys.modules or compiling():
        return None
    by_loops.wake(mean, std)
    tensors = by_loops.torch_side()
    if not (tensors.door(tensors.single, (std,)) and tensors.fuses()):
        return None
    if not (type(mean) is type(noise) is tensors.Tensor and mean.dtype is noise.dtype is tensors.single):
        return None
    if noise.numel() >= by_loops.SMALL:  # several threads do both at once
        return None
    try:
        z: Array = tensors.addcmul(mean, std, noise)
    except RuntimeError:
        return None
    if not z.is_contiguous():
        return None
    if by_loops.ready(0):
        sound = by_loops.loop("sound")(std.numel(), std.data_ptr(), z.numel(), z.data_ptr())
    else:
        sound = tensors.finite(z) and bool((std > 0).all())
    return z if sound else None


def by_logvar(mean: Any, logvar: Any, noise: Any) -> Array | None:
    """mean + exp(logvar / 2) noise likewise, where there is a record to keep: torch keeps it, and the loop puts in the place of what
    torch has made what is rounded once.
    """
    arrays = mean, logvar, noise
    if not any(getattr(x, "requires_grad", False) for x in arrays) or compiling():
        return None
    by_loops.wake(*arrays)
    layout = by_loops.door("float32", *arrays, in_steps=True)
    if layout is None:
        return None
    tensors = by_loops.torch_side()
    z: Array = tensors.addcmul(mean, tensors.exp(logvar / 2), noise)
    if not z.is_contiguous():
        return None
    at = layout.d, *by_loops.addresses(z, *arrays), *layout.counts, *layout.steps
    return None if by_loops.run(z, "reparameterize_logvar", layout.rows, layout.size, at) else z
