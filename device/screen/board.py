"""What is shown now and what was said, shared by the visit's thread and the server's."""

from __future__ import annotations

import json
import secrets
import threading
from collections import deque
from collections.abc import Iterable
from typing import Any

from device.screen.errors import BadTouch, StaleTouch
from device.screen.touch import ALLOWED, Touch
from device.screen.view import Page, Said, Say, View

UNHEARD = 32
"""Touches that are kept while the visit is busy; beyond them a finger is only drumming."""


class Board:
    """The latest view under a sequence number, and the touches that belong to it.

    A touch counts when it was made on the page that is shown, whichever update of that page it was made on: a countdown may
    tick while the finger falls. Any thread may call any method; none waits for anything but the others' few microseconds.
    """

    def __init__(self, languages: Iterable[str], language: str) -> None:
        self.session = secrets.token_urlsafe(9)
        self._languages = frozenset(languages)
        self.default = self._language = language
        self.choices = 0
        """How often a language has been chosen."""
        self._lock = threading.Lock()
        self._said: deque[Said] = deque(maxlen=UNHEARD)
        self._page = Page.REST
        self._data = "{}"
        self._sequence = 1
        self._page_began = 1
        self._seen = 0

    @property
    def language(self) -> str:
        return self._language

    @property
    def sequence(self) -> int:
        return self._sequence

    def show(self, view: View) -> None:
        """Replace the view. Raises `TypeError` or `ValueError` for data that JSON cannot hold (NaN too)."""
        data = json.dumps(view.data, default=_plain, allow_nan=False, separators=(",", ":"))
        with self._lock:
            self._sequence += 1
            if view.page is not self._page:
                self._page_began = self._sequence
                if view.page is Page.REST:  # the next person starts in the kiosk's own language
                    self._language = self.default
            if view.page is Page.SEEN:
                self._seen = self._sequence
            self._page, self._data = view.page, data

    def reset_language(self, choice: int) -> None:
        """Forget a language that was chosen at rest by somebody who then left, if ``choice`` is still the last one."""
        with self._lock:
            if self._page is Page.REST and choice == self.choices and self._language != self.default:
                self._language = self.default
                self._sequence += 1

    def event(self) -> tuple[int, str]:
        """Return the sequence number and the view as JSON text.

        ``seen`` is the number of the last `Page.SEEN`: a visit may be past that page before a browser is told of it, and
        still owes the patient its picture and its sound.
        """
        with self._lock:
            head = {
                "session": self.session,
                "sequence": self._sequence,
                "page_began": self._page_began,
                "seen": self._seen,
                "language": self._language,
                "page": self._page,
            }
            return self._sequence, f'{json.dumps(head)[:-1]}, "data": {self._data}}}'

    def touch(self, touch: Touch) -> None:
        """Keep a touch for the visit; raises `StaleTouch` or `BadTouch` and keeps nothing otherwise."""
        with self._lock:
            if touch.session != self.session or not self._page_began <= touch.sequence <= self._sequence:
                raise StaleTouch("this page is no longer shown; nothing was done")
            if self._page not in ALLOWED[touch.say]:
                raise BadTouch(f'"{touch.say}" cannot be said on the page "{self._page}"')
            if touch.say is Say.LANGUAGE:
                if touch.value not in self._languages:
                    raise BadTouch(f"there is no such language; choose one of {', '.join(sorted(self._languages))}")
                self._language = touch.value
                self.choices += 1
                self._sequence += 1
            self._said.append(Said(touch.say, self._page, touch.value))

    def heard(self) -> list[Said]:
        """Return what was said since the last call, oldest first."""
        with self._lock:
            said = list(self._said)
            self._said.clear()
        return said


def _plain(value: Any) -> Any:
    """Let numpy's numbers and arrays through, without importing numpy."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a view cannot hold a {type(value).__name__}")
