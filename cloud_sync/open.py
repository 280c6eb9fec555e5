"""From the remote's URL in the configuration to the remote."""

from __future__ import annotations

from pathlib import Path

from cloud_sync.remote import Remote


class UnknownRemote(ValueError):
    """The URL names no remote."""


def open_remote(url: str, data_dir: Path) -> Remote:
    """Return the remote for ``local`` (the data directory's ``cloud``) or ``local:FOLDER``. Raises `UnknownRemote`."""
    scheme, _, rest = url.partition(":")
    match scheme:
        case "local":
            from cloud_sync.local.remote import LocalRemote

            return LocalRemote(Path(rest) if rest else data_dir / "cloud")
        case _:
            raise UnknownRemote(f'{url!r} is no remote: write remote = "local" or "local:FOLDER" in [sync]')
