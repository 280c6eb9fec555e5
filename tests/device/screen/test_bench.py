from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from device.screen.bench import AMBIENT_C, FAULTS, PRESETS, TORSO, BenchPanel
from device.screen.errors import BadThermogram, BenchError
from device.screen.server import ScreenServer
from drivers.clock import VirtualClock
from drivers.errors import CardUnreadable, DeadlineExceeded, DriverError, SeveralCards, UnusableCard
from drivers.mfrc522.reader import Mfrc522Reader
from drivers.mlx90640.camera import Mlx90640Camera
from drivers.protocols import Signal
from drivers.sim.body import Thermogram, Torso
from drivers.sim.faults import Faults
from drivers.sim.world import World
from tests.device.screen.conftest import Client


@pytest.fixture
def world() -> World:
    return World(VirtualClock())


@pytest.fixture
def panel(world: World) -> BenchPanel:
    return BenchPanel(world)


@pytest.fixture
def reader(world: World) -> Mfrc522Reader:
    return Mfrc522Reader(world.spi, world.clock)


def npy(array: NDArray[Any]) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


# -- cards, as the real driver reads them


@pytest.mark.parametrize("preset", ["ana", "ben", "classic", "desfire", "long"])
def test_a_tap_is_read(panel: BenchPanel, reader: Mfrc522Reader, preset: str) -> None:
    assert reader.poll() is None
    panel.tap(preset)
    assert reader.poll() is not None
    assert panel.state()["cards"] == [PRESETS[preset].label]
    panel.pull()
    assert reader.poll() is None
    assert panel.state()["cards"] == []


def test_each_preset_is_another_card(panel: BenchPanel, reader: Mfrc522Reader) -> None:
    uids = set()
    for preset in ("ana", "ben", "classic", "desfire", "long"):
        panel.tap(preset)
        card = reader.poll()
        assert card is not None
        uids.add(card.uid)
    assert len(uids) == 5


@pytest.mark.parametrize(("preset", "error"), [("phone", UnusableCard), ("truncated", UnusableCard), ("liar", CardUnreadable)])
def test_cards_that_are_refused(panel: BenchPanel, reader: Mfrc522Reader, preset: str, error: type[DriverError]) -> None:
    panel.tap(preset)
    with pytest.raises(error):
        reader.poll()


def test_a_second_card_beside_the_first(panel: BenchPanel, reader: Mfrc522Reader) -> None:
    panel.tap("ana")
    panel.tap("ben", beside=True)
    assert panel.state()["cards"] == ["Ana's card", "Ben's card"]
    with pytest.raises(SeveralCards):
        reader.poll()
    panel.tap("ben")
    assert panel.state()["cards"] == ["Ben's card"]


def test_a_typed_uid(panel: BenchPanel, reader: Mfrc522Reader) -> None:
    panel.tap(uid="04 A3 C6 CA E2 61 80")
    card = reader.poll()
    assert card is not None
    assert card.uid == bytes.fromhex("04A3C6CAE26180")
    assert "04A3C6" not in str(panel.state())


@pytest.mark.parametrize("uid", ["", "xyz", "04A3", "04A3C6CAE261800000000000"])
def test_a_uid_that_is_none(panel: BenchPanel, uid: str) -> None:
    with pytest.raises(BenchError, match="8, 14 or 20 hexadecimal"):
        panel.tap(uid=uid)
    assert panel.state()["cards"] == []


def test_an_unknown_preset(panel: BenchPanel) -> None:
    with pytest.raises(BenchError, match="choose one of ana, ben"):
        panel.tap("zoe")


# -- the body, as the real driver sees it


def test_body_comes_and_goes(panel: BenchPanel, world: World) -> None:
    camera = Mlx90640Camera(world.i2c, world.clock)
    assert panel.state()["body"] == "empty"
    empty = camera.capture(5.0).celsius
    panel.stand({})
    assert panel.state()["body"] == "torso"
    there = camera.capture(5.0).celsius
    assert there.max() > empty.max() + 5
    panel.leave()
    assert world.body is None


def test_torso_keeps_what_was_changed(panel: BenchPanel, world: World) -> None:
    panel.stand({"asymmetry_k": 1.5, "distance": 2})
    panel.stand({"spot_k": 2.0, "motion": 0.1})
    assert isinstance(world.body, Torso)
    assert (world.body.asymmetry_k, world.body.distance, world.body.motion.amplitude) == (1.5, 2.0, 0.1)
    assert world.body.spots[0].kelvin == 2.0
    assert panel.state()["torso"]["distance"] == 2.0


@pytest.mark.parametrize(
    "values", [{"asymmetry_k": 99}, {"distance": 0}, {"x": "left"}, {"x": True}, {"x": float("nan")}, {"wings": 2}]
)
def test_a_torso_that_nobody_has(panel: BenchPanel, world: World, values: dict[str, object]) -> None:
    with pytest.raises(BenchError):
        panel.stand(values)
    assert world.body is None


@pytest.mark.parametrize("name", TORSO)
def test_every_slider_reaches_both_ends(panel: BenchPanel, name: str) -> None:
    low, high, usual = TORSO[name]
    assert low <= usual <= high
    for value in (low, high):
        panel.stand({name: value})
        assert np.isfinite(panel.state()["scene"]["tenths_c"]).all()


def test_thermogram_from_a_file(panel: BenchPanel, world: World) -> None:
    panel.upload(npy(np.full((48, 64), 31.5, np.float32)))
    assert isinstance(world.body, Thermogram)
    assert panel.state()["body"] == "file"
    assert panel.state()["scene"]["high_c"] == 31.5


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "no NumPy file"),
        (b"GIF89a", "no NumPy file"),
        (npy(np.zeros((24, 32)))[:200], "no NumPy file"),
        (npy(np.array([{"a": 1}] * 4, dtype=object)), "no NumPy file"),
        (npy(np.full((10, 10), 30.0)), "at least 24×32"),
        (npy(np.full((24, 32, 3), 30.0)), "2-D array"),
        (npy(np.full((24, 32), "30")), "2-D array"),
        (npy(np.full((24, 32), np.nan)), "NaN"),
        (npy(np.full((24, 32), 3000.0)), "°C"),
        (npy(np.zeros((24, 5000))), "at most 4096"),
    ],
    ids=["empty", "gif", "truncated", "objects", "small", "colour", "text", "nan", "kelvin", "long"],
)
def test_files_that_are_no_thermograms(panel: BenchPanel, world: World, content: bytes, complaint: str) -> None:
    with pytest.raises(BadThermogram, match=complaint):
        panel.upload(content)
    assert world.body is None


def test_an_archive_is_no_thermogram(panel: BenchPanel) -> None:
    file = io.BytesIO()
    np.savez(file, celsius=np.full((24, 32), 30.0))
    with pytest.raises(BadThermogram, match=r"\.npz"):
        panel.upload(file.getvalue())


# -- room, faults, lamp


def test_every_fault_has_a_description_and_a_switch(panel: BenchPanel, world: World) -> None:
    assert set(FAULTS) == set(Faults.names())
    for fault in FAULTS:
        panel.switch(fault, True)
        assert fault in world.faults.active()
        panel.switch(fault, False)
        assert world.faults.active() == ()


def test_faults_reach_the_driver_and_are_mended(panel: BenchPanel, world: World) -> None:
    camera = Mlx90640Camera(world.i2c, world.clock)
    panel.switch("sensor_silent", True)
    with pytest.raises(DeadlineExceeded):
        camera.capture(2.0)
    panel.mend()
    camera.reopen()
    assert camera.capture(5.0).celsius.shape == (24, 32)


def test_unknown_fault(panel: BenchPanel) -> None:
    with pytest.raises(BenchError, match="no such fault; there are i2c_nack"):
        panel.switch("gravity", True)


@pytest.mark.parametrize("celsius", [AMBIENT_C[0] - 1, AMBIENT_C[1] + 1, "22", None, True, float("nan")])
def test_a_room_that_is_none(panel: BenchPanel, world: World, celsius: object) -> None:
    with pytest.raises(BenchError, match="ambient_c is a number from"):
        panel.set_ambient(celsius)
    assert world.ambient_c == 22.0


def test_lamp_is_shown_latest_first(panel: BenchPanel, world: World) -> None:
    world.lamp.show(Signal.READY)
    world.clock.sleep(2.0)
    world.lamp.show(Signal.SEEN)
    lamp = panel.state()["lamp"]
    assert lamp["signal"] == "seen"
    assert lamp["last"] == [{"signal": "seen", "ago_s": 0.0}, {"signal": "ready", "ago_s": 2.0}]


# -- over HTTP


@pytest.fixture
def bench(panel: BenchPanel) -> Iterator[Client]:
    server = ScreenServer(0, bench=panel)
    assert server.bench_url == f"{server.url}bench"
    yield Client(server.port)
    server.close()


def test_bench_page_and_choices(bench: Client) -> None:
    assert "Bench" in bench.get("/bench").text
    choices = bench.get("/bench/choices").json
    assert set(choices["cards"]) == set(PRESETS)
    assert set(choices["faults"]) == set(FAULTS)


def test_each_act(bench: Client, world: World) -> None:
    acts: list[tuple[dict[str, Any], str, Any]] = [
        ({"act": "tap", "preset": "ana", "beside": False}, "cards", ["Ana's card"]),
        ({"act": "tap", "uid": "5A3B1C9D", "beside": True}, "cards", ["Ana's card", "a card with 4 bytes"]),
        ({"act": "pull"}, "cards", []),
        ({"act": "stand", "torso": {"x": 0.1}}, "body", "torso"),
        ({"act": "leave"}, "body", "empty"),
        ({"act": "ambient", "celsius": 30.5}, "ambient_c", 30.5),
        ({"act": "switch", "fault": "reader_gone", "on": True}, "faults", ["reader_gone"]),
        ({"act": "mend"}, "faults", []),
    ]
    for message, member, expected in acts:
        answer = bench.post("/bench/act", message)
        assert (answer.status, answer.json[member]) == (200, expected), message
    assert bench.get("/bench/state").json["ambient_c"] == 30.5


@pytest.mark.parametrize(
    "message",
    [
        [],
        {},
        {"act": "explode"},
        {"act": "tap"},
        {"act": "tap", "preset": "zoe", "beside": False},
        {"act": "tap", "uid": "zz", "beside": False},
        {"act": "switch", "fault": "i2c_nack", "on": "yes"},
        {"act": "ambient", "celsius": "warm"},
        {"act": "stand", "torso": {"x": []}},
    ],
)
def test_acts_that_do_not_exist(bench: Client, message: object) -> None:
    answer = bench.post("/bench/act", message)
    assert answer.status == 400
    assert len(answer.text) > 20


def test_upload(bench: Client, world: World) -> None:
    answer = bench.post("/bench/thermogram", npy(np.full((24, 32), 33.0)), Content_Type="application/octet-stream")
    assert (answer.status, answer.json["body"]) == (200, "file")
    answer = bench.post("/bench/thermogram", b"not a file", Content_Type="application/octet-stream")
    assert answer.status == 400
    assert "no NumPy file" in answer.text
    assert isinstance(world.body, Thermogram)


def test_upload_that_is_too_large(bench: Client) -> None:
    answer = bench.post("/bench/thermogram", bytes(17 * 2**20), Content_Type="application/octet-stream")
    assert answer.status == 413


def test_strangers_cannot_pull_levers(bench: Client, world: World) -> None:
    answer = bench.post("/bench/act", {"act": "tap", "preset": "ana", "beside": False}, Origin="https://evil.example")
    assert answer.status == 403
    assert world.reader.cards == ()
