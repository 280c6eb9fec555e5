"""The kiosk as a process: how soon it is ready, and how much memory it keeps after a visit."""

from __future__ import annotations

import shutil
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tools.bench.figure import Figure
from tools.bench.patient import Patient
from tools.bench.processes import Process, free_port, write_config

STARTS, FIRST_STARTS = 5, 3
LARGEST_START_S = 1.0
LARGEST_MIB = {"kiosk": 90, "sync": 60}


def measure() -> Iterator[Figure]:
    """Yield start to ready (medians), and resident memory of kiosk and sync once there is something in the store."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        common = ["--data-dir", name, "--config", str(write_config(folder, screen_port=port))]
        kiosk_arguments = ["device.kiosk", *common, "--sim"]
        firsts, starts = [], []
        for _ in range(FIRST_STARTS):
            shutil.rmtree(folder / "store" / "model-trials", ignore_errors=True)
            with Process(kiosk_arguments, folder) as kiosk:
                firsts.append(kiosk.start_to_ready_s)
        for _ in range(STARTS):
            with Process(kiosk_arguments, folder) as kiosk:
                starts.append(kiosk.start_to_ready_s)
        start_s = statistics.median(starts)
        detail = f"worst {max(starts):.2f} s, n {STARTS}"
        bar = f"≤ {LARGEST_START_S:g} s"
        yield Figure("kiosk process, start to ready, median", start_s, "s", bar, start_s <= LARGEST_START_S, detail=detail)
        first_s = statistics.median(firsts)
        detail = f"the model is tried out meanwhile; worst {max(firsts):.2f} s, n {FIRST_STARTS}"
        yield Figure("kiosk process, first start after an update", first_s, "s", bar, first_s <= LARGEST_START_S, detail=detail)
        with Process(kiosk_arguments, folder) as kiosk, Process(["cloud_sync", *common], folder) as sync:
            for _ in range(2):
                Patient(port).visit()
            memory = {"kiosk": kiosk.resident_bytes / 2**20, "sync": sync.resident_bytes / 2**20}
        for which, mib in memory.items():
            most = LARGEST_MIB[which]
            yield Figure(f"{which} process, resident after two visits", mib, "MiB", f"≤ {most} MiB", mib <= most)
