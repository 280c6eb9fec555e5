"""The bench: what a developer or technician does with the simulated world around a kiosk, without touching its code."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.screen.errors import BadThermogram, BenchError
from drivers.errors import BadScene
from drivers.sim.body import Body, EmptyRoom, Motion, Thermogram, Torso, WarmSpot
from drivers.sim.cards import GenericCard, Lie, LyingCard, RandomUidCard, SimCard, card_from_uid
from drivers.sim.world import World

LARGEST_SIDE = 4096
"""Pixels of an uploaded thermogram."""


@dataclass(frozen=True)
class Preset:
    """One card in the technician's box."""

    label: str
    note: str
    make: Callable[[], SimCard]


PRESETS: Mapping[str, Preset] = {
    "ana": Preset("Ana's card", "NTAG, 7 bytes", lambda: card_from_uid("04A3C6CAE26180")),
    "ben": Preset("Ben's card", "NTAG; begins like Ana's", lambda: card_from_uid("04A3C6112233AA")),
    "classic": Preset("Old card", "MIFARE Classic, 4 bytes", lambda: card_from_uid("5A3B1C9D")),
    "desfire": Preset("Hospital card", "ISO 14443-4, 7 bytes", lambda: GenericCard(bytes.fromhex("04518CF2A36B80"))),
    "long": Preset("Long card", "10 bytes", lambda: card_from_uid("04112233445566778899")),
    "phone": Preset("Phone", "another UID at each tap: refused", RandomUidCard),
    "truncated": Preset("Cut-off UID", "4 bytes from 0x88: refused", lambda: card_from_uid("8804A3C6")),
    "liar": Preset(
        "Damaged card", "wrong check byte: unreadable", lambda: LyingCard(bytes.fromhex("04998877665544"), Lie.CHECK_BYTE)
    ),
}

FAULTS: Mapping[str, str] = {
    "i2c_nack": "Thermal sensor unplugged: nothing answers on its bus",
    "i2c_stuck": "Sensor bus stuck: the data line is held low",
    "sensor_silent": "Sensor silent: it answers, but measures nothing any more",
    "sensor_frozen": "Frozen picture: announced as new, but never changes",
    "sensor_stale_subpage": "Stale half: one subpage keeps its old pixels",
    "sensor_half_frame": "Half frame: the second subpage never comes",
    "sensor_invalid_words": "Invalid words: some pixels read 0x7FFF",
    "eeprom_flip": "Flipped bit: each reading of the sensor's EEPROM differs",
    "eeprom_garbage": "Garbage EEPROM: the sensor's calibration is noise",
    "reader_gone": "Card reader unplugged",
    "reader_hung": "Card reader hung: it answers, but no card is ever read",
    "card_crc_error": "Bad contact: every answer of a card has a wrong checksum",
}

AMBIENT_C = (0.0, 45.0)
TORSO: Mapping[str, tuple[float, float, float]] = {
    "skin_c": (28.0, 37.0, 33.5),
    "asymmetry_k": (-3.0, 3.0, 0.0),
    "distance": (0.4, 4.0, 1.0),
    "x": (-0.6, 0.6, 0.0),
    "y": (-0.6, 0.6, 0.0),
    "motion": (0.0, 0.2, 0.0),
    "spot_k": (0.0, 4.0, 0.0),
    "spot_x": (-0.35, 0.35, 0.18),
    "spot_y": (-0.4, 0.4, 0.05),
    "seed": (1, 99, 1),
}
"""Lowest, highest and usual value of everything that can be changed about the made-up torso; units as in `drivers.sim.body`."""


class BenchPanel:
    """Levers on a `World`. Any thread may pull them: each ends in one assignment."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lamp = world.lamp
        self._torso = {name: usual for name, (_, _, usual) in TORSO.items()}
        self._body_kind = "torso" if isinstance(world.body, Torso) else "file" if world.body else "empty"
        self._cards: tuple[tuple[SimCard, str], ...] = ()
        self._seen: tuple[tuple[Body, float], NDArray[np.floating[Any]]] | None = None

    # -- cards

    def tap(self, preset: str = "ana", *, uid: str | None = None, beside: bool = False) -> None:
        """Lay a card on the reader: a preset, or any UID in hexadecimal; alone, or ``beside`` those that lie there."""
        card, label = self._card(preset, uid)
        lying = self._world.reader.cards
        kept = tuple((each, name) for each, name in self._cards if each in lying) if beside else ()
        self._cards = (*kept, (card, label))
        self._world.reader.cards = tuple(each for each, _ in self._cards)

    def pull(self) -> None:
        """Take all cards away."""
        self._cards = ()
        self._world.pull()

    def _card(self, preset: str, uid: str | None) -> tuple[SimCard, str]:
        if uid is not None:
            try:
                card = card_from_uid(uid)
            except ValueError as error:
                raise BenchError(f"{error}") from None
            return card, f"a card with {len(card.uid)} bytes"
        if preset not in PRESETS:
            raise BenchError(f"there is no such card; choose one of {', '.join(PRESETS)}, or type a UID")
        return PRESETS[preset].make(), PRESETS[preset].label

    # -- what stands in front of the sensor

    def leave(self) -> None:
        """Empty the room."""
        self._world.body, self._body_kind = None, "empty"

    def stand(self, values: Mapping[str, object]) -> None:
        """Put the torso there, with ``values`` changed; names and ranges are those of `TORSO`."""
        torso = dict(self._torso)
        for name, value in values.items():
            torso[name] = _in_range(name, value, TORSO.get(name))
        spots = (WarmSpot(torso["spot_x"], torso["spot_y"], torso["spot_k"]),) if torso["spot_k"] else ()
        body = Torso(
            distance=torso["distance"],
            x=torso["x"],
            y=torso["y"],
            motion=Motion(torso["motion"]),
            skin_c=torso["skin_c"],
            asymmetry_k=torso["asymmetry_k"],
            spots=spots,
            seed=int(torso["seed"]),
        )
        self._torso, self._world.body, self._body_kind = torso, body, "torso"

    def upload(self, content: bytes) -> None:
        """Put a thermogram from a ``.npy`` file in front of the sensor, filling its view. Raises `BadThermogram`."""
        self._world.body, self._body_kind = _read_thermogram(content), "file"

    # -- the room, and what is broken in it

    def set_ambient(self, celsius: object) -> None:
        """Set the room's temperature in °C."""
        self._world.ambient_c = _in_range("ambient_c", celsius, AMBIENT_C)

    def switch(self, fault: str, on: bool) -> None:
        """Break or mend one thing."""
        if fault not in FAULTS:
            raise BenchError(f"there is no such fault; there are {', '.join(FAULTS)}")
        self._world.faults.set(fault, on)

    def mend(self) -> None:
        """Mend everything."""
        self._world.faults.clear()

    # -- looking

    def state(self) -> dict[str, Any]:
        """Return everything that the bench page shows, ready for JSON."""
        lying = self._world.reader.cards
        labels = {id(card): label for card, label in self._cards}
        return {
            "cards": [labels.get(id(card), "a card") for card in lying],
            "body": self._body_kind,
            "torso": self._torso,
            "ambient_c": self._world.ambient_c,
            "faults": list(self._world.faults.active()),
            "lamp": self._lights(),
            "scene": self._scene(),
        }

    def choices(self) -> dict[str, Any]:
        """Return what there is to choose from, ready for JSON."""
        return {
            "cards": {name: {"label": preset.label, "note": preset.note} for name, preset in PRESETS.items()},
            "faults": dict(FAULTS),
            "torso": {name: {"low": low, "high": high, "usual": usual} for name, (low, high, usual) in TORSO.items()},
            "ambient_c": list(AMBIENT_C),
        }

    def _lights(self) -> dict[str, Any]:
        now = self._world.clock.monotonic()
        last = [{"signal": signal, "ago_s": round(max(0.0, now - at), 1)} for at, signal in tuple(self._lamp.log)[-1:-7:-1]]
        return {"signal": self._lamp.signal, "last": last}

    def _scene(self) -> dict[str, Any]:
        """What the sensor looks at, 24×32 ideal pixels in tenths of a °C."""
        body: Body = self._world.body or EmptyRoom()
        key = (body, self._world.ambient_c)
        if body.moves or self._seen is None or self._seen[0] != key:
            self._seen = key, body.celsius_at(self._world.clock.monotonic(), self._world.ambient_c)
        celsius = self._seen[1]
        return {
            "low_c": round(float(celsius.min()), 1),
            "high_c": round(float(celsius.max()), 1),
            "tenths_c": np.rint(celsius * 10).astype(int).tolist(),
        }


def _in_range(name: str, value: object, limits: tuple[float, ...] | None) -> float:
    if limits is None:
        raise BenchError(f'there is no "{name}" to change')
    if isinstance(value, bool) or not isinstance(value, int | float) or not limits[0] <= value <= limits[1]:
        raise BenchError(f"{name} is a number from {limits[0]:g} to {limits[1]:g}")
    return float(value)


def _read_thermogram(content: bytes) -> Thermogram:
    try:
        array = np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, OSError, EOFError, MemoryError, SyntaxError) as error:
        raise BadThermogram(f"this is no NumPy file (.npy) with plain numbers: {error}") from error
    if not isinstance(array, np.ndarray):
        raise BadThermogram("this is an archive of arrays (.npz); save the one thermogram with numpy.save instead")
    if array.ndim == 2 and max(array.shape) > LARGEST_SIDE:
        raise BadThermogram(f"a side of {max(array.shape)} pixels is too long; make it at most {LARGEST_SIDE}")
    try:
        return Thermogram(array)
    except BadScene as error:
        raise BadThermogram(f"{error}") from error
