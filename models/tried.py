"""``python -m models.tried BUNDLE SHA256 SECONDS``: load one bundle and run its golden inputs. The child of `models.trial`.

A malformed network may crash, hang or fill the memory of whoever loads it, so this process limits itself first. It prints one
line of JSON, ``{"fault": null}`` or the fault's class and message.
"""

from __future__ import annotations

import ctypes
import json
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path

MIB = 1 << 20
ROOM = 256 * MIB
"""Memory (private and writable) beyond what the process takes before it sees the network."""
MOST_OUTPUT = MIB
PR_SET_PDEATHSIG = 1
"""From linux/prctl.h."""


def main() -> int:
    bundle, sha256, seconds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, MOST_OUTPUT)
    _limit(resource.RLIMIT_CPU, seconds)  # should nobody be left to end it
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # it goes with the process that waits for it
    with suppress(OSError):  # if memory becomes scarce after all, this process goes first
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    from models.errors import ModelError

    try:
        _try_out(bundle, sha256)
    except (ModelError, MemoryError) as error:
        print(json.dumps({"fault": type(error).__name__, "message": str(error)}), flush=True)
        return 1
    print(json.dumps({"fault": None}), flush=True)
    return 0


def _try_out(path: Path, sha256: str) -> None:
    from models.bundle import Bundle
    from models.errors import BundleCorrupt
    from models.golden import Golden
    from models.interpreter import Network, available_runtime
    from models.known import loader_of

    available_runtime()  # imported before the limit is set, which is what the network may take in addition
    _limit(resource.RLIMIT_DATA, _data_bytes() + ROOM)
    bundle = Bundle.open(path)
    if bundle.sha256 != sha256:
        raise BundleCorrupt(f"{path} was changed while it was looked at; try again")
    if bundle.has_network:
        network = Network(bundle.model)
        Golden.of(bundle).check(network)
    loader_of(bundle.card.name)(bundle)


def _limit(what: int, value: int) -> None:
    with suppress(OSError, ValueError):  # already lower, or forbidden by the sandbox, which has limits of its own
        resource.setrlimit(what, (value, value))


def _data_bytes() -> int:
    for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    return ROOM


if __name__ == "__main__":
    sys.exit(main())
