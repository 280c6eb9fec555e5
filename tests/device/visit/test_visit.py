"""A visit from tap to record through the real drivers, the real store and the real bundle."""

from __future__ import annotations

import json
import logging
import re

import numpy as np
import pytest

from device.process.time import VirtualTimekeeper
from device.screen.scripted import AGREEABLE, Answer
from device.screen.view import Page, Say
from device.store.catalogue import list_records
from device.store.records import Lane
from device.visit.patients import valid_patient_reference
from device.visit.reasons import Reason
from device.visit.table import State
from drivers.mlx90640.camera import Mlx90640Camera
from drivers.mlx90640.optics import NARROW
from drivers.protocols import Signal
from drivers.sim.body import Torso
from drivers.sim.world import World
from models.breast import BreastModel
from models.bundle import default_bundle
from models.chest_gate import ChestGate
from models.prediction import Outcome
from tests.device.visit.booth import ANA, BEN, Booth, FixedModel, configured
from tests.device.visit.conftest import MakeBooth


def test_a_new_card_is_registered_and_screened(booth: Booth) -> None:
    document = booth.visit()
    assert booth.screen.pages == [
        Page.REST, Page.SEEN, Page.NEW_CARD, Page.CHOOSE_PIN, Page.PREPARE, Page.POSITION, Page.CAPTURE, Page.WORKING,
        Page.RESULT, Page.REST,
    ]  # fmt: skip
    consent, screening = booth.documents()
    assert (consent["modality"], screening["modality"]) == ("consent", "thermal")
    assert consent["patient"] == screening["patient"]
    assert valid_patient_reference(document["patient"])
    assert document["mode"] == "registration"
    assert document["patient_confirmed"] is False
    assert document["state"] == "saved"


def test_the_document_has_what_docs_record_md_lists(booth: Booth) -> None:
    document = booth.visit()
    assert set(document) == {
        "schema", "id", "patient", "patient_confirmed", "modality", "site", "kiosk", "captured_at", "clock_synchronised",
        "boot_id", "monotonic_s", "state", "mode", "consent", "quality", "asymmetry", "prediction", "result", "photo", "timing",
        "parts",
    }  # fmt: skip
    assert set(document["quality"]) == {
        "frames", "rejected", "noise_k", "target_noise_k", "ambient_c", "sensor_ambient_c", "supply_v", "bad_pixels",
        "emissivity", "reflected_c", "refresh_hz", "prepare_skipped", "gates",
    }  # fmt: skip
    assert set(document["asymmetry"]) == {"difference_k", "uncertainty_k", "left_c", "right_c"}
    assert document["photo"] is None, "no photographs unless the configuration says so"
    assert set(document["parts"]) == {"capture.npz"}
    assert set(document["timing"]) == {"tap_to_ack_ms", "integration_s", "tap_to_result_s"}
    assert set(document["quality"]["gates"].values()) == {True}
    assert document["quality"]["noise_k"] <= 0.1
    assert document["quality"]["ambient_c"] == pytest.approx(22.0, abs=0.1)
    assert document["captured_at"].startswith("2026-11-20T09:30:")


def test_the_raw_words_replay_to_the_saved_picture(booth: Booth) -> None:
    """Raw first: EEPROM and words alone give the saved temperatures again."""
    from drivers.mlx90640.calibration import Calibration
    from drivers.mlx90640.registers import CHESS, RAM_WORDS, subpage_pixels, to_scene
    from drivers.mlx90640.temperature import Thermometer

    document = booth.visit()
    arrays = booth.arrays(document["id"])
    frames = document["quality"]["frames"]
    assert arrays["raw"].shape == (frames, 2, 834)
    thermometer = Thermometer(Calibration.from_eeprom(arrays["eeprom"]))
    total = np.zeros(768)
    for frame in arrays["raw"]:
        for number, words in enumerate(frame):
            signed, control = np.ascontiguousarray(words[:RAM_WORDS]).view(np.int16), int(words[RAM_WORDS])
            found = thermometer.surroundings(signed, control)
            celsius = thermometer.object_c(signed, control, number, found, 0.98, found.ambient_c - 8.0)
            total[subpage_pixels(bool(control & CHESS), number)] += celsius
    assert np.abs(arrays["celsius"] - to_scene(total / frames, rotated=False)).max() < 1e-3
    assert arrays["asymmetry"].shape == arrays["map"].shape == arrays["bad"].shape == (24, 32)


def test_the_picture_is_what_stood_there(booth: Booth) -> None:
    document = booth.visit()
    scene = Torso().celsius_at(0.0, 22.0)
    error = booth.arrays(document["id"])["celsius"] - scene
    assert np.sqrt(np.mean(error**2)) < 0.15


def test_a_known_card_is_in_operation_mode_under_the_same_reference(booth: Booth) -> None:
    first, second = booth.visit(), booth.visit()
    assert second["patient"] == first["patient"]
    assert second["mode"] == "operation"
    assert booth.modalities() == ["consent", "thermal", "thermal"]
    assert booth.visit(BEN)["patient"] != first["patient"], "cards that begin alike are two patients"


def test_a_patient_is_known_after_a_restart(make_booth: MakeBooth) -> None:
    first = make_booth()
    patient = first.visit()["patient"]
    first.close()
    assert make_booth().visit()["patient"] == patient


def test_consents_are_recorded_as_given(make_booth: MakeBooth) -> None:
    generous = make_booth("a", answers={**AGREEABLE, Page.NEW_CARD: Answer(Say.AGREE, {"training": True})})
    generous.screen.language = "es"
    documents = [generous.visit(), generous.visit()]
    assert [each["consent"]["training"] for each in documents] == [True, True], "remembered for the next visit"
    assert generous.documents()[0]["consent"] == {
        "text_version": "1", "screening": True, "photo": False, "training": True, "language": "es",
    }  # fmt: skip
    assert make_booth("b").visit()["consent"]["training"] is False


def test_who_declines_leaves_nothing_behind(make_booth: MakeBooth) -> None:
    booth = make_booth(answers={Page.NEW_CARD: Answer(Say.DECLINE)})
    booth.tap(ANA)
    booth.until_state(State.CANCELLED)
    assert booth.reason == Reason.DECLINED
    booth.leave()
    assert booth.record_ids() == []
    booth.tap(ANA)
    booth.until_state(State.CANCELLED)
    assert Page.NEW_CARD in booth.screen.pages[-3:], "the card is still new"


@pytest.mark.parametrize(
    ("outcome", "result", "lane", "retry"),
    [
        (Outcome.BELOW_THRESHOLD, "nothing_unusual", Lane.ROUTINE, False),
        (Outcome.ABOVE_THRESHOLD, "doctor_will_look", Lane.URGENT, False),
        (Outcome.ABSTAINED, "doctor_will_look", Lane.URGENT, False),
        (Outcome.OUT_OF_DOMAIN, "not_assessed", Lane.ROUTINE, True),
    ],
)
def test_each_outcome_has_its_page_and_its_lane(
    make_booth: MakeBooth, outcome: Outcome, result: str, lane: Lane, retry: bool
) -> None:
    booth = make_booth(model=FixedModel(outcome))
    booth.tap(ANA)
    booth.until_state(State.RESULT)
    assert booth.view.data["result"] == result
    assert booth.view.data["retry"] is retry
    assert booth.documents()[-1]["prediction"]["outcome"] == outcome
    assert booth.documents()[-1]["result"] == result
    assert list_records(booth.data_dir)[-1].lane is lane


def test_the_shipped_bundle_reads_what_the_sensor_saw(make_booth: MakeBooth) -> None:
    model = BreastModel.load(default_bundle("breast"))
    booth = make_booth(model=model)
    document = booth.visit()
    celsius = booth.arrays(document["id"])["celsius"]
    expected = model.assess(celsius)
    assert document["prediction"]["outcome"] == expected.outcome
    assert document["prediction"]["probability"] == expected.probability
    assert document["prediction"]["bundle_sha256"] == expected.bundle_sha256
    assert document["prediction"]["gate_sha256"] == expected.gate_sha256 == ChestGate.load().bundle.sha256


def test_a_model_that_fails_costs_its_answer_and_not_the_picture(make_booth: MakeBooth) -> None:
    class Broken(FixedModel):
        def assess(self, celsius: np.ndarray) -> None:  # type: ignore[override]
            raise RuntimeError("the interpreter has lost its way")

    booth = make_booth(model=Broken())
    document = booth.visit()
    assert document["prediction"] is None
    assert document["result"] == "not_assessed"
    assert np.isnan(booth.arrays(document["id"])["map"]).all()


def test_trying_again_after_a_picture_that_could_not_be_used(make_booth: MakeBooth) -> None:
    model = FixedModel(Outcome.OUT_OF_DOMAIN)
    booth = make_booth(model=model)
    booth.tap(ANA)
    booth.until_state(State.RESULT)
    model.outcome = Outcome.BELOW_THRESHOLD
    booth.say(Say.RETRY)
    booth.until_state(State.RESULT)
    assert booth.view.data["result"] == "nothing_unusual"
    assert [each["result"] for each in booth.documents()[1:]] == ["not_assessed", "nothing_unusual"]


def test_a_result_cannot_be_tried_again_when_that_was_not_offered(booth: Booth) -> None:
    booth.tap(ANA)
    booth.until_state(State.RESULT)
    booth.say(Say.RETRY)
    assert booth.state is State.RESULT


def test_done_and_time_wipe_the_result(booth: Booth) -> None:
    booth.tap(ANA)
    booth.until_state(State.RESULT)
    booth.say(Say.DONE)
    assert booth.state is State.IDLE
    assert booth.view.page is Page.REST
    booth.leave()
    booth.tap(ANA)
    booth.until_state(State.RESULT)
    booth.until_state(State.IDLE, limit_s=booth.config.visit.result_shown_s + 1)
    assert booth.view.page is Page.REST


def test_a_card_that_stays_does_not_begin_another_visit(booth: Booth) -> None:
    booth.tap(ANA)
    booth.until_state(State.RESULT)
    booth.until_state(State.IDLE)
    booth.run(30.0)
    assert booth.state is State.IDLE
    assert booth.view.data["notice"] == Reason.TAKE_YOUR_CARD
    assert booth.modalities() == ["consent", "thermal"]
    booth.leave()
    assert booth.view.data["notice"] is None
    booth.visit()
    assert booth.modalities() == ["consent", "thermal", "thermal"]


def test_the_acknowledgement_comes_within_a_tenth_of_a_second_on_screen_and_lamp(booth: Booth) -> None:
    """On the virtual clock every transfer takes the time that its wire needs; the patient taps at any moment of the loop."""
    delays = []
    for number in range(20):
        booth.run(0.1 + 0.037 * (number % 10))
        tapped_s = booth.time.monotonic()
        booth.tap(ANA)
        booth.until(lambda: booth.view.page is not Page.REST, limit_s=1.0)
        delays.append(booth.time.monotonic() - tapped_s)
        assert any(signal is Signal.SEEN for _, signal in list(booth.world.lamp.log)[-3:])
        booth.world.pull()
        booth.until_state(State.IDLE)
    assert max(delays) <= 0.1


def test_the_result_comes_as_soon_as_physics_allows(booth: Booth) -> None:
    booth.visit()
    ratios = []
    for number in range(8):
        booth.run(0.1 + 0.043 * number)
        tapped_s = booth.time.monotonic()
        booth.tap(ANA)
        booth.until_state(State.RESULT)
        took_s = booth.time.monotonic() - tapped_s
        booth.leave()
        timing = booth.documents()[-1]["timing"]
        ratios.append(took_s / timing["integration_s"])
        assert timing["tap_to_result_s"] == pytest.approx(took_s, abs=0.15)
        assert timing["tap_to_ack_ms"] <= 150
    assert max(ratios) <= 1.05


def test_preparing_waits_when_nobody_is_in_a_hurry(make_booth: MakeBooth) -> None:
    patient = {page: answer for page, answer in AGREEABLE.items() if page is not Page.PREPARE}
    booth = make_booth(answers=patient, config=configured(capture={"prepare_s": 25.0}))
    booth.tap(ANA)
    booth.until_state(State.PREPARE)
    booth.run(15.0)
    assert booth.view.page is Page.PREPARE
    assert booth.view.data["seconds"] == 25
    assert booth.view.data["seconds_left"] == pytest.approx(10, abs=1)
    booth.until_state(State.RESULT, limit_s=30.0)
    assert booth.documents()[-1]["quality"]["prepare_skipped"] is False


def test_a_patient_who_moves_gets_a_sharp_picture_later(booth: Booth) -> None:
    booth.tap(ANA)
    booth.until_state(State.CAPTURE)
    booth.run(1.5)
    filled = booth.view.data["progress"]
    booth.world.body = Torso(x=0.05)
    booth.run(0.6)
    assert booth.view.data["progress"] < filled
    booth.world.body = Torso()
    booth.until_state(State.RESULT)
    document = booth.documents()[-1]
    assert document["quality"]["rejected"] >= 2
    error = booth.arrays(document["id"])["celsius"] - Torso().celsius_at(0.0, 22.0)
    assert np.sqrt(np.mean(error**2)) < 0.15


@pytest.mark.parametrize(
    ("body", "instruction"),
    [
        (None, Reason.STAND_HERE),
        (Torso(x=0.15), Reason.MOVE_RIGHT),
        (Torso(x=-0.15), Reason.MOVE_LEFT),
        (Torso(distance=2.3), Reason.COME_CLOSER),
        (Torso(distance=0.55), Reason.STEP_BACK),
    ],
)
def test_one_instruction_at_a_time_until_it_fits(booth: Booth, body: Torso | None, instruction: Reason) -> None:
    booth.world.body = body
    booth.run(1.0)
    booth.tap(ANA)
    booth.until_state(State.POSITION)
    booth.run(2.0)
    assert booth.view.data["instruction"] == instruction
    assert booth.view.data["fits"] is False
    preview = np.array(booth.view.data["preview"])
    assert preview.shape == (24, 32)
    assert 0 <= preview.min() <= preview.max() <= 255
    booth.world.body = Torso()
    booth.until_state(State.RESULT)


def test_who_walks_away_during_the_capture_is_asked_back(booth: Booth) -> None:
    booth.tap(ANA)
    booth.until_state(State.CAPTURE)
    booth.run(1.0)
    booth.world.body = None
    booth.until_state(State.POSITION)
    booth.world.body = Torso()
    booth.until_state(State.RESULT)
    assert booth.documents()[-1]["quality"]["rejected"] == 0, "the capture began afresh"


def test_nothing_of_a_patient_is_in_the_log(booth: Booth, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    booth.screen.answers[Page.CHOOSE_PIN] = Answer(Say.PIN, "271828")
    booth.screen.answers[Page.PIN] = Answer(Say.PIN, "271828")
    booth.visit()
    booth.visit()
    text = caplog.text + repr(booth.kiosk.visit.session) + repr(booth.screen)
    assert "visit" in text
    assert ANA.lower() not in text.lower()
    assert "271828" not in text
    assert "array(" not in text
    assert not re.search(r"\b[0-9a-f]{64}\b", text), "no card reference either"


def test_nothing_of_a_patient_is_in_a_view_but_the_preview(booth: Booth) -> None:
    document = booth.visit()
    shown = json.dumps([{**view.data} for view in booth.screen.views])
    assert document["patient"] not in shown
    assert ANA not in shown


def test_the_wall_clock_may_jump_ten_years_in_the_middle(make_booth: MakeBooth) -> None:
    from datetime import timedelta

    for name, jump in (("forward", timedelta(days=3653)), ("back", timedelta(days=-3653))):
        time = VirtualTimekeeper()
        booth = make_booth(name, time=time)
        booth.tap(ANA)
        booth.until_state(State.CAPTURE)
        booth.run(1.0)
        began_s = time.monotonic()
        time.jump(jump)
        booth.until_state(State.RESULT, limit_s=6.0)
        document = booth.documents()[-1]
        assert document["timing"]["tap_to_result_s"] < 6.0
        assert document["monotonic_s"] >= began_s
        assert document["clock_synchronised"] is (name == "forward"), "a time before this software was made is no time"
        assert document["captured_at"][:4] == ("2036" if name == "forward" else "2016")


def test_the_narrow_lens_takes_its_twelve_seconds(make_booth: MakeBooth) -> None:
    time = VirtualTimekeeper()
    world = World(time, optics=NARROW)
    world.body = Torso()
    booth = make_booth(config=configured(sensor={"optics": "55x35"}), time=time, world=world)
    document = booth.visit()
    assert document["timing"]["integration_s"] == pytest.approx(12.5, abs=1.0)
    assert document["quality"]["noise_k"] <= 0.1
    assert isinstance(booth.kiosk.sensor.camera, Mlx90640Camera)
