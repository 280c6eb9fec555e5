"""A screen without a screen: somebody who answers each page at once, for a visit from the command line and for tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from device.screen.view import Page, Said, Say, View

KEPT = 4096
"""Views that are remembered."""


@dataclass(frozen=True)
class Answer:
    """What is said on a page."""

    say: Say
    value: Any = field(default=None, repr=False)


AGREEABLE: Mapping[Page, Answer] = {
    Page.NEW_CARD: Answer(Say.AGREE, {"training": False}),
    Page.CHOOSE_PIN: Answer(Say.PIN, ""),
    Page.PREPARE: Answer(Say.START_NOW),
}
"""Agrees, wants no PIN, and starts now."""


class ScriptedScreen:
    """A `device.screen.view.Screen` in memory."""

    def __init__(self, answers: Mapping[Page, Answer] = AGREEABLE, *, language: str = "en") -> None:
        """``answers``: given once each time the page appears; a page that is not in it is only looked at."""
        self.answers = dict(answers)
        self.views: list[View] = []
        """What was shown, the latest last."""
        self.language = language
        self.closed = False
        self._said: list[Said] = []

    @property
    def view(self) -> View:
        """What is shown now; raises `LookupError` before anything was."""
        if not self.views:
            raise LookupError("nothing has been shown yet")
        return self.views[-1]

    @property
    def pages(self) -> list[Page]:
        """The pages in their order, each once however often it was updated."""
        return [view.page for before, view in zip([None, *self.views], self.views, strict=False) if _another(before, view)]

    def show(self, view: View) -> None:
        appears = not self.views or self.views[-1].page is not view.page
        self.views.append(view)
        del self.views[:-KEPT]
        if appears:
            self._said.clear()  # what was said on the page before is stale
            answer = self.answers.get(view.page)
            if answer is not None:
                self.say(answer.say, answer.value)

    def say(self, say: Say, value: object = None) -> None:
        """Touch the page that is shown now."""
        self._said.append(Said(say, self.view.page, value))

    def heard(self) -> list[Said]:
        said, self._said = self._said, []
        return said

    def close(self) -> None:
        self.closed = True


def _another(before: View | None, view: View) -> bool:
    return before is None or before.page is not view.page
