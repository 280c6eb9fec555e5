"""Keeps freed memory in the process while training.

glibc gives every large block back to the kernel when it is freed, and a training step frees each activation: at 160×160 pixels
the same step then costs 2.5 times as long, for page faults alone.
"""

from __future__ import annotations

import ctypes
import platform

TRIM_THRESHOLD, TOP_PAD, MMAP_MAX = -1, -2, -4
"""Parameters of ``mallopt`` (malloc.h of glibc)."""
SETTINGS = {
    MMAP_MAX: 0,  # no block gets a mapping of its own, which would be undone with it
    TRIM_THRESHOLD: 2**31 - 1,
    TOP_PAD: 512 << 20,
}


def keep_freed_memory() -> bool:
    """Tell the C library's allocator; return whether it took the settings (only glibc has them)."""
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    taken = {parameter: mallopt(parameter, value) == 1 for parameter, value in SETTINGS.items()}
    return all(taken.values())
