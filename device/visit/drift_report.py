"""What a technician reads about drift: whether the week's images are those of the training, and if not, what to look at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from device.process.moment import Moment
from device.store.tallies import Tally
from device.visit.drift import periods
from models.drift import FEWEST, REFUSED, SCORE, Period, Reference, Shift, shifts

_LENS = "clean the lens and look whether the sensor still points straight ahead"
_FLAT = "clean the lens, then make the flat field anew"
_ROOM = "look at the room: heating, sun, draught, and [sensor] emissivity and reflected_c"
_WORDS = {
    "body_c": ("bodies are colder", "bodies are warmer", _ROOM),
    "contrast_k": ("bodies stand out less from the room", "bodies stand out more from the room", _ROOM),
    "body_fraction": ("less of the picture is body", "more of the picture is body", "check where people are told to stand"),
    "spread_k": ("bodies are more even", "bodies are less even", _LENS),
    "side_k": ("the right side of the picture is colder", "the right side of the picture is warmer", _FLAT),
    "height_k": ("the lower half of bodies is colder", "the lower half of bodies is warmer", _FLAT),
    "noise_k": ("pictures are smoother", "pictures are noisier", f"{_LENS}; check the 3.3 V supply"),
    SCORE: ("the model's probabilities are lower", "the model's probabilities are higher", _LENS),
    REFUSED: ("", "the model takes more pictures for no chest", f"{_LENS}; check where people are told to stand"),
}
_CLINIC = "if it stays, tell the clinic: the model's answers may be worth less than its card says"


@dataclass(frozen=True)
class DriftReport:
    """The state of one model's drift, in words and figures."""

    drifted: bool
    summary: str
    remedy: str
    figures: dict[str, Any]


def drift_report(reference: Reference, tallies: Iterable[Tally], now: Moment) -> DriftReport:
    """Judge the newest period that has enough patients, of the last two; say how many there are where none has."""
    found = periods(tallies, now)[-2:]
    if not reference.quantiles:
        return DriftReport(False, "not watched: the model's card does not say what its training looked like", "", {})
    if not found:
        return DriftReport(False, f"no patient counted yet; {FEWEST} in a week are needed", "", {})
    judged = next((period for period in reversed(found) if period.n >= FEWEST), None)
    if judged is None:
        last = found[-1]
        few = f"{_when(last)}: {last.n} of the {FEWEST} patients that are needed to say anything"
        return DriftReport(False, few, "", _figures(last, []))
    compared = shifts(reference, judged)
    worst = [shift for shift in compared if shift.drifted]
    figures = _figures(judged, compared)
    if not worst:
        return DriftReport(False, f"{_when(judged)}, {judged.n} patients: pictures and scores as in training", "", figures)
    said = "; ".join(f"{_words(shift)[0]} (at least {100 * shift.certain:.0f} % beyond the training)" for shift in worst[:2])
    remedy = "; ".join([*dict.fromkeys(_words(shift)[1] for shift in worst[:2]), _CLINIC])
    return DriftReport(True, f"{_when(judged)}, {judged.n} patients: {said}", remedy, figures)


def _when(period: Period) -> str:
    if period.name.startswith("boot-"):
        return "since a start without a date"
    return f"week {period.name}{' so far' if period.running else ''}"


def _words(shift: Shift) -> tuple[str, str]:
    """Return what has changed, and what to do. A statistic that this software has no words for is called by its name."""
    lower, higher, remedy = _WORDS.get(shift.statistic, (f"{shift.statistic} is lower", f"{shift.statistic} is higher", _LENS))
    lies_lower = shift.distance > 0 and shift.statistic != REFUSED
    return (lower if lies_lower else higher), remedy


def _figures(period: Period, compared: list[Shift]) -> dict[str, Any]:
    return {
        "period": period.name,
        "patients": period.n,
        "outcomes": dict(period.outcomes),
        "statistics": {
            shift.statistic: {"n": shift.n, "distance": round(shift.distance, 3), "chance": round(shift.chance, 3)}
            for shift in compared
        },
    }
