"""Taking a bundle into use, and going back: verified, trusted and tried out before it replaces anything."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from models.bundle import Bundle, default_bundle
from models.errors import ActivationBusy
from models.installed import Installed
from models.known import check_known
from models.stamps import Stamps
from models.trial import DEADLINE_S, try_out
from models.trust import Trust, establish_trust


@dataclass(frozen=True)
class Activated:
    """What is active now."""

    bundle: Bundle
    trust: Trust


def activate(
    source: Path,
    installed: Installed,
    *,
    keys: Path,
    stamps: Stamps,
    allow_unsigned: bool = False,
    deadline_s: float = DEADLINE_S,
) -> Activated:
    """Make the bundle in ``source`` the active one of its name. Whatever is raised leaves the earlier one in place.

    Raises what `Bundle.open` raises, `NotTrusted`, `UnknownModel`, `TrialFailed`, `ActivationBusy` or `ActivationFailed`.
    """
    bundle = Bundle.open(source)
    trust = establish_trust(bundle, keys, allow_unsigned=allow_unsigned)
    check_known(bundle.card.name)
    if trust.shipped:
        return _to_shipped(bundle, installed, trust, stamps, deadline_s)
    with installed.locked():
        here = installed.put(bundle)
        _try_out(here, stamps, deadline_s)
        installed.switch(here.card.name, here.sha256, unsigned=trust.unsigned)
    return Activated(here, trust)


def roll_back(
    name: str, installed: Installed, *, keys: Path, stamps: Stamps, shipped: bool = False, deadline_s: float = DEADLINE_S
) -> Activated:
    """Make the bundle active that was active before; with ``shipped``, or where there was none, the shipped one.

    Raises `UnknownModel`, and what `activate` raises for the bundle to go back to; nothing is changed then.
    """
    check_known(name)
    if shipped or installed.state(name).previous is None:
        bundle = Bundle.open(default_bundle(name))
        return _to_shipped(bundle, installed, Trust(shipped=True), stamps, deadline_s)
    with installed.locked():
        state = installed.state(name)
        if state.previous is None:
            raise ActivationBusy(
                f"another activation has just changed {name}; look at `firstlight models list`, then try again"
            )
        bundle = Bundle.open(installed.path(name, state.previous))
        trust = establish_trust(bundle, keys, allow_unsigned=state.previous in state.unsigned)
        _try_out(bundle, stamps, deadline_s)
        installed.switch(name, bundle.sha256, unsigned=trust.unsigned)
    return Activated(bundle, trust)


def _to_shipped(bundle: Bundle, installed: Installed, trust: Trust, stamps: Stamps, deadline_s: float) -> Activated:
    """The shipped bundle stays where it is; only the state says that it is active."""
    with installed.locked():
        _try_out(bundle, stamps, deadline_s)
        if bundle.card.name in installed.names():
            installed.switch(bundle.card.name, None)
    return Activated(bundle, trust)


def _try_out(bundle: Bundle, stamps: Stamps, deadline_s: float) -> None:
    """Always anew: an activation may take a second, and a stamp may be older than a fault of the machine."""
    try_out(bundle, deadline_s=deadline_s)
    stamps.keep(bundle.sha256)
