"""Activating a bundle: whatever is wrong with it, the earlier one stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.activate import Activated, activate, roll_back
from models.bundle import CARD, SIGNATURE, Bundle, default_bundle
from models.errors import (
    BundleCorrupt,
    CardIncomplete,
    KeyUnknown,
    ModelError,
    SignatureInvalid,
    SignatureMissing,
    TrialFailed,
    UnknownModel,
)
from models.installed import Installed, State
from models.signature import new_key, sign
from models.stamps import Stamps
from tests.models.making import copy, with_card, with_golden, with_model


class Device:
    """A device that trusts one maker and has one of their bundles active."""

    def __init__(self, folder: Path) -> None:
        self.installed = Installed(folder / "models")
        self.stamps = Stamps(folder / "stamps")
        self.keys = folder / "keys"
        self.keys.mkdir()
        new_key(self.keys / "maker")
        self._folder = folder

    def signed(self, bundle: Path) -> Path:
        _, content = sign(Bundle.open(bundle), self.keys / "maker")
        (bundle / SIGNATURE).write_bytes(content)
        return bundle

    def version(self, version: str) -> Path:
        folder = self._folder / version
        folder.mkdir()
        return self.signed(with_card(folder, lambda card: card["model"].update(version=version)))

    def activate(self, source: Path, **options: Any) -> Activated:
        return activate(source, self.installed, keys=self.keys, stamps=self.stamps, **options)

    def roll_back(self, **options: Any) -> Activated:
        return roll_back("breast", self.installed, keys=self.keys, stamps=self.stamps, **options)

    @property
    def state(self) -> State:
        return self.installed.state("breast")


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return Device(tmp_path)


@pytest.fixture
def active(device: Device) -> str:
    return device.activate(device.version("0.1.1")).bundle.sha256


def test_a_signed_bundle_is_active_and_stamped(device: Device) -> None:
    activated = device.activate(device.version("0.1.1"))
    assert device.state == State(activated.bundle.sha256, None)
    assert activated.trust.key is not None
    assert activated.bundle.path.is_relative_to(device.installed.folder)
    assert device.stamps.has(activated.bundle.sha256), "the kiosk's next start pays for no trial"


def of(wrong: Callable[[Path], Path]) -> Callable[[Device, Path], Path]:
    return lambda device, folder: device.signed(wrong(folder))


def changed_card(device: Device, folder: Path) -> Path:
    bundle = device.signed(copy(folder))
    (bundle / CARD).write_text((bundle / CARD).read_text() + "\n[more]\nnote = 'invented'\n")
    return bundle


def of_another_maker(device: Device, folder: Path) -> Path:
    new_key(folder / "stranger")
    bundle = copy(folder)
    (bundle / SIGNATURE).write_bytes(sign(Bundle.open(bundle), folder / "stranger")[1])
    return bundle


def wrongly_signed(device: Device, folder: Path) -> Path:
    bundle = device.signed(with_card(folder, lambda card: card["model"].update(version="0.1.2")))
    (folder / "other").mkdir()
    other = copy(folder / "other")
    (other / SIGNATURE).write_bytes((bundle / SIGNATURE).read_bytes())
    return other


def named(name: str) -> Callable[[Device, Path], Path]:
    return of(lambda folder: with_card(folder, lambda card: card["model"].update(name=name)))


WRONG: dict[str, tuple[Callable[[Device, Path], Path], type[ModelError], str]] = {
    "a truncated network": (of(lambda folder: with_model(folder, lambda model: model[:2000])), TrialFailed, "BundleCorrupt"),
    "a card whose hash differs": (changed_card, BundleCorrupt, r"card\.toml differs from its hash"),
    "signed by nobody": (lambda device, folder: copy(folder), SignatureMissing, "nobody answers for it"),
    "signed by a stranger": (of_another_maker, KeyUnknown, "which .* does not hold"),
    "another bundle's signature": (wrongly_signed, SignatureInvalid, "does not belong to"),
    "another modality": (
        of(lambda folder: with_card(folder, lambda card: card["input"].update(modality="brain-mr-slice"))),
        TrialFailed,
        "WrongModality",
    ),
    "a name that nothing uses": (named("liver"), UnknownModel, "nothing here uses a model called liver"),
    "golden outputs of another network": (of(with_golden), TrialFailed, "GoldenMismatch"),
    "no calibration": (
        lambda device, folder: with_card(folder, lambda card: card.pop("calibration")),
        CardIncomplete,
        "calibration",
    ),
    "a folder without a bundle": (lambda device, folder: folder, ModelError, "SHA256SUMS is missing"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_bundle_leaves_the_earlier_one(device: Device, active: str, tmp_path: Path, fault: str) -> None:
    make, error, message = WRONG[fault]
    (tmp_path / "wrong").mkdir()
    wrong = make(device, tmp_path / "wrong")
    with pytest.raises(error, match=message):
        device.activate(wrong)
    assert device.state == State(active, None)
    assert Bundle.open(device.installed.path("breast", active)).sha256 == active


def test_a_trial_that_takes_too_long(device: Device, active: str) -> None:
    with pytest.raises(TrialFailed, match="had not finished"):
        device.activate(device.version("0.1.2"), deadline_s=0.0)
    assert device.state == State(active, None)


def test_an_unsigned_bundle_is_allowed_in_so_many_words(device: Device, active: str, tmp_path: Path) -> None:
    (tmp_path / "unsigned").mkdir()
    activated = device.activate(copy(tmp_path / "unsigned"), allow_unsigned=True)
    assert activated.trust.unsigned
    assert device.state == State(activated.bundle.sha256, active, (activated.bundle.sha256,))
    signed = device.activate(device.signed(tmp_path / "unsigned" / "bundle"))
    assert device.state == State(signed.bundle.sha256, active), "it needs no exception any more"


def test_what_was_changed_after_signing_is_never_allowed(device: Device, tmp_path: Path) -> None:
    (tmp_path / "wrong").mkdir()
    with pytest.raises(SignatureInvalid):
        device.activate(wrongly_signed(device, tmp_path / "wrong"), allow_unsigned=True)


def test_going_back_and_forth(device: Device, active: str) -> None:
    newer = device.activate(device.version("0.1.2")).bundle.sha256
    assert device.roll_back().bundle.card.version == "0.1.1"
    assert device.state == State(active, newer)
    assert device.roll_back().bundle.card.version == "0.1.2"


def test_going_back_to_what_is_shipped(device: Device, active: str) -> None:
    shipped = device.roll_back()
    assert shipped.trust.shipped
    assert shipped.bundle.path == default_bundle("breast")
    assert device.state == State(None, active)
    device.activate(device.version("0.1.2"))
    device.activate(device.version("0.1.3"))
    assert device.roll_back(shipped=True).trust.shipped


def test_activating_what_is_shipped(device: Device, active: str) -> None:
    assert device.activate(default_bundle("breast")).trust.shipped
    assert device.state == State(None, active)


def test_going_back_where_nothing_was_ever_installed(device: Device) -> None:
    assert device.roll_back().trust.shipped
    assert device.installed.names() == []


def test_going_back_to_a_bundle_that_is_damaged_by_now(device: Device, active: str) -> None:
    newer = device.activate(device.version("0.1.2")).bundle.sha256
    (device.installed.path("breast", active) / CARD).write_text("damaged")
    with pytest.raises(BundleCorrupt, match="differs from its hash"):
        device.roll_back()
    assert device.state == State(newer, active)
    assert device.roll_back(shipped=True).trust.shipped


def test_going_back_to_a_bundle_whose_key_was_taken_away(device: Device, active: str) -> None:
    """A key that is no longer trusted makes all its bundles untrusted, the earlier ones too."""
    newer = device.activate(device.version("0.1.2")).bundle.sha256
    (device.keys / "maker.pub").unlink()
    with pytest.raises(KeyUnknown):
        device.roll_back()
    assert device.state == State(newer, active)


def test_a_name_that_nothing_uses_has_nothing_to_go_back_to(device: Device) -> None:
    with pytest.raises(UnknownModel):
        roll_back("liver", device.installed, keys=device.keys, stamps=device.stamps)
