"""A whole kiosk on simulated wires and a virtual clock, with a patient who can be told what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.kiosk.assembly import Hardware, open_archive, open_hardware
from device.kiosk.loop import Kiosk
from device.process.config import Config
from device.process.time import VirtualTimekeeper
from device.screen.scripted import AGREEABLE, Answer, ScriptedScreen
from device.screen.view import Page, Say, View
from device.store.catalogue import list_records, open_record
from device.store.keys import create_keys, load_opener, load_site_key
from device.visit.reading import Model
from device.visit.table import State
from drivers.sim.body import Torso
from drivers.sim.cards import SimCard
from drivers.sim.world import World
from models.drift import Reference
from models.prediction import Outcome, Prediction

ANA, BEN = "04A3C6CAE26180", "04A3C6112233AA"
PAGES_OF_A_PATIENT = {Page.NEW_CARD, Page.CHOOSE_PIN, Page.PIN, Page.PREPARE, Page.POSITION, Page.CAPTURE, Page.RESULT}


class FixedModel:
    """Answers what it was told to: the way from an outcome to record and page is tested with each of them."""

    def __init__(self, outcome: Outcome = Outcome.BELOW_THRESHOLD) -> None:
        self.outcome = outcome
        self.seen: list[NDArray[np.float32]] = []

    def assess(self, celsius: NDArray[np.float32]) -> Prediction:
        self.seen.append(celsius)
        scored = self.outcome is not Outcome.OUT_OF_DOMAIN
        occlusion = np.zeros((24, 32), np.float32) if scored else None
        probability = 0.2 if scored else None
        return Prediction(self.outcome, probability, 0.5, (0.4, 0.6), "fixed", "1.0.0", "0" * 64, occlusion, "because")


class Booth:
    """Everything of one kiosk, settled and at rest."""

    def __init__(
        self,
        data_dir: Path,
        *,
        config: Config | None = None,
        model: Model | None = None,
        reference: Reference | None = None,
        answers: Mapping[Page, Answer] = AGREEABLE,
        time: VirtualTimekeeper | None = None,
        world: World | None = None,
        settled: bool = True,
    ) -> None:
        self.data_dir = data_dir
        self.config = (config or Config()).simulated()
        self.time = time or VirtualTimekeeper()
        self.world = world or World(self.time)
        if world is None:
            self.world.body = Torso()
        self.screen = ScriptedScreen(answers)
        create_keys(data_dir)
        self.archive = open_archive(self.config, data_dir, self.time)
        hardware: Hardware = open_hardware(self.config, self.time, self.world)
        self.kiosk = Kiosk(
            self.config, self.time, hardware.camera, hardware.reader, hardware.indicator, model or FixedModel(), self.archive,
            self.screen, site_key=load_site_key(data_dir), reference=reference, photographer=hardware.photographer,
        )  # fmt: skip
        self.steps = 0
        if settled:
            self.run(5.0)

    # -- time

    def step(self) -> None:
        self.kiosk.turn()
        self.steps += 1

    def run(self, seconds: float) -> None:
        end_s = self.time.monotonic() + seconds
        while self.time.monotonic() < end_s:
            self.step()

    def until(self, reached: Callable[[], bool], limit_s: float = 120.0) -> None:
        end_s = self.time.monotonic() + limit_s
        while not reached():
            assert self.time.monotonic() < end_s, f"not reached within {limit_s} s; the visit is in {self.state}"
            self.step()

    def until_state(self, *states: State, limit_s: float = 120.0) -> None:
        self.until(lambda: self.state in states, limit_s)

    # -- what the patient does

    def tap(self, *cards: SimCard | str) -> None:
        for card in cards:
            self.world.tap(card)

    def say(self, say: Say, value: object = None) -> None:
        self.screen.say(say, value)
        self.step()

    def visit(self, card: SimCard | str = ANA) -> dict[str, Any]:
        """Make one visit up to its result, take the card away, and return the record's document."""
        known = set(self.record_ids())
        self.tap(card)
        self.until_state(State.RESULT)
        self.leave()
        (new,) = [each for each in self.documents() if each["id"] not in known and each["modality"] == "thermal"]
        return new

    def leave(self) -> None:
        self.world.pull()
        self.until_state(State.IDLE)
        self.run(1.0)

    # -- what can be seen

    @property
    def state(self) -> State:
        return self.kiosk.visit.state

    @property
    def view(self) -> View:
        return self.screen.view

    @property
    def reason(self) -> str | None:
        """What the sorry page says now."""
        assert self.view.page is Page.SORRY
        reason: str = self.view.data["reason"]
        return reason

    def record_ids(self) -> list[str]:
        return [each.id for each in list_records(self.data_dir)] if (self.data_dir / "store" / "store.db").exists() else []

    def documents(self) -> list[dict[str, Any]]:
        """All records in the store, opened with the key, each checked against its hashes."""
        opener = load_opener(self.data_dir)
        return [dict(open_record(self.data_dir, each, opener).document) for each in self.record_ids()]

    def modalities(self) -> list[str]:
        return [each["modality"] for each in self.documents()]

    def arrays(self, record_id: str) -> dict[str, NDArray[Any]]:
        import io

        content = open_record(self.data_dir, record_id, load_opener(self.data_dir)).parts["capture.npz"].content
        with np.load(io.BytesIO(content)) as arrays:
            return dict(arrays)

    def close(self) -> None:
        self.kiosk.close()


def configured(**sections: Mapping[str, Any]) -> Config:
    """The defaults with some settings changed: ``configured(capture={"prepare_s": 5.0})``."""
    config = Config()
    changed: dict[str, Any] = {name: replace(getattr(config, name), **values) for name, values in sections.items()}
    return replace(config, **changed)
