"""The sub-commands of ``firstlight models`` that change something: keys, signatures, and which bundle is active."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tools.cli.bundles import BUNDLE, allow_unsigned, find, keys_folder, keys_option, warn_unsigned
from tools.cli.options import FILE, as_json, config_file, data_dir

if TYPE_CHECKING:
    from models.activate import Activated


@click.command("new-key")
@click.argument("key", type=FILE)
def new_key(key: Path) -> None:
    """Make a pair of keys for signing: KEY and KEY.pub.

    KEY, the private one, stays with who makes bundles. KEY.pub goes into the folder of keys of each device that takes them.
    """
    from models.signature import new_key as make

    name, public = make(key)
    click.echo(f"key {name}: keep {key} to yourself; copy {public} to the device's folder of keys")


@click.command()
@BUNDLE
@click.option("--key", type=FILE, required=True, help="The private key (`firstlight models new-key`).")
def sign(bundle: Path, key: Path) -> None:
    """Sign a bundle.

    Writes SHA256SUMS.sig into the folder BUNDLE; signatures of other keys stay in it.
    """
    from models.bundle import SIGNATURE, Bundle
    from models.errors import BadSigningKey
    from models.signature import sign as make

    opened = Bundle.open(bundle)
    name, content = make(opened, key)
    try:
        (opened.path / SIGNATURE).write_bytes(content)
    except OSError as error:
        raise BadSigningKey(f"{opened.path / SIGNATURE} cannot be written ({error.strerror})") from error
    click.echo(f"{opened.card.name} {opened.card.version} is signed with key {name}")


@click.command()
@BUNDLE
@allow_unsigned
@keys_option
@config_file
@data_dir
@as_json
def activate(
    bundle: Path, allow_unsigned: bool, keys: Path | None, config_path: Path | None, data_dir: Path, as_json: bool
) -> None:
    """Verify a bundle, try it out, and take it into use.

    Whatever goes wrong, the earlier one stays in use. The kiosk takes the new one at its next start.
    """
    from device.kiosk.models import installed, stamps
    from models.activate import activate as make_active

    opened = find(bundle, data_dir)
    activated = make_active(
        opened.path,
        installed(data_dir),
        keys=keys_folder(keys, config_path),
        stamps=stamps(data_dir),
        allow_unsigned=allow_unsigned,
    )
    if activated.trust.unsigned:
        warn_unsigned(activated.bundle)
    _report(activated, as_json)


@click.command()
@click.argument("name")
@click.option("--shipped", is_flag=True, help="Go back to the bundle that is shipped, whatever was in use before.")
@keys_option
@config_file
@data_dir
@as_json
def rollback(name: str, shipped: bool, keys: Path | None, config_path: Path | None, data_dir: Path, as_json: bool) -> None:
    """Go back to the bundle that was in use before.

    NAME is the name of a model. The kiosk takes the bundle at its next start.
    """
    from device.kiosk.models import installed, stamps
    from models.activate import roll_back

    keys = keys_folder(keys, config_path)
    _report(roll_back(name, installed(data_dir), keys=keys, stamps=stamps(data_dir), shipped=shipped), as_json)


def _report(activated: Activated, as_json: bool) -> None:
    bundle = activated.bundle
    if as_json:
        facts = {"name": bundle.card.name, "version": bundle.card.version, "sha256": bundle.sha256}
        click.echo(json.dumps({**facts, "path": str(bundle.path), "trust": str(activated.trust)}, indent=2))
    else:
        click.echo(f"{bundle.card.name} {bundle.card.version} is active ({activated.trust}); restart the kiosk to use it")
