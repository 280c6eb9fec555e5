"""Speed and memory, side by side with a peer where there is one, in one run. Measured, printed, never asserted."""

from __future__ import annotations

import importlib
from collections.abc import Iterable

from tools.bench.figure import Figure

BENCHES = {
    "temperature": "temperature computation per frame, against Adafruit's driver",
    "poll": "SPI transfers of a poll without a card, against PyPI's mfrc522",
    "tap": "tap to acknowledgement, on the indicator and in the browser",
    "visit": "tap to result against the sensor's integration time; bytes written to disk",
    "network": "every shipped network beside the bare runtime: inference, start, memory",
    "process": "the kiosk process: start to ready, resident memory",
    "cloud": "records and visits per second to Firebase's emulators against a loop of firebase-admin; bytes, memory of sync",
    "kill": "visits and sync killed at random moments",
}


def measure(name: str) -> Iterable[Figure]:
    """Run one bench of `BENCHES`."""
    figures: Iterable[Figure] = importlib.import_module(f"tools.bench.{name}").measure()
    return figures
