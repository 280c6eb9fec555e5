"""The pages of a visit as views: page and data, no text. `device.screen.view.Page` lists what each page needs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.screen.view import Page, View
from device.visit import pin
from device.visit.body import smoothed
from device.visit.consent import TEXT_VERSION
from device.visit.reasons import Reason

_PREVIEW_C = (20.0, 37.0)


def rest(*, notice: Reason | None, accepting: bool, health: str) -> View:
    return View(Page.REST, {"accepting": accepting, "notice": notice, "health": health})


def new_card(*, photo: bool, again: bool) -> View:
    return View(Page.NEW_CARD, {"text_version": TEXT_VERSION, "photo": photo, "again": again})


def choose_pin() -> View:
    return View(Page.CHOOSE_PIN, {"shortest": pin.SHORTEST, "longest": pin.LONGEST})


def ask_pin(failures: int, wait_s: float, *, wrong: bool) -> View:
    """Without a pause there is always one try at least."""
    tries_left = 0 if wait_s > 0 else max(1, pin.FREE_TRIES - failures)
    return View(Page.PIN, {"tries_left": tries_left, "wait_s": math.ceil(wait_s), "wrong": wrong})


def prepare(seconds: float, seconds_left: float, notice: Reason | None) -> View:
    return View(Page.PREPARE, {"seconds": math.ceil(seconds), "seconds_left": math.ceil(seconds_left), "notice": notice})


def position(instruction: Reason, celsius: NDArray[np.floating[Any]] | None, *, fits: bool) -> View:
    """``celsius`` [24, 32] in °C, or ``None`` before the first frame; what is shown of it is relative warmth, 0 to 255."""
    low, high = _PREVIEW_C
    image = np.zeros((24, 32)) if celsius is None else (smoothed(celsius) - low) / (high - low)
    warmth = np.rint(255 * np.clip(image, 0, 1)).astype(int).tolist()
    return View(Page.POSITION, {"instruction": instruction, "preview": warmth, "fits": fits})


def capture(progress: float, instruction: Reason) -> View:
    return View(Page.CAPTURE, {"progress": round(progress, 3), "instruction": instruction})


def result(outcome: str, seconds_left: float) -> View:
    again = outcome == "not_assessed"
    return View(Page.RESULT, {"result": outcome, "retry": again, "seconds_left": math.ceil(seconds_left)})


def sorry(reason: Reason, seconds_left: float, *, lost: bool, retry: bool) -> View:
    return View(Page.SORRY, {"reason": reason, "lost": lost, "retry": retry, "seconds_left": math.ceil(seconds_left)})
