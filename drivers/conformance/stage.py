"""What stands in front of the device under test: set by the test where it is simulated, by a technician where it is real."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import pytest

from drivers.sim.body import Thermogram
from drivers.sim.cards import RandomUidCard, SimCard
from drivers.sim.world import World

UIDS = {4: "DEADBEEF", 7: "04A3C6CAE26180", 10: "0102030405060708090A"}
SAME_BEGINNING = "04A3C6112233AA"


class Stage(Protocol):
    """A method that cannot be carried out skips the test, saying why."""

    def no_card(self) -> None: ...

    def card(self, uid_bytes: int) -> None:
        """Lay one card on the reader whose UID has so many bytes."""

    def another_card_that_begins_alike(self) -> None:
        """Instead of a 7-byte card lay another one, with the same first three bytes, on the reader."""

    def two_cards(self) -> None: ...

    def random_card(self) -> None:
        """Lay a phone or another card with a random UID on the reader."""

    def unplug_reader(self) -> None: ...

    def uniform_scene(self, celsius: float) -> None:
        """Fill the field of view with one temperature."""

    def loosen_photo_cable(self) -> None: ...

    def confirm(self, question: str) -> bool:
        """Whether somebody who looks at the kiosk says yes; true where nobody needs to look."""


class SimStage:
    """Changes a simulated world."""

    def __init__(self, world: World) -> None:
        self.world = world

    def no_card(self) -> None:
        self.world.pull()

    def card(self, uid_bytes: int) -> None:
        self._lay([UIDS[uid_bytes]])

    def another_card_that_begins_alike(self) -> None:
        self._lay([SAME_BEGINNING])

    def two_cards(self) -> None:
        self._lay([UIDS[4], UIDS[7]])

    def random_card(self) -> None:
        self._lay([RandomUidCard()])

    def unplug_reader(self) -> None:
        self.world.faults.reader_gone = True

    def uniform_scene(self, celsius: float) -> None:
        self.world.body = Thermogram(np.full((24, 32), celsius))

    def loosen_photo_cable(self) -> None:
        self.world.photo.cable_loose = True

    def confirm(self, question: str) -> bool:
        del question
        return True

    def _lay(self, cards: Sequence[SimCard | str]) -> None:
        self.world.pull()
        for card in cards:
            self.world.tap(card)


class TechnicianStage:
    """Asks the person who ran pytest with ``-s``."""

    def __init__(self, *, can_ask: bool) -> None:
        self._can_ask = can_ask

    def no_card(self) -> None:
        self._ask("Take every card off the reader.")

    def card(self, uid_bytes: int) -> None:
        self._ask(f"Lay one card with a UID of {uid_bytes} bytes on the reader (4: Classic, 7: NTAG, DESFire; 10: rare).")

    def another_card_that_begins_alike(self) -> None:
        pytest.skip("two cards with the same first bytes are hardly ever at hand")

    def two_cards(self) -> None:
        self._ask("Lay two cards on the reader.")

    def random_card(self) -> None:
        self._ask("Hold an unlocked phone with a payment card to the reader.")

    def unplug_reader(self) -> None:
        pytest.skip("a reader must not be unplugged while it has power")

    def uniform_scene(self, celsius: float) -> None:
        self._ask(f"Fill the camera's view with a matt surface of {celsius:g} °C (±2 K), such as a plate at that temperature.")

    def loosen_photo_cable(self) -> None:
        pytest.skip("a camera must not be unplugged while it has power")

    def confirm(self, question: str) -> bool:
        return self._ask(f"{question} [y/n]").strip().lower().startswith("y")

    def _ask(self, request: str) -> str:
        if not self._can_ask:
            pytest.skip(f"needs somebody at the kiosk (run pytest with -s): {request}")
        answer = input(f"\n{request} Then press Enter; s skips: ")
        if answer.strip().lower() == "s":
            pytest.skip("skipped by the technician")
        return answer
