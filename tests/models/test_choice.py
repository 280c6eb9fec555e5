"""Which bundle is used, and what happens to one that cannot be: it is passed over, and the reason is kept."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import Any

import pytest

from models.breast import BreastModel
from models.bundle import MODEL, Bundle, default_bundle
from models.choice import Chosen, Origin, Search, candidates
from models.errors import BundleCorrupt, KeyUnknown, SignatureMissing, TrialFailed, WrongModality
from models.installed import STATE
from models.trial import Trial
from tests.models.making import copy, with_golden
from tests.models.test_activate import Device


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return Device(tmp_path)


def search(device: Device, configured: Path | None = None, *, allow_unsigned: bool = False, **options: Any) -> Chosen[Any]:
    found = candidates("breast", device.installed, configured, allow_unsigned=allow_unsigned)
    load = options.pop("load", BreastModel)
    with Search(found, keys=device.keys, stamps=device.stamps, load=load, **options) as under_way:
        return under_way.result()


def test_the_shipped_one_where_there_is_no_other(device: Device) -> None:
    chosen = search(device)
    assert (chosen.origin, chosen.passed_over) == (Origin.SHIPPED, ())
    assert isinstance(chosen.model, BreastModel)
    assert chosen.trust.shipped


def test_the_first_start_after_an_update_tries_out_what_is_shipped_and_the_next_does_not(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    search(device)
    monkeypatch.setattr(Trial, "__init__", lambda *_, **__: pytest.fail("a trial was begun"))
    search(device)
    monkeypatch.setattr(importlib.metadata, "version", lambda package: "99.0")
    with pytest.raises(pytest.fail.Exception, match="a trial was begun"):
        search(device)


def test_the_active_one(device: Device) -> None:
    activated = device.activate(device.version("0.1.1"))
    chosen = search(device)
    assert (chosen.origin, chosen.bundle.sha256) == (Origin.ACTIVE, activated.bundle.sha256)
    assert chosen.passed_over == ()


def test_an_active_one_that_was_damaged_gives_way_to_the_one_before(device: Device) -> None:
    device.activate(device.version("0.1.1"))
    newer = device.activate(device.version("0.1.2"))
    (newer.bundle.path / MODEL).write_bytes(b"damaged")
    chosen = search(device)
    assert (chosen.origin, chosen.bundle.card.version) == (Origin.PREVIOUS, "0.1.1")
    assert [type(fault) for fault in chosen.passed_over] == [BundleCorrupt]


def test_without_any_that_is_trusted_the_shipped_one_is_used(device: Device) -> None:
    device.activate(device.version("0.1.1"))
    device.activate(device.version("0.1.2"))
    (device.keys / "maker.pub").unlink()
    chosen = search(device)
    assert chosen.origin is Origin.SHIPPED
    assert [type(fault) for fault in chosen.passed_over] == [KeyUnknown, KeyUnknown]


def test_an_active_one_that_does_not_survive_a_new_runtime(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stamp is worth nothing any more, and the new trial ends at its deadline."""
    device.activate(device.version("0.1.1"))
    search(device)
    monkeypatch.setattr(importlib.metadata, "version", lambda package: "99.0")
    shipped = Bundle.open(default_bundle("breast"))
    device.stamps.keep(shipped.sha256)
    chosen = search(device, deadline_s=0.0)
    assert chosen.origin is Origin.SHIPPED
    assert [type(fault) for fault in chosen.passed_over] == [TrialFailed]


def test_an_active_one_that_does_not_load(device: Device) -> None:
    activated = device.activate(device.version("0.1.1"))

    def load(bundle: Bundle) -> Bundle:
        if bundle.sha256 == activated.bundle.sha256:
            raise WrongModality("of another time")
        return bundle

    chosen = search(device, load=load)
    assert chosen.origin is Origin.SHIPPED
    assert [str(fault) for fault in chosen.passed_over] == ["of another time"]


def test_a_state_that_cannot_be_read_is_said(device: Device) -> None:
    device.activate(device.version("0.1.1"))
    (device.installed.folder / "breast" / STATE).write_text("{")
    chosen = search(device)
    assert chosen.origin is Origin.SHIPPED
    assert [type(fault) for fault in chosen.passed_over] == [BundleCorrupt]


def test_one_that_was_allowed_unsigned_at_its_activation(device: Device, tmp_path: Path) -> None:
    (tmp_path / "unsigned").mkdir()
    bundle = Bundle.open(copy(tmp_path / "unsigned"))
    device.activate(bundle.path, allow_unsigned=True)
    chosen = search(device)
    assert (chosen.origin, chosen.trust.unsigned) == (Origin.ACTIVE, True)


def test_the_configured_one_or_none(device: Device, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    mine = copy(tmp_path / "mine")
    with pytest.raises(SignatureMissing):
        search(device, mine)
    chosen = search(device, mine, allow_unsigned=True)
    assert (chosen.origin, chosen.trust.unsigned) == (Origin.CONFIGURED, True)
    assert search(device, device.signed(mine)).trust.key is not None


def test_a_configured_one_that_fails_its_trial_is_not_replaced_by_another(device: Device, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    mine = device.signed(with_golden(tmp_path / "mine"))
    with pytest.raises(TrialFailed, match="GoldenMismatch"):
        search(device, mine)
    assert not device.stamps.has(Bundle.open(mine).sha256)
