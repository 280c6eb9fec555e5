"""The optional photograph, through the real driver on a simulated picamera2."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from device.process.config import Config
from device.screen.scripted import AGREEABLE, Answer
from device.screen.view import Page, Say
from device.store.catalogue import open_record
from device.store.keys import load_opener
from device.visit.photo import DEADLINE_S, Photographer, jpeg_of
from device.visit.reasons import Reason
from device.visit.table import State
from drivers.clock import Clock, VirtualClock
from drivers.errors import DeadlineExceeded
from drivers.protocols import Photo
from drivers.sim.body import Torso
from drivers.sim.photo import FRAME_S
from tests.device.visit.booth import ANA, Booth, configured
from tests.device.visit.conftest import MakeBooth

WITH_PHOTO: Config = configured(photo={"url": "sim:"})
GREEN = (20, 200, 60)


@pytest.fixture
def booth(make_booth: MakeBooth) -> Booth:
    made = make_booth(config=WITH_PHOTO)
    made.world.photo.scene = np.full((48, 64, 3), GREEN, np.uint8)
    return made


def decoded(content: bytes) -> NDArray[np.uint8]:
    """R first."""
    import cv2

    bgr = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert bgr is not None
    return np.asarray(bgr[:, :, ::-1], np.uint8)


def photo_of(booth: Booth, record_id: str) -> NDArray[np.uint8]:
    part = open_record(booth.data_dir, record_id, load_opener(booth.data_dir)).parts["photo.jpg"]
    assert part.media_type == "image/jpeg"
    return decoded(part.content)


def test_a_visit_keeps_one_photograph_beside_the_thermal_picture(booth: Booth) -> None:
    document = booth.visit()
    photo = document["photo"]
    assert (photo["taken"], photo["aligned"], photo["width"], photo["height"]) == (True, False, 64, 48)
    assert 0 < photo["delay_s"] < 0.3
    assert set(document["parts"]) == {"capture.npz", "photo.jpg"}
    assert document["parts"]["photo.jpg"]["media_type"] == "image/jpeg"
    assert photo_of(booth, document["id"])[24, 32].astype(int) == pytest.approx(GREEN, abs=6), "red is red"


def test_a_photograph_is_aligned_where_a_homography_says_how(
    make_booth: MakeBooth, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("homography") / "homography.txt"
    file.write_text("0.025 0 0\n0 0.025 0\n0 0 1\n")  # 1280×960 pixels onto 32×24
    booth = make_booth(config=configured(photo={"url": "sim:", "homography": file}))
    document = booth.visit()
    assert document["photo"]["aligned"] is True
    assert photo_of(booth, document["id"]).shape == (480, 640, 3)


def test_no_thermal_frame_is_lost_for_it(make_booth: MakeBooth) -> None:
    """The same patient at the same moment, with and without: the same frames, and a result later by the photograph alone."""
    found = []
    for name, config in (("with", WITH_PHOTO), ("without", Config())):
        booth = make_booth(name, config=config)
        document = booth.visit()
        found.append((booth.arrays(document["id"])["raw"], document["timing"]))
    (raw, timing), (expected_raw, expected_timing) = found
    assert np.array_equal(raw, expected_raw)
    assert timing["tap_to_result_s"] - expected_timing["tap_to_result_s"] == pytest.approx(FRAME_S, abs=0.02)
    assert timing["tap_to_result_s"] / timing["integration_s"] <= 1.05


def test_a_camera_that_delivers_nothing_costs_its_deadline_and_not_the_visit(booth: Booth) -> None:
    whole = booth.visit()["timing"]["tap_to_result_s"]
    booth.world.photo.cable_loose = True
    document = booth.visit()
    assert document["photo"]["taken"] is False
    assert "ribbon cable" in document["photo"]["reason"]
    assert set(document["parts"]) == {"capture.npz"}
    assert document["prediction"] is not None
    assert document["timing"]["tap_to_result_s"] - whole == pytest.approx(DEADLINE_S, abs=0.3)
    booth.run(11.0)
    assert booth.view.data == {"accepting": True, "notice": None, "health": "warning"}
    booth.world.photo.cable_loose = False
    assert booth.visit()["photo"]["taken"] is True
    booth.run(11.0)
    assert booth.view.data["health"] == "ok"


def test_the_sensor_is_right_again_at_once_after_a_photograph_that_did_not_come(booth: Booth) -> None:
    booth.world.photo.cable_loose = True
    booth.visit()
    began_s = booth.time.monotonic()
    booth.visit()
    assert booth.time.monotonic() - began_s < 12.0, "no wait for a sensor that was opened anew"


def test_a_camera_that_cannot_be_opened_is_said_in_the_record(make_booth: MakeBooth, monkeypatch: pytest.MonkeyPatch) -> None:
    config = configured(photo={"url": "sim:", "homography": make_booth("elsewhere").data_dir / "absent.txt"})
    booth = make_booth(config=config)
    document = booth.visit()
    assert document["photo"]["taken"] is False
    assert "absent.txt" in document["photo"]["reason"]
    booth.run(11.0)
    assert booth.view.data["health"] == "warning"


def test_nobody_is_photographed_without_a_complete_capture(booth: Booth) -> None:
    assert booth.kiosk.photographer is not None
    booth.tap(ANA)
    booth.until_state(State.CAPTURE)
    booth.run(1.0)
    booth.world.body = None
    booth.until_state(State.POSITION)
    assert booth.kiosk.photographer.last is None
    booth.world.body = Torso()
    booth.until_state(State.CAPTURE)
    booth.world.pull()
    booth.until_state(State.CANCELLED)
    assert booth.kiosk.photographer.last is None, "who took the card away is not photographed"


# -- consent


def test_the_consent_page_speaks_of_the_photograph_where_one_is_taken(booth: Booth, make_booth: MakeBooth) -> None:
    document = booth.visit()
    (asked,) = [view for view in booth.screen.views if view.page is Page.NEW_CARD]
    assert asked.data["photo"] is True
    assert document["consent"]["photo"] is True
    without = make_booth("without")
    assert without.visit()["consent"]["photo"] is False
    assert [view.data["photo"] for view in without.screen.views if view.page is Page.NEW_CARD] == [False]


def test_who_agreed_before_there_was_a_photo_camera_is_asked_again(make_booth: MakeBooth) -> None:
    first = make_booth(answers={**AGREEABLE, Page.NEW_CARD: Answer(Say.AGREE, {"training": True})})
    patient = first.visit()["patient"]
    first.close()

    again = make_booth(config=WITH_PHOTO)
    documents = [again.visit(), again.visit()]
    assert {each["patient"] for each in documents} == {patient}
    assert [each["consent"]["photo"] for each in documents] == [True, True]
    (asked,) = [view for view in again.screen.views if view.page is Page.NEW_CARD]
    assert asked.data["again"] is True
    again.close()

    without = make_booth()
    assert without.visit()["photo"] is None
    assert Page.NEW_CARD not in without.screen.pages, "who agreed to more need not be asked for less"


def test_who_declines_the_photograph_is_not_photographed(make_booth: MakeBooth) -> None:
    booth = make_booth(config=WITH_PHOTO, answers={**AGREEABLE, Page.NEW_CARD: Answer(Say.DECLINE)})
    booth.tap(ANA)
    booth.until_state(State.CANCELLED)
    assert booth.reason == Reason.DECLINED
    assert booth.kiosk.photographer is not None
    assert booth.kiosk.photographer.last is None


# -- the photographer alone


class Scripted:
    """A photo camera that returns or raises what it was given."""

    def __init__(self, clock: Clock, *script: Photo | Exception) -> None:
        self._clock = clock
        self._script = list(script)
        self.closed = False

    def capture(self, timeout_s: float) -> Photo:
        self._clock.sleep(min(0.25, timeout_s))
        found = self._script.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    def close(self) -> None:
        self.closed = True


PICTURE = Photo(np.zeros((4, 6, 3), np.uint8), aligned=False)


@pytest.mark.parametrize(
    "fault",
    [RuntimeError("libcamera has lost its way"), DeadlineExceeded("no picture within 1 s"), OSError(5, "I/O"), MemoryError()],
)
def test_whatever_a_camera_raises_becomes_a_reason(fault: Exception) -> None:
    clock = VirtualClock()
    photographer = Photographer(Scripted(clock, fault, PICTURE), clock)
    missing = photographer.take(clock.monotonic())
    assert (missing.taken, missing.jpeg) == (False, b"")
    assert missing.reason
    assert photographer.fault is fault
    assert photographer.take(clock.monotonic()).taken
    assert photographer.fault is None


@pytest.mark.parametrize("shape", [(0, 0, 3), (4, 6), (4, 6, 4)])
def test_what_is_no_picture_is_a_reason(shape: tuple[int, ...]) -> None:
    clock = VirtualClock()
    photographer = Photographer(Scripted(clock, Photo(np.zeros(shape, np.uint8), aligned=False)), clock)
    assert "no colour picture" in photographer.take(0.0).reason


def test_the_delay_is_counted_from_the_last_thermal_frame() -> None:
    clock = VirtualClock()
    photographer = Photographer(Scripted(clock, PICTURE), clock)
    captured_s = clock.monotonic()
    clock.sleep(0.1)
    assert photographer.take(captured_s).delay_s == pytest.approx(0.35)


def test_a_photograph_shows_nothing_of_itself_and_is_not_remembered() -> None:
    clock = VirtualClock()
    camera = Scripted(clock, PICTURE)
    photographer = Photographer(camera, clock)
    photograph = photographer.take(0.0)
    assert "jpeg" not in repr(photograph)
    assert photographer.last is not None
    assert photographer.last.jpeg == b""
    photographer.close()
    assert camera.closed
    Photographer(None, clock, DeadlineExceeded("x")).close()


def test_a_photograph_carries_no_metadata() -> None:
    file = jpeg_of(np.zeros((8, 8, 3), np.uint8))
    assert file[:2] == b"\xff\xd8"
    assert b"Exif" not in file
