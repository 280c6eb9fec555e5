"""What the commands about model bundles share: how a bundle is named, and whose signatures count."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tools.cli.options import FOLDER, configuration

if TYPE_CHECKING:
    from models.bundle import Bundle

BUNDLE = click.argument("bundle", type=click.Path(path_type=Path))
keys_option = click.option(
    "--keys", type=FOLDER, help="Folder with the public keys (*.pub) that count. Default: the configuration's."
)
allow_unsigned = click.option(
    "--allow-unsigned", is_flag=True, help="Take a bundle that nobody has signed, or nobody known. Never on a real kiosk."
)


def find(bundle: Path, data_dir: Path) -> Bundle:
    """Open the bundle in the folder ``bundle``, else the one in use of the model with that name; raises a `ModelError`."""
    from models.bundle import Bundle
    from models.choice import candidates
    from models.installed import Installed

    if bundle.exists() or len(bundle.parts) != 1:
        return Bundle.open(bundle)
    found, faults = candidates(str(bundle), Installed(data_dir / "models"))
    if faults:
        raise faults[0]
    return Bundle.open(found[0].path)


def keys_folder(keys: Path | None, config_path: Path | None) -> Path:
    """Return the folder of the trusted keys: the given one, else the configuration's, else the usual one."""
    from models.trust import DEFAULT_KEYS

    return keys or configuration(config_path).models.keys or DEFAULT_KEYS


def warn_unsigned(bundle: Bundle) -> None:
    """Say on stderr, and in the log, that nobody answers for ``bundle``."""
    from device.process.logs import Log

    Log(__name__).warning("unsigned model bundle allowed", model=bundle.card.name, bundle_sha256=bundle.sha256)
    warning = f"WARNING: nobody whom this device trusts has signed {bundle.path}; it is taken because of --allow-unsigned"
    click.secho(warning, fg="red", bold=True, err=True)
