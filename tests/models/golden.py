"""Run every shipped bundle's golden set on the machine and the runtime that this program is started with.

``python -m tests.models.golden [--runtime MODULE] [--threads N]`` prints as JSON where it ran, and by how many of 255
steps each bundle's outputs differ from the golden ones at most. It fails with the first output that differs too much. The tests
start it with other runtimes and on an emulated processor, so it needs nothing but `models` and a runtime.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys

from models.bundle import Bundle, default_bundle
from models.errors import ModelError
from models.golden import Golden
from models.interpreter import Network, Runtime, available_runtime


def shipped() -> list[str]:
    """Return the names of all bundles that come with Firstlight and have a network."""
    folder = default_bundle("any").parent
    names = sorted(path.name for path in folder.iterdir() if path.is_dir())
    return [name for name in names if Bundle.open(folder / name).has_network]


def check(name: str, *, runtime: Runtime | None = None, threads: int = 1) -> float:
    """Compare all outputs of a shipped bundle with its golden ones; return the largest difference in steps of 255.

    Raises `GoldenMismatch` for the first output that differs, `ValueError` for a bundle without a golden set.
    """
    bundle = Bundle.open(default_bundle(name))
    golden = Golden.of(bundle)
    if golden is None:
        raise ValueError(f"the bundle {name} has no golden set")
    return golden.check(Network(bundle.model, threads=threads, runtime=runtime))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runtime", type=Runtime)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    runtime = arguments.runtime or available_runtime()
    try:
        steps = {name: check(name, runtime=runtime, threads=arguments.threads) for name in shipped()}
    except (ModelError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps({"machine": platform.machine(), "runtime": runtime, "steps": steps}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
