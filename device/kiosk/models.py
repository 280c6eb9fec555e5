"""The model of this kiosk: which bundle it is, and what is said where it is not the one that it should be."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

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

LOG = Log(__name__)
BREAST = "breast"
MODEL_ALARM = "model_missing"
PASSED_OVER_ALARM = "model_passed_over"
TRIAL_S = 12.0
"""Deadline of a trial at the start: three that hang (active, previous, shipped) still leave it ready in time for systemd."""


def begin_search(config: Config, data_dir: Path) -> Search[BreastModel]:
    """Verify the bundle that comes first and, where it has not passed its trial here, begin that. Raises nothing."""
    settings = config.models
    found = candidates(BREAST, installed(data_dir), settings.breast, allow_unsigned=settings.allow_unsigned)
    keys = settings.keys or DEFAULT_KEYS
    return Search(found, keys=keys, stamps=stamps(data_dir), load=_load, deadline_s=TRIAL_S)


def installed(data_dir: Path) -> Installed:
    return Installed(data_dir / "models")


def stamps(data_dir: Path) -> Stamps:
    """Return the stamps of passed trials: those of activations (by root, on a kiosk), and those of the kiosk's own starts."""
    return Stamps(data_dir / "models" / "trials", data_dir / "store" / "model-trials")


def finish_search(search: Search[BreastModel], archive: Archive) -> Chosen[BreastModel] | None:
    """Load what was found; without any, the kiosk goes on, saves what it sees, and raises an alarm."""
    try:
        chosen = search.result()
    except ModelError as error:
        archive.raise_alarm(MODEL_ALARM, str(error))
        return None
    archive.clear_alarm(MODEL_ALARM)
    card = chosen.bundle.card
    if chosen.passed_over:
        instead = f"{card.name} {card.version} is used instead ({_WHENCE[chosen.origin]}); activate another bundle"
        archive.raise_alarm(PASSED_OVER_ALARM, f"{chosen.passed_over[0]}. {instead}")
    else:
        archive.clear_alarm(PASSED_OVER_ALARM)
    if chosen.trust.unsigned:
        LOG.warning("unsigned model bundle in use", model=card.name, bundle_sha256=chosen.bundle.sha256)
    return chosen


_WHENCE = {
    Origin.CONFIGURED: "the configured one",
    Origin.ACTIVE: "the active one",
    Origin.PREVIOUS: "the one that was active before",
    Origin.SHIPPED: "the one that is shipped",
}


def _load(bundle: Bundle) -> BreastModel:
    from models.breast import BreastModel

    return BreastModel(bundle)
