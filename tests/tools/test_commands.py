"""The commands as a technician and a script use them: in processes of their own, on files of their own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from device.process.time import SystemTimekeeper
from device.store.database import Store
from drivers.sim.body import Torso
from tests.checkout import ROOT

CARD = "04A3C6CAE26180"
DIFFERENCE_K = 1.5
GOLDEN = ROOT / ".." / "shared" / "data" / "thermal" / "breast_thermograms.npz"


def firstlight(*words: str | Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, "-m", "tools.cli.main", *map(str, words)]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=100, check=False, env=dict(os.environ))
    assert done.returncode == code, f"{done.returncode}: {done.stdout}{done.stderr}"
    assert CARD not in done.stdout + done.stderr, "a UID is never printed"
    assert "Traceback" not in done.stderr
    return done


def visit(data_dir: Path, *words: str | Path) -> dict[str, Any]:
    printed = firstlight("visit", "--sim", "--fast", "--card", CARD, "--data-dir", data_dir, "--json", *words).stdout
    document: dict[str, Any] = json.loads(printed)
    return document


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scene") / "torso.npy"
    celsius = Torso(vessels_k=0.0).celsius_at(0.0, 22.0)
    celsius[:, 16:][celsius[:, 16:] > 30] += DIFFERENCE_K  # the patient's left is at the right of the picture
    np.save(path, celsius)
    return path


def test_a_visit_from_the_tap_to_the_cloud(tmp_path: Path, scene: Path) -> None:
    first = visit(tmp_path, "--scene", scene)
    assert first["state"] == "saved"
    assert first["mode"] == "registration"
    assert first["quality"]["noise_k"] <= first["quality"]["target_noise_k"]
    assert first["quality"]["frames"] >= 12
    assert abs(first["asymmetry"]["difference_k"] - DIFFERENCE_K) < 2 * first["asymmetry"]["uncertainty_k"]
    assert 0 <= first["prediction"]["probability"] <= 1
    second = visit(tmp_path, "--scene", scene)
    assert (second["mode"], second["patient"]) == ("operation", first["patient"])
    report = json.loads(firstlight("sync", "--once", "--data-dir", tmp_path, "--json").stdout)
    assert {first["id"], second["id"]} <= {confirmed["id"] for confirmed in report["confirmed"]}
    assert report["remaining"] == 0
    listed = json.loads(firstlight("records", "list", "--data-dir", tmp_path, "--json").stdout)
    assert [(row["id"], row["state"]) for row in listed] == [(first["id"], "synced"), (second["id"], "synced")]
    shown = json.loads(firstlight("records", "show", first["id"], "--data-dir", tmp_path, "--json").stdout)
    assert shown == {**first, "state": "synced"}


def test_the_record_is_the_one_that_is_documented(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "record.md").read_text(encoding="utf-8")
    example = re.sub(r"//.*", "", page.partition("```jsonc\n")[2].partition("```")[0])
    assert shape(json.loads(example)) == shape(visit(tmp_path))


def shape(value: Any) -> Any:
    """Return the keys of a document, at every depth."""
    return {key: shape(item) for key, item in value.items()} if isinstance(value, dict) else None


def test_an_export_holds_the_image_and_what_it_was_made_of(tmp_path: Path, scene: Path) -> None:
    record = visit(tmp_path, "--scene", scene)
    out = tmp_path / "out.npz"
    firstlight("records", "export", record["id"], "--data-dir", tmp_path, "--out", out)
    with np.load(out) as arrays:
        assert arrays["celsius"].shape == arrays["map"].shape == (24, 32)
        assert arrays["raw"].shape == (record["quality"]["frames"], 2, 834)
        assert arrays["eeprom"].shape == (832,)
        error = arrays["celsius"] - np.load(scene)
    assert np.sqrt(np.mean(error**2)) < 2 * record["quality"]["noise_k"]


def test_an_export_can_be_replayed_through_the_driver(tmp_path: Path, scene: Path) -> None:
    from drivers.clock import VirtualClock
    from drivers.open import open_thermal_camera

    record = visit(tmp_path, "--scene", scene)
    out = tmp_path / "out.npz"
    firstlight("records", "export", record["id"], "--data-dir", tmp_path, "--out", out)
    clock, frames = VirtualClock(), list[NDArray[np.float32]]()
    camera = open_thermal_camera(f"replay:{out}", clock, emissivity=record["quality"]["emissivity"])
    while len(frames) < record["quality"]["frames"]:
        frame = camera.poll()
        if frame is not None:
            frames.append(frame.celsius)
        clock.sleep(0.01)
    with np.load(out) as arrays:
        assert np.allclose(np.mean(frames, axis=0, dtype=np.float64), arrays["celsius"], atol=1e-4)


@pytest.mark.skipif(not GOLDEN.exists(), reason="the thermograms of ../shared are not on this machine")
def test_real_thermograms_go_all_the_way(tmp_path: Path) -> None:
    with np.load(GOLDEN) as data:
        images = data["cC"][data["recommended"].astype(bool)][[3, 40, 77]] / 100.0
    for number, image in enumerate(images):
        path = tmp_path / f"{number}.npy"
        np.save(path, image)
        record = visit(tmp_path / "data", "--scene", path)
        assert record["prediction"]["outcome"] in ("below_threshold", "above_threshold", "abstained")
        assert record["asymmetry"]["uncertainty_k"] > 0


@pytest.mark.parametrize(
    ("scene", "code", "says"),
    [
        (np.full((30, 40), np.nan), 3, "NaN"),
        (np.full((30, 40), 22.0), 4, "nobody_there"),
        (np.ones((3, 3)), 3, "24×32"),
        (None, 3, "no .npy file"),
    ],
)  # fmt: skip
def test_a_scene_that_cannot_be_examined(tmp_path: Path, scene: np.ndarray[Any, Any] | None, code: int, says: str) -> None:
    path = tmp_path / "scene.npy"
    if scene is None:
        path.write_bytes(b"not an array")
    else:
        np.save(path, scene)
    refused = firstlight("visit", "--sim", "--fast", "--card", CARD, "--scene", path, "--data-dir", tmp_path, code=code)
    assert says in refused.stderr
    assert firstlight("records", "list", "--data-dir", tmp_path, code=0 if code == 4 else 8).stdout in ("", "no records\n")


@pytest.mark.parametrize("uid", ["zz", "04A3", "04A3C6CAE2618"])
def test_a_uid_that_is_none(tmp_path: Path, uid: str) -> None:
    refused = firstlight("visit", "--sim", "--fast", "--card", uid, "--data-dir", tmp_path, code=2)
    assert "8, 14 or 20 hexadecimal digits" in refused.stderr


def test_a_telephone_is_refused(tmp_path: Path) -> None:
    refused = firstlight("visit", "--sim", "--fast", "--card", "08112233", "--data-dir", tmp_path, code=4)
    assert "card_not_suitable" in refused.stderr


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    assert "no key at" in firstlight("records", "list", "--data-dir", tmp_path, code=8).stderr
    visit(tmp_path)
    assert "no record" in firstlight("records", "show", "abc", "--data-dir", tmp_path, code=5).stderr
    assert "no model bundle" in firstlight("models", "show", "nosuch", code=6).stderr


def test_a_wrong_configuration_is_shown_with_its_line(tmp_path: Path) -> None:
    config = tmp_path / "firstlight.toml"
    config.write_text('[capture]\ntarget_nose = "0.1 K"\n')
    refused = firstlight("visit", "--sim", "--fast", "--card", CARD, "--data-dir", tmp_path, "--config", config, code=2)
    assert re.search(r"firstlight\.toml:2: .*target_nose.*target_noise", refused.stderr)


def test_check_looks_at_every_part(tmp_path: Path) -> None:
    report = json.loads(firstlight("check", "--sim", "--data-dir", tmp_path, "--json").stdout)
    parts = {row["part"]: row for row in report["parts"]}
    models = ["breast model", "chest gate", "model drift"]
    assert list(parts) == ["card reader", "thermal sensor", *models, "store", "cloud", "disk", "clock", "cloud link"]
    assert parts["thermal sensor"]["figures"]["noise_k"] == pytest.approx(0.14 * 8**0.5, rel=0.15)
    assert parts["thermal sensor"]["figures"]["bus_hz"] == pytest.approx(400_000, rel=0.1)


def test_check_opens_the_sensor_as_it_is_configured(tmp_path: Path) -> None:
    config, flat_field = tmp_path / "firstlight.toml", tmp_path / "flat.npy"
    config.write_text(f'[sensor]\noptics = "55x35"\nflat_field = "{flat_field}"\n')
    missing = json.loads(firstlight("check", "--sim", "--data-dir", tmp_path, "--config", config, "--json", code=3).stdout)
    assert "flat" in missing["parts"][1]["remedy"]
    np.save(flat_field, np.zeros((24, 32), np.float32))
    report = json.loads(firstlight("check", "--sim", "--data-dir", tmp_path, "--config", config, "--json").stdout)
    figures = report["parts"][1]["figures"]
    assert figures["expected_noise_k"] == pytest.approx(0.25 * 8**0.5, abs=0.001)
    assert figures["noise_k"] == pytest.approx(figures["expected_noise_k"], rel=0.15)


def test_check_finds_a_fault_and_says_what_to_do(tmp_path: Path) -> None:
    config = tmp_path / "firstlight.toml"
    config.write_text(f'[models]\nbreast = "{tmp_path}/nosuch"\n')
    report = json.loads(firstlight("check", "--sim", "--data-dir", tmp_path, "--config", config, "--json", code=3).stdout)
    (fault,) = [row for row in report["parts"] if row["status"] == "fault"]
    assert fault["part"] == "breast model"
    assert "give a folder" in fault["remedy"]


def test_an_alarm_stays_until_somebody_has_looked(tmp_path: Path) -> None:
    with Store.open(tmp_path, SystemTimekeeper()) as store:
        store.raise_alarm("reader_gone", "the reader was gone; check its cable")
    for _ in range(2):
        (row,) = [row for row in check(tmp_path) if row["part"] == "store"]
        assert row["status"] == "warning"
        assert "check its cable" in row["summary"]
        assert "firstlight check --clear-alarms" in row["remedy"]
    (row,) = [row for row in check(tmp_path, "--clear-alarms") if row["part"] == "store"]
    assert row["status"] == "ok"


def check(data_dir: Path, *words: str) -> list[dict[str, Any]]:
    printed = firstlight("check", "--sim", "--data-dir", data_dir, "--json", *words).stdout
    rows: list[dict[str, Any]] = json.loads(printed)["parts"]
    return rows


def test_an_enrolled_patient_is_asked_for_consent_once(tmp_path: Path) -> None:
    said = firstlight("enrol", "--sim", "--card", CARD, "--data-dir", tmp_path).stdout
    (ref,) = re.findall(r"P-\S+(?=,)", said)
    first, second = visit(tmp_path), visit(tmp_path)
    assert (first["patient"], first["patient_confirmed"], first["mode"]) == (ref, True, "registration")
    assert (second["patient"], second["mode"]) == (ref, "operation")
    consents = json.loads(firstlight("records", "list", "--modality", "consent", "--data-dir", tmp_path, "--json").stdout)
    assert [row["patient"] for row in consents] == [ref]


def test_the_clinic_confirms_replaces_and_is_contradicted(tmp_path: Path) -> None:
    ref = visit(tmp_path)["patient"]
    assert ref in firstlight("enrol", "--sim", "--card", CARD, "--data-dir", tmp_path).stdout
    assert visit(tmp_path)["patient_confirmed"] is True
    new_card = ("enrol", "--sim", "--card", "04112233445566", "--patient", ref, "--data-dir", tmp_path)
    assert "has another card already" in firstlight(*new_card, code=5).stderr
    firstlight(*new_card, "--replace")
    assert visit(tmp_path)["patient"] != ref, "the old card points to nobody"


def test_the_shipped_bundle_is_listed_shown_and_verified() -> None:
    listed = json.loads(firstlight("models", "list", "--json").stdout)
    (bundle,) = [row for row in listed if row["name"] == "breast"]
    assert bundle["bytes"] <= 100_000
    assert "not_shown" in firstlight("models", "show", "breast").stdout
    assert bundle["sha256"] in firstlight("models", "verify", "breast").stdout


def test_training_without_its_packages_or_its_data_says_so(tmp_path: Path) -> None:
    said = firstlight("train", "breast", "--data", tmp_path / "nosuch", "--out", tmp_path / "bundle", code=2).stderr
    assert "pip install '.[training]'" in said or "nosuch" in said
    assert not (tmp_path / "bundle").exists()


def test_a_bench_prints_a_figure_beside_its_bar() -> None:
    (transfers, _) = json.loads(firstlight("bench", "poll", "--json").stdout)
    assert transfers["value"] <= 20
    assert transfers["met"] is True
    assert "no bench named nosuch" in firstlight("bench", "nosuch", code=2).stderr
