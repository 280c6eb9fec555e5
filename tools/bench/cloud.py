"""Records per second to Firebase's emulators, beside a plain loop of firebase-admin's calls; bytes on the wire; memory.

Twice: records alone, which are three documents each for Firestore, and whole visits with an object for Storage before them.
Both sides go through the same relays, which make the line as long as one to a data centre. The figure without them says how
fast the emulators compute, no more: the one of Storage judges one upload after the other, however many come at once, and the
one of Firestore spends most of a record's time on its rules. Our side opens sealed records, proves who it is, and has every
write judged by the rules; the loop is an administrator, for whom no rules hold.
"""

from __future__ import annotations

import importlib
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.bench.cloud_visits import save_visits
from tools.bench.figure import Figure
from tools.bench.relay import Relay

LEAST_RATIO = 5.0
LARGEST_MIB = 60.0
ROUND_TRIP_MS = 50.0
ROUNDS = 3
CHILD_S = 400.0


@dataclass(frozen=True)
class Burden:
    """What is carried, and how often: enough for a figure, in a time that somebody waits for."""

    what: str
    to: str
    ours: int
    loop: int


BURDENS = (Burden("records", "the Firestore emulator", 400, 80), Burden("visits", "Firebase's emulators", 100, 12))


def measure() -> Iterator[Figure]:
    """Yield nothing, with a reason on stderr, where there are no emulators."""
    with ExitStack() as stack:
        try:
            environment, credential = _emulators(stack)
        except LookupError as error:
            print(f"cloud: not measured, {error}", file=sys.stderr)
            return
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "firebase").write_text(json.dumps(credential))
        for burden in BURDENS:
            _round(folder, environment, burden, 0.0, rounds=1)  # Java is slow until it has compiled what it runs
            for delay_ms in (ROUND_TRIP_MS, 0.0):
                found = _round(folder, environment, burden, delay_ms, rounds=ROUNDS)
                yield _speed(found, burden, delay_ms)
                if burden.what == "visits" and delay_ms:
                    yield from _cost(found)


def _speed(found: Mapping[str, list[dict[str, float]]], burden: Burden, delay_ms: float) -> Figure:
    rates = {mode: statistics.median(one["records"] / one["seconds"] for one in runs) for mode, runs in found.items()}
    where = f"over a line of {delay_ms:g} ms" if delay_ms else "without any line between"
    ratio = rates["ours"] / rates["loop"]
    return Figure(
        f"{burden.what} per second to {burden.to}, {where}", rates["ours"], "1/s", f"≥ {LEAST_RATIO:g} × the loop",
        ratio >= LEAST_RATIO, "firebase-admin in a loop", rates["loop"],
        f"{ratio:.1f} × the loop, {rates['ours'] / rates['loop-batched']:.1f} × a loop that batches each visit's documents "
        f"({rates['loop-batched']:.3g}/s); medians of {len(found['ours'])}, the machine's load {os.getloadavg()[0]:.1f}",
    )  # fmt: skip


def _cost(found: Mapping[str, list[dict[str, float]]]) -> Iterator[Figure]:
    wire = {mode: statistics.median(one["wire_bytes"] / one["records"] for one in runs) for mode, runs in found.items()}
    yield Figure(
        "bytes on the wire for a visit, both directions, without TLS", wire["ours"] / 1000, "kB", "none", True,
        "firebase-admin in a loop", wire["loop"] / 1000,
    )  # fmt: skip
    peak = max(one["peak_bytes"] for one in found["ours"]) / 2**20
    yield Figure(
        "memory of the sync process at its peak", peak, "MiB", f"≤ {LARGEST_MIB:g} MiB", peak <= LARGEST_MIB,
        "firebase-admin in a loop", max(one["peak_bytes"] for one in found["loop"]) / 2**20,
    )  # fmt: skip


def _round(
    folder: Path, environment: Mapping[str, str], burden: Burden, delay_ms: float, *, rounds: int
) -> dict[str, list[dict[str, float]]]:
    """Run each side in turn, so that whatever else the machine does meets them alike."""
    found: dict[str, list[dict[str, float]]] = {"ours": [], "loop": [], "loop-batched": []}
    for _ in range(rounds):
        for mode, runs in found.items():
            run = folder / secrets.token_hex(4)
            run.mkdir()
            (run / "firebase").symlink_to(folder / "firebase")
            if mode == "ours":
                save_visits(run / "data", burden.ours, captures=burden.what == "visits")
            runs.append(_child([mode, str(run), str(burden.loop), burden.what], environment, delay_ms))
    return found


def _child(arguments: Sequence[str], environment: Mapping[str, str], delay_ms: float) -> dict[str, float]:
    with ExitStack() as stack:
        hosts = {name: environment[name] for name in ("FIRESTORE_EMULATOR_HOST", "FIREBASE_STORAGE_EMULATOR_HOST")}
        relays = {name: stack.enter_context(Relay(address, delay_ms)) for name, address in hosts.items()}
        at = {name: relay.address for name, relay in relays.items()}
        storage = {"STORAGE_EMULATOR_HOST": f"http://{at['FIREBASE_STORAGE_EMULATOR_HOST']}"}
        done = subprocess.run(
            [sys.executable, "-m", "tools.bench.cloud_child", *arguments],
            env={**os.environ, **environment, **at, **storage},
            capture_output=True,
            text=True,
            timeout=CHILD_S,
            check=False,
        )
        if done.returncode:
            raise ChildProcessError(f"{arguments[0]} failed: {done.stderr.strip().splitlines()[-1:]}")
        measured: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
        return {**measured, "wire_bytes": sum(relay.end() for relay in relays.values())}


def _emulators(stack: ExitStack) -> tuple[dict[str, str], dict[str, Any]]:
    """Start the emulators as the tests do; return their environment and a kiosk's credential. Raises `LookupError`."""
    sys.path.insert(0, str(Path(__file__).parents[2]))  # of a checkout; an installed Firstlight has no tests
    try:
        module = importlib.import_module("tests.cloud_sync.firebase.emulators")
        kiosks = importlib.import_module("tests.cloud_sync.firebase.kiosks")
    except ModuleNotFoundError as error:
        raise LookupError("it needs a checkout with its tests, which start Firebase's emulators") from error
    finally:
        sys.path.pop(0)
    try:
        emulators = stack.enter_context(module.running(Path(stack.enter_context(tempfile.TemporaryDirectory()))))
    except module.Absent as error:
        raise LookupError(f"Firebase's emulators do not run here: {error}") from error
    emulators.clear()
    credential = kiosks.enrol(emulators).credential()
    return dict(emulators.environment), {"schema": 1, **vars(credential)}
