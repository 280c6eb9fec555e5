"""Which model a kiosk starts with, and what it says where that is not the one that it should be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from device.kiosk.assembly import open_archive
from device.kiosk.models import MODEL_ALARM, PASSED_OVER_ALARM, TRIAL_S, ModelSearch, finish_search, installed, stamps
from device.process.config import Config, ModelsConfig
from device.process.time import VirtualTimekeeper
from device.visit.archive import Archive
from models.activate import activate
from models.breast import BreastModel
from models.bundle import CARD, MODEL, Bundle
from models.choice import Chosen, Origin
from models.prediction import Outcome
from tests.models.making import chest, copy, with_card, with_golden
from tests.systemd.units import settings


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def archive(data_dir: Path) -> Iterator[Archive]:
    opened = open_archive(Config(), data_dir, VirtualTimekeeper())
    opened.alarms()  # on first use
    yield opened
    opened.close()


def start(data_dir: Path, archive: Archive, config: Config | None = None) -> Chosen[BreastModel] | None:
    with ModelSearch(config or Config(), data_dir) as search:
        models = finish_search(search, archive)
    return models and models.breast


def alarms(archive: Archive) -> dict[str, str]:
    return {alarm.kind: alarm.detail for alarm in archive.alarms()}


def make_active(data_dir: Path, folder: Path) -> Path:
    """Activate a bundle as a technician would who allows it unsigned; return where it lies."""
    folder.mkdir()
    bundle = with_card(folder, lambda card: card["model"].update(version="9.1.0"))
    options = {"keys": folder, "stamps": stamps(data_dir), "allow_unsigned": True}
    data_dir.mkdir(exist_ok=True)
    return activate(bundle, installed(data_dir), **options).bundle.path  # type: ignore[arg-type]


def test_a_new_kiosk_uses_what_is_shipped_and_remembers_that_it_was_tried_out(data_dir: Path, archive: Archive) -> None:
    chosen = start(data_dir, archive)
    assert chosen is not None
    assert chosen.origin is Origin.SHIPPED
    assert alarms(archive) == {}
    assert stamps(data_dir).has(chosen.bundle.sha256)


def test_the_active_bundle_is_used(data_dir: Path, archive: Archive, tmp_path: Path) -> None:
    make_active(data_dir, tmp_path / "newer")
    chosen = start(data_dir, archive)
    assert chosen is not None
    assert (chosen.origin, chosen.bundle.card.version) == (Origin.ACTIVE, "9.1.0")
    assert chosen.model.card.version == "9.1.0"
    assert alarms(archive) == {}


def test_an_active_bundle_that_was_damaged_raises_an_alarm_until_it_is_put_right(
    data_dir: Path, archive: Archive, tmp_path: Path
) -> None:
    place = make_active(data_dir, tmp_path / "newer")
    whole = (place / MODEL).read_bytes()
    (place / MODEL).write_bytes(b"damaged")
    chosen = start(data_dir, archive)
    assert chosen is not None
    assert chosen.origin is Origin.SHIPPED
    said = alarms(archive)[PASSED_OVER_ALARM]
    assert "differs from its hash" in said
    assert "used instead (the one that is shipped); activate another bundle" in said
    (place / MODEL).write_bytes(whole)
    start(data_dir, archive)
    assert alarms(archive) == {}


def test_an_active_bundle_that_fails_its_trial_at_the_start_is_passed_over(
    data_dir: Path, archive: Archive, tmp_path: Path
) -> None:
    """As after an update of the runtime: it was fine when it was activated, and has no stamp for the new one."""
    bundles = installed(data_dir)
    with bundles.locked():
        bundles.switch("breast", bundles.put(Bundle.open(with_golden(tmp_path))).sha256, unsigned=True)
    chosen = start(data_dir, archive)
    assert chosen is not None
    assert chosen.origin is Origin.SHIPPED
    assert "output_0 of golden input 2 differs" in alarms(archive)[PASSED_OVER_ALARM]


def test_trials_that_all_hang_leave_the_kiosk_ready_before_systemd_gives_up() -> None:
    (limit,) = settings("firstlight-kiosk.service", "Service")["TimeoutStartSec"]
    assert float(limit.removesuffix("s")) > 3 * TRIAL_S + 10


def test_without_any_model_the_kiosk_goes_on_and_says_so(data_dir: Path, archive: Archive, tmp_path: Path) -> None:
    config = Config(models=ModelsConfig(breast=tmp_path / "nosuch"))
    assert start(data_dir, archive, config) is None
    assert "no model bundle at" in alarms(archive)[MODEL_ALARM]
    assert start(data_dir, archive) is not None
    assert alarms(archive) == {}


def test_a_configured_bundle_needs_a_signature_or_a_word_that_it_does_not(
    data_dir: Path, archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = copy(tmp_path)
    assert start(data_dir, archive, Config(models=ModelsConfig(breast=bundle))) is None
    assert "nobody answers for it" in alarms(archive)[MODEL_ALARM]
    chosen = start(data_dir, archive, Config(models=ModelsConfig(breast=bundle, allow_unsigned=True)))
    assert chosen is not None
    assert (chosen.origin, chosen.trust.unsigned) == (Origin.CONFIGURED, True)


def test_the_active_gate_is_the_one_that_is_asked(data_dir: Path, archive: Archive, tmp_path: Path) -> None:
    """A gate that accepts only what is warmer than any skin refuses everybody, which nobody could mistake."""

    def change(card: dict[str, Any]) -> None:
        card["gate"]["warmest_c"] = [60.0, 61.0]

    bundle = with_card(tmp_path, change, "chest-gate")
    bundles = installed(data_dir)
    with bundles.locked():
        bundles.switch("chest-gate", bundles.put(Bundle.open(bundle)).sha256, unsigned=True)
    chosen = start(data_dir, archive)
    assert chosen is not None
    assert chosen.origin is Origin.SHIPPED
    assert chosen.model.assess(chest()).outcome is Outcome.OUT_OF_DOMAIN
    assert alarms(archive) == {}


def test_a_gate_that_was_damaged_is_passed_over_like_a_model(data_dir: Path, archive: Archive, tmp_path: Path) -> None:
    bundles = installed(data_dir)
    with bundles.locked():
        bundles.switch("chest-gate", bundles.put(Bundle.open(copy(tmp_path, "chest-gate"))).sha256, unsigned=True)
    (place,) = (data_dir / "models" / "chest-gate").glob(f"*/{CARD}")
    place.write_text("damaged")
    assert start(data_dir, archive) is not None
    assert "chest-gate" in alarms(archive)[PASSED_OVER_ALARM]
