"""From the remote's URL in the configuration to the remote."""

from __future__ import annotations

from pathlib import Path

from cloud_sync.remote import Remote
from device.process.config import Config
from device.process.moment import Timekeeper
from device.process.time import SystemTimekeeper

DEFAULTS = Config()
FORMS = '"local", "local:FOLDER", "firebase", "firebase:FILE" or "firebase-gateway:FILE"'


class UnknownRemote(ValueError):
    """The URL names no remote, or what it needs is missing."""


def open_remote(url: str, data_dir: Path, config: Config = DEFAULTS, timekeeper: Timekeeper | None = None) -> Remote:
    """Return the remote that ``url`` names, as in ``remote`` of [sync]. Raises `UnknownRemote`.

    ``local``: the folder ``cloud`` of the data directory, ``local:FOLDER`` another one. ``firebase``: the project where this
    kiosk was enrolled; its credential comes from systemd, or from the file that is named. ``firebase-gateway:FILE``: a project
    by a service account's key, for a clinic's own computer alone.
    """
    scheme, _, rest = url.partition(":")
    if scheme == "local":
        from cloud_sync.local.remote import LocalRemote

        return LocalRemote(Path(rest) if rest else data_dir / "cloud", config.kiosk.name, config.kiosk.site)
    if scheme == "firebase" or (scheme == "firebase-gateway" and rest):
        return _firebase(url, rest, config, timekeeper or SystemTimekeeper())
    raise UnknownRemote(f"{url!r} is no remote: write remote = {FORMS} in [sync]")


def _firebase(url: str, rest: str, config: Config, timekeeper: Timekeeper) -> Remote:
    try:
        from cloud_sync.firebase.credential import BadCredential
        from cloud_sync.firebase.remote import open_gateway, open_kiosk
    except ModuleNotFoundError as error:
        raise UnknownRemote(
            f"the remote {url!r} needs {error.name}: install firstlight[firebase], or take another remote"
        ) from error
    limit = config.sync.bandwidth_kbit_s
    bytes_per_s = None if limit is None else limit * 1000 / 8
    try:
        if url.startswith("firebase-gateway"):
            return open_gateway(Path(rest), config.kiosk.site, config.kiosk.name, timekeeper, bytes_per_s)
        remote = open_kiosk(rest, timekeeper, bytes_per_s)
    except BadCredential as error:
        raise UnknownRemote(str(error)) from error
    if (remote.identity.site, remote.identity.kiosk) != (config.kiosk.site, config.kiosk.name):
        raise UnknownRemote(
            f"this kiosk was enrolled as {remote.identity.kiosk!r} of site {remote.identity.site!r}, but [kiosk] says "
            f"{config.kiosk.name!r} of {config.kiosk.site!r}: put [kiosk] right, or enrol it anew"
        )
    return remote
