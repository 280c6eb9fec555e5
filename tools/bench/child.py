"""``python -m tools.bench.child ours|bare BUNDLE``: load a bundle's network, run it once, print CPU seconds and memory as JSON.

A process of its own for each side, because what one has loaded stays in the memory of the other.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path


def main() -> None:
    which, bundle = sys.argv[1], Path(sys.argv[2])
    began_s = time.process_time()
    (_ours if which == "ours" else _bare)(bundle)
    start_s = time.process_time() - began_s
    print(json.dumps({"start_s": start_s, "resident_bytes": _resident_bytes()}))


def _ours(bundle: Path) -> None:
    """As a model loads it: hashes and card first."""
    import numpy as np

    from models.bundle import Bundle
    from models.interpreter import Network

    network = Network(Bundle.open(bundle).model)
    network.all(np.zeros(network.input.shape, np.float32))


def _bare(bundle: Path) -> None:
    """As somebody without Firstlight would, who knows better than to give the runtime a damaged file."""
    import hashlib

    import numpy as np

    from tools.bench.bare import BareNetwork

    model = (bundle / "model.tflite").read_bytes()
    if hashlib.sha256(model).hexdigest() not in (bundle / "SHA256SUMS").read_text(encoding="utf-8"):
        raise SystemExit("the network is damaged")
    network = BareNetwork(model, threads=1)
    network(np.zeros(network.shape, np.float32))


def _resident_bytes() -> int:
    """Return VmRSS now."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise ProcessLookupError("this kernel does not say how much memory a process has")


if __name__ == "__main__":
    main()
