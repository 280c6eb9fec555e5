"""Counts what the model sees and answers, week by week, for `models.drift` to compare with the training.

A visit only hands over its image. It is counted later, when some milliseconds matter to nobody, and whatever goes wrong then
is a line in the log: no visit waits for it or fails by it.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from device.process.logs import Log
from device.process.moment import Moment, Timekeeper
from device.store.tallies import Tally, period_of
from device.visit.archive import Archive
from models.drift import Period, Reference
from models.prediction import Prediction

LOG = Log(__name__)
OUTCOME = "outcome"
WAITING = 4
"""Images that wait to be counted at most; one visit ends before the next begins, so there is seldom more than one."""


@dataclass(frozen=True, repr=False)
class _Seen:
    celsius: NDArray[np.float32]
    prediction: Prediction
    patient: str


class DriftWatch:
    """Counts for one loaded model. Called from one thread."""

    def __init__(self, archive: Archive, time: Timekeeper, reference: Reference | None) -> None:
        """``reference``: of the loaded model's card; ``None`` where no model is loaded: then nothing is counted."""
        self._archive = archive
        self._time = time
        self._reference = reference
        self._waiting: deque[_Seen] = deque(maxlen=WAITING)
        self._period = ""
        self._patients: set[str] = set()

    def note(self, celsius: NDArray[np.float32], prediction: Prediction | None, patient: str) -> None:
        """Hand over the image of a saved visit and its answer. Takes no time."""
        if self._reference is not None and prediction is not None:
            self._waiting.append(_Seen(celsius, prediction, patient))

    def turn(self) -> None:
        """Count what waits; takes some milliseconds where something does. Raises nothing."""
        while self._reference is not None and self._waiting:
            seen = self._waiting.popleft()
            try:
                self._count(self._reference, seen)
            except Exception:
                LOG.exception("a picture was not counted for the model's drift")

    def _count(self, reference: Reference, seen: _Seen) -> None:
        """Count each patient once in a week: images of one person are alike, and twenty of them are no twenty people."""
        period = period_of(self._time.now())
        if period != self._period:
            self._period, self._patients = period, set()
        if seen.patient in self._patients:
            return
        cells = reference.cells(seen.celsius, seen.prediction.probability)
        counted = {name: str(cell) for name, cell in cells.items()}
        self._archive.tally(reference.bundle_sha256, {**counted, OUTCOME: seen.prediction.outcome.value})
        self._patients.add(seen.patient)


def periods(tallies: Iterable[Tally], now: Moment) -> list[Period]:
    """Return what was counted in each period, the oldest first. A boot without a date is never known to be over."""
    counts: dict[str, dict[str, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    for tally in tallies:
        if tally.statistic == OUTCOME:
            outcomes[tally.period][tally.cell] += tally.times
        elif tally.cell.isdecimal():
            counts[tally.period][tally.statistic][int(tally.cell)] += tally.times
    return [
        Period(name, running=name == period_of(now) or name.startswith("boot-"), counts=counts[name], outcomes=outcomes[name])
        for name in outcomes
    ]
