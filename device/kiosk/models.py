"""The models of this kiosk: which bundles they are, and what is said where one is not the one that it should be."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

from device.process.config import Config
from device.process.logs import Log
from device.visit.archive import Archive
from models.bundle import Bundle
from models.choice import Chosen, Origin, Search, candidates
from models.errors import ModelError
from models.installed import Installed
from models.stamps import Stamps
from models.trust import DEFAULT_KEYS

if TYPE_CHECKING:
    from models.breast import BreastModel
    from models.chest_gate import ChestGate

LOG = Log(__name__)
BREAST, GATE = "breast", "chest-gate"
MODEL_ALARM = "model_missing"
PASSED_OVER_ALARM = "model_passed_over"
TRIAL_S = 12.0
"""Deadline of a trial at the start: three that hang (active, previous, shipped) still leave it ready in time for systemd."""


class Models(NamedTuple):
    """What a kiosk looks at a chest with."""

    breast: Chosen[BreastModel]
    gate: Chosen[ChestGate]


class ModelSearch:
    """Looks for the breast model and for the gate before it, both at once. Leaving its context ends what still runs."""

    def __init__(self, config: Config, data_dir: Path) -> None:
        """Verify the bundles that come first and, where they have not passed their trials here, begin those. Raises nothing."""
        settings = config.models
        at, allowed = installed(data_dir), settings.allow_unsigned
        common: dict[str, Any] = {"keys": settings.keys or DEFAULT_KEYS, "stamps": stamps(data_dir), "deadline_s": TRIAL_S}
        self._gate = Search(candidates(GATE, at, allow_unsigned=allowed), load=_load_gate, **common)
        self._breast = Search(candidates(BREAST, at, settings.breast, allow_unsigned=allowed), load=self._load_breast, **common)
        self._found_gate: ChestGate | None = None
        self._prevalence = settings.prevalence

    def __enter__(self) -> ModelSearch:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._gate.close()
        self._breast.close()

    def result(self) -> Models:
        """Wait for the trials and load. Raises the `ModelError` of the model or gate of which no bundle can be used."""
        gate = self._gate.result()
        self._found_gate = gate.model
        return Models(self._breast.result(), gate)

    def _load_breast(self, bundle: Bundle) -> BreastModel:
        from models.breast import BreastModel

        return BreastModel(bundle, gate=self._found_gate, prevalence=self._prevalence)


def installed(data_dir: Path) -> Installed:
    return Installed(data_dir / "models")


def stamps(data_dir: Path) -> Stamps:
    """Return the stamps of passed trials: those of activations (by root, on a kiosk), and those of the kiosk's own starts."""
    return Stamps(data_dir / "models" / "trials", data_dir / "store" / "model-trials")


def finish_search(search: ModelSearch, archive: Archive) -> Models | None:
    """Load what was found; without any, the kiosk goes on, saves what it sees, and raises an alarm."""
    try:
        models = search.result()
    except ModelError as error:
        archive.raise_alarm(MODEL_ALARM, str(error))
        return None
    archive.clear_alarm(MODEL_ALARM)
    passed_over = [_instead(chosen) for chosen in models if chosen.passed_over]
    if passed_over:
        archive.raise_alarm(PASSED_OVER_ALARM, ". ".join(passed_over))
    else:
        archive.clear_alarm(PASSED_OVER_ALARM)
    for chosen in models:
        if chosen.trust.unsigned:
            LOG.warning("unsigned model bundle in use", model=chosen.bundle.card.name, bundle_sha256=chosen.bundle.sha256)
    return models


_WHENCE = {
    Origin.CONFIGURED: "the configured one",
    Origin.ACTIVE: "the active one",
    Origin.PREVIOUS: "the one that was active before",
    Origin.SHIPPED: "the one that is shipped",
}


def _instead(chosen: Chosen[Any]) -> str:
    card = chosen.bundle.card
    instead = f"{card.name} {card.version} is used instead ({_WHENCE[chosen.origin]}); activate another bundle"
    return f"{chosen.passed_over[0]}. {instead}"


def _load_gate(bundle: Bundle) -> ChestGate:
    from models.chest_gate import ChestGate

    return ChestGate(bundle)
