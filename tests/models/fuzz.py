"""How often a malformed network crashes the inference runtime itself: why a bundle's first run is a child process's.

``python -m tests.models.fuzz [--count N] [--runtime MODULE]`` changes each shipped network N times in each of the ways of
`tests.models.mutations`, loads and runs each in a forked process without any protection, and prints what became of them.
Not a test: what a runtime does with nonsense is its own affair, and differs between versions.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import time
from collections import Counter
from pathlib import Path

from models.bundle import Bundle, default_bundle
from models.errors import GoldenMismatch, ModelError
from models.golden import Golden
from models.interpreter import Network, Runtime, available_runtime
from tests.models.golden import shipped
from tests.models.mutations import KINDS, mutated

HANGS_S = 10.0
ROOM = 2 << 30
"""Bytes of address space that a child may take in addition; more is refused, so that the machine survives."""
REFUSED, SAME, OTHER, HUNG, MEMORY = "refused", "same outputs", "other outputs", "hung", "no memory"
_ENDS = (SAME, OTHER, REFUSED, MEMORY)


def become(model: bytes, golden: Golden, runtime: Runtime) -> str:
    """Return what becomes of a process that runs ``model``: one of the constants above, or a signal's name."""
    child = os.fork()
    if child == 0:
        os._exit(_run(model, golden, runtime))
    ends_s = time.monotonic() + HANGS_S
    while time.monotonic() < ends_s:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else _ENDS[os.WEXITSTATUS(status)]
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return HUNG


def _run(model: bytes, golden: Golden, runtime: Runtime) -> int:
    """In the child: return the place in `_ENDS`. What the runtime says is not wanted."""
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    taken = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + ROOM, taken + ROOM))
    try:
        golden.check(Network(model, runtime=runtime))
    except GoldenMismatch:
        return _ENDS.index(OTHER)
    except MemoryError:
        return _ENDS.index(MEMORY)
    except (ModelError, ValueError, RuntimeError, TypeError, IndexError, KeyError, OverflowError):
        return _ENDS.index(REFUSED)
    return _ENDS.index(SAME)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--runtime", type=Runtime)
    arguments = parser.parse_args()
    runtime = arguments.runtime or available_runtime()
    Network(Bundle.open(default_bundle("breast")).model, runtime=runtime)  # imported once, for all children
    for name in shipped():
        bundle = Bundle.open(default_bundle(name))
        golden = Golden.of(bundle)
        if golden is None:
            raise SystemExit(f"the bundle {name} has no golden set")
        for kind in KINDS:
            found: Counter[str] = Counter()
            crashing: list[int] = []
            for seed in range(arguments.first, arguments.first + arguments.count):
                end = become(mutated(bundle.model, kind, seed), golden, runtime)
                found[end] += 1
                if end == HUNG or end.startswith("SIG"):
                    crashing.append(seed)
            report = {"runtime": runtime, "bundle": name, "kind": kind, **found, "seeds": crashing[:8]}
            print(json.dumps(report), flush=True)


if __name__ == "__main__":
    main()
