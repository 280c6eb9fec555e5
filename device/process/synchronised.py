"""Whether somebody outside has set the system clock since boot. Never guessed: "not known" counts as no."""

from __future__ import annotations

import ctypes
from pathlib import Path

TIMESYNCD_FILE = Path("/run/systemd/timesync/synchronized")
"""systemd-timesyncd touches it when it has set the clock in this boot (systemd-timesyncd.service(8))."""

PROCESS_STATUS = Path("/proc/self/status")
TIME_ERROR = 5
"""What adjtimex(2) returns while the clock is not synchronised."""

_TIMEX_BYTES = 208
"""sizeof(struct timex) on 64-bit Linux; on 32-bit it is smaller. Zeroed, its ``modes`` is 0: read only."""


def system_clock_synchronised() -> bool:
    """Return whether systemd-timesyncd or the kernel says that the clock was set from outside in this boot."""
    return TIMESYNCD_FILE.exists() or _kernel_says_so()


def _kernel_says_so() -> bool:
    """Ask adjtimex(2), which also knows of chrony and ntpd.

    A unit's system call filter may *kill* who calls it (systemd keeps it in @clock), so inside a filter it is not asked.
    """
    if _system_calls_are_filtered():
        return False
    try:
        state: int = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    except (OSError, AttributeError):  # no libc that knows it: not Linux
        return False
    return 0 <= state < TIME_ERROR


def _system_calls_are_filtered() -> bool:
    try:
        lines = PROCESS_STATUS.read_text().splitlines()
    except OSError:
        return True
    return any(line.startswith("Seccomp:") and line.split()[1] != "0" for line in lines)
