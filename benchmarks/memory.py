"""Memory that the allocator keeps: without it glibc gives large arrays back, and a call that allocates more gets fresh pages."""

import os
import sys

KEPT = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**33), "MALLOC_TOP_PAD_": str(2**28)}


def keep() -> None:
    """Begin this program again with an allocator that keeps what is freed; glibc reads that as a process starts."""
    if "MALLOC_MMAP_MAX_" not in os.environ:
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | KEPT)
