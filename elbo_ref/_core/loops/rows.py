"""What the loops over rows share: memory that is fetched ahead, rows that come again, numbers by their bits.

A loop gets d, the length of the rows, then the addresses of its results and of its arrays, then how many rows each array has, and
some the steps from row to row besides, as the halves of a matrix have rows that are not next to each other. One that finds derivatives
gets, before the results, the address of the gradient of each row and the step from one to the next.
"""

import numpy as np

from elbo_ref._core.loops.compiling import exactly, fetch, part

_LINE = 16  # float32 numbers in a line of the cache
_AHEAD = 1024  # how many numbers ahead to ask for

SIGN = np.int32(0x7FFFFFFF)  # all bits but that of the sign
LARGEST = np.int32(0x7F7FFFFF)  # of a finite float32; NaN and infinity have more
FAR = np.int32(0x442F0000)  # of 700: what is larger leaves the range of the exponential in float64


@part
def fetch_row(x: np.ndarray, row: int) -> None:
    """Without this the loops wait for memory: most of their time is arithmetic, and the processor looks ahead too little."""
    size = x.shape[1]
    if size <= 4 * _AHEAD < x.size:
        for j in range(0, size, _LINE):
            fetch(x, row * size + j + _AHEAD)


# An array with fewer rows than the result starts again after its last; to divide would be slow. So would be a view of each
# row, for it is counted as a reference.


@exactly
def following(row: int, x: np.ndarray) -> int:
    return row + 1 if row + 1 < len(x) else 0
