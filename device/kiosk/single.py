"""One visit without a screen, on simulated hardware: for the command line, the benches and the tests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from device.process.config import Config
from device.process.moment import Timekeeper
from device.process.time import SystemTimekeeper, VirtualTimekeeper
from device.screen.scripted import ScriptedScreen
from device.store.catalogue import open_record
from device.store.errors import KeyMissing
from device.store.keys import load_opener
from device.store.records import NewRecord
from device.store.records import State as RecordState
from device.visit.errors import VisitNotFinished
from device.visit.gates import failing_room_gate
from device.visit.reasons import Reason
from device.visit.table import State
from drivers.errors import BadScene

if TYPE_CHECKING:
    from device.kiosk.loop import Kiosk

SETTLE_S = 10.0
"""The sensor is warm; its watch needs some seconds to see that."""
MARGIN_S = 30.0
_ENDS = (State.RESULT, State.CANCELLED, State.FAILED)


def make_visit(
    config: Config,
    data_dir: Path,
    *,
    card_uid: str,
    scene: Path | NDArray[np.floating[Any]] | None = None,
    fast: bool = False,
) -> dict[str, Any]:
    """Make one visit and return its record's document with ``state``, as it lies in the store.

    ``config`` must name simulated devices (`Config.simulated`). ``scene``: what stands in front of the sensor, floats in °C,
    24×32 or larger, or a ``.npy`` file of them; ``None`` is a made-up torso. ``fast`` puts all time on a virtual clock.
    Ambient is 22 °C, the sensor is warm, a new card's consent is given without a PIN, "start now" is pressed at once.

    Raises `VisitNotFinished` where the visit ends without a saved record, `BadScene`, `StoreError`, `ValueError` for a UID
    that is none.
    """
    from device.kiosk.assembly import build, optics_of
    from drivers.sim.body import Thermogram, Torso
    from drivers.sim.cards import card_from_uid
    from drivers.sim.world import World

    card = card_from_uid(card_uid)
    timekeeper: Timekeeper = VirtualTimekeeper() if fast else SystemTimekeeper()
    world = World(timekeeper, optics=optics_of(config))
    world.body = Torso() if scene is None else Thermogram(load_scene(scene) if isinstance(scene, Path) else scene)
    screen = ScriptedScreen(language=config.kiosk.language)
    kiosk = build(config, data_dir, timekeeper, screen, world=world)
    try:
        settle(kiosk, config, timekeeper)
        world.tap(card)
        saved = _visit(kiosk, config, timekeeper)
    finally:
        kiosk.close()
    return _read_back(data_dir, saved)


def load_scene(path: Path) -> NDArray[np.floating[Any]]:
    """Read a temperature image from a ``.npy`` file; raises `BadScene` for anything else."""
    try:
        scene = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise BadScene(f"{path} is no .npy file with numbers ({error}). Save the image with numpy.save.") from error
    if not isinstance(scene, np.ndarray):
        raise BadScene(f"{path} holds several arrays. Save the image alone, with numpy.save.")
    return scene


def settle(kiosk: Kiosk, config: Config, timekeeper: Timekeeper) -> None:
    """Let the kiosk rest until it knows that sensor and room are right, or for `SETTLE_S`: then the visit says what is not."""
    end_s = timekeeper.monotonic() + SETTLE_S
    kiosk.run(lambda: timekeeper.monotonic() >= end_s or failing_room_gate(kiosk.sensor.warmth, config.capture) is None)


def _visit(kiosk: Kiosk, config: Config, timekeeper: Timekeeper) -> NewRecord:
    capture, visit = config.capture, config.visit
    limit_s = 4 * visit.page_timeout_s + 6 * capture.position_timeout_s + 6 * capture.longest_s + MARGIN_S
    end_s = timekeeper.monotonic() + limit_s
    kiosk.run(lambda: kiosk.visit.state in _ENDS or timekeeper.monotonic() >= end_s)
    session, state = kiosk.visit.session, kiosk.visit.state
    if state is State.RESULT and session.record is not None:
        return session.record
    fault = kiosk.sensor.fault or kiosk.reader.fault
    raise VisitNotFinished(session.reason or Reason.INTERNAL, state.value, str(fault) if fault else "")


def _read_back(data_dir: Path, saved: NewRecord) -> dict[str, Any]:
    """Open the record again where its key is on this machine; a clinic that holds the key itself gets what was saved."""
    try:
        opener = load_opener(data_dir)
    except KeyMissing:
        return {**saved.document, "state": RecordState.SAVED.value}
    return dict(open_record(data_dir, saved.id, opener).document)
