"""One visit without a screen: what `firstlight visit` does."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from device.kiosk.single import make_visit
from device.process.config import Config
from device.store.catalogue import list_records
from device.visit.errors import REMEDIES, VisitNotFinished
from device.visit.reasons import Reason
from drivers.errors import BadScene
from drivers.sim.body import Torso
from tests.device.visit.scenes import thermograms

CONFIG = Config().simulated()
CARD = "04A3C6CAE26180"


def scene(tmp_path: Path, celsius: object) -> Path:
    path = tmp_path / "scene.npy"
    np.save(path, np.asarray(celsius))
    return path


def test_a_scene_from_a_file_becomes_a_saved_record(tmp_path: Path) -> None:
    image = np.kron(Torso().celsius_at(0.0, 22.0), np.ones((5, 5)))
    document = make_visit(CONFIG, tmp_path / "data", card_uid=CARD, scene=scene(tmp_path, image), fast=True)
    assert document["state"] == "saved"
    assert [each.id for each in list_records(tmp_path / "data")][-1] == document["id"]
    assert document["quality"]["noise_k"] <= 0.1
    assert CARD.lower() not in json.dumps(document).lower()


def test_a_real_thermogram_travels_through_registers_and_network_into_a_record(tmp_path: Path) -> None:
    document = make_visit(CONFIG, tmp_path, card_uid=CARD, scene=thermograms()[0], fast=True)
    assert document["prediction"] is not None
    assert document["asymmetry"]["uncertainty_k"] > 0


@pytest.mark.parametrize(
    ("celsius", "words"),
    [
        (np.full((24, 32), np.nan), "NaN"),
        (np.full((24, 32), np.inf), "infinite"),
        (np.zeros((3, 3)), "24×32"),
        (np.full((24, 32), 5000.0), "°C"),
        (np.zeros((24, 32, 3)), "2-D"),
        (np.array([["warm"] * 32] * 24), "numbers"),
    ],
)
def test_a_scene_that_is_none_is_refused_before_anything_is_kept(tmp_path: Path, celsius: object, words: str) -> None:
    with pytest.raises(BadScene, match=words):
        make_visit(CONFIG, tmp_path / "data", card_uid=CARD, scene=scene(tmp_path, celsius), fast=True)
    assert not (tmp_path / "data" / "store" / "store.db").exists()


@pytest.mark.parametrize("content", [b"", b"not numpy", b"\x93NUMPY\x01\x00"])
def test_a_file_that_is_no_array_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "scene.npy"
    path.write_bytes(content)
    with pytest.raises(BadScene, match=r"scene\.npy"):
        make_visit(CONFIG, tmp_path, card_uid=CARD, scene=path, fast=True)
    with pytest.raises(BadScene, match=r"missing\.npy"):
        make_visit(CONFIG, tmp_path, card_uid=CARD, scene=tmp_path / "missing.npy", fast=True)


def test_an_empty_room_ends_with_its_reason(tmp_path: Path) -> None:
    with pytest.raises(VisitNotFinished) as failed:
        make_visit(CONFIG, tmp_path, card_uid=CARD, scene=np.full((24, 32), 22.0), fast=True)
    assert failed.value.reason is Reason.NOBODY_THERE
    assert "stand in front" in str(failed.value)


@pytest.mark.parametrize("uid", ["08A3C6CA", "8804A3C6"])
def test_a_card_without_a_lasting_identity_ends_with_its_reason(tmp_path: Path, uid: str) -> None:
    with pytest.raises(VisitNotFinished) as failed:
        make_visit(CONFIG, tmp_path, card_uid=uid, fast=True)
    assert failed.value.reason is Reason.CARD_NOT_SUITABLE
    assert list_records(tmp_path) == []


@pytest.mark.parametrize("uid", ["", "04", "not hex!", "04A3C6CAE2618000"])
def test_what_is_no_uid_is_refused(tmp_path: Path, uid: str) -> None:
    with pytest.raises(ValueError):
        make_visit(CONFIG, tmp_path, card_uid=uid, fast=True)


def test_every_reason_has_a_remedy_for_the_technician() -> None:
    assert set(REMEDIES) == set(Reason)


def test_in_real_time_the_bars_hold_in_kind(tmp_path: Path) -> None:
    """The bench measures the figures; here only that a visit on the machine's own clock ends with the same record."""
    document = make_visit(CONFIG, tmp_path, card_uid=CARD)
    assert document["state"] == "saved"
    assert document["timing"]["tap_to_result_s"] > document["timing"]["integration_s"] * 0.9
