"""What the patient sees now, and what the patient can say: the whole of what the visit and the screen know of each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class Page(StrEnum):
    """The pages of the patient's screen. The data that each needs is listed beside it."""

    REST = "rest"
    """``accepting``: bool, ``notice``: reason or None, ``health``: "ok", "warning" or "fault"."""
    SEEN = "seen"
    NEW_CARD = "new_card"
    """``text_version``: version of the consent texts, ``photo``: bool (whether an ordinary photograph is taken too),
    ``again``: bool (the patient agreed to another text before)."""
    CHOOSE_PIN = "choose_pin"
    """``shortest``, ``longest``: digits."""
    PIN = "pin"
    """``tries_left``: int, ``wait_s``: seconds until the next try is allowed, ``wrong``: bool."""
    PREPARE = "prepare"
    """``seconds``: of the whole wait, ``seconds_left``, ``notice``: reason or None (what is still not right)."""
    POSITION = "position"
    """``instruction``: reason, ``preview``: 24 rows of 32 integers 0 to 255 (relative warmth, not mirrored), ``fits``: bool."""
    CAPTURE = "capture"
    """``progress``: 0 to 1, ``instruction``: reason."""
    WORKING = "working"
    RESULT = "result"
    """``result``: "nothing_unusual", "doctor_will_look" or "not_assessed", ``retry``: bool, ``seconds_left``."""
    SORRY = "sorry"
    """``reason``: reason, ``lost``: bool (whether anything of this visit was lost), ``retry``: bool, ``seconds_left``."""


@dataclass(frozen=True)
class View:
    """One page with its data. The screen shows the latest and forgets the ones before."""

    page: Page
    data: Mapping[str, Any] = field(default_factory=dict)


class Say(StrEnum):
    """What a patient can say by touch."""

    AGREE = "agree"
    """``value``: {"training": bool}."""
    DECLINE = "decline"
    PIN = "pin"
    """``value``: digits; on `Page.CHOOSE_PIN` the empty string means "no PIN"."""
    START_NOW = "start_now"
    RETRY = "retry"
    DONE = "done"
    LANGUAGE = "language"
    """``value``: language code. Handled by the screen too, and passed on for the consent record."""


@dataclass(frozen=True)
class Said:
    """One touch, on the page that was shown at the time. A touch on an older page is dropped by the screen."""

    say: Say
    page: Page
    value: Any = field(default=None, repr=False)


class Screen(Protocol):
    """The patient's screen as the visit uses it."""

    @property
    def language(self) -> str:
        """Code of the language that is shown now; a consent is recorded in it."""

    def show(self, view: View) -> None:
        """Replace what is shown; returns at once."""

    def heard(self) -> list[Said]:
        """Return what was said since the last call, oldest first; never waits."""

    def close(self) -> None: ...
