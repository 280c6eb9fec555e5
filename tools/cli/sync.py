"""``firstlight sync``: carry saved records to the cloud, over the network or on a USB stick."""

from __future__ import annotations

from pathlib import Path

import click

from tools.cli.options import FOLDER, as_json, config_file, configuration, data_dir


@click.command()
@click.option("--once", is_flag=True, help="Empty the outbox, print what was confirmed, and end.")
@click.option("--again", is_flag=True, help="With --once: send again what was laid aside, too.")
@click.option("--to-usb", "stick", type=FOLDER, metavar="FOLDER", help="Write what waits, sealed and signed, to a USB stick.")
@click.option("--usb-keys", type=FOLDER, help="Public keys whose receipts are believed (default: /etc/firstlight/usb-keys).")
@click.option("--usb-key", "show_key", is_flag=True, help="Print the id and the public key that bundles are signed with.")
@data_dir
@config_file
@as_json
def command(
    once: bool,
    again: bool,
    stick: Path | None,
    usb_keys: Path | None,
    show_key: bool,
    data_dir: Path,
    config_path: Path | None,
    as_json: bool,
) -> None:
    """Carry saved records to the cloud; a record is synced when the cloud has returned its hash.

    Without a network: --to-usb, then `firstlight cloud import-usb` on the clinic's computer, and the stick back to the kiosk,
    which reads there what the cloud has confirmed.
    """
    if show_key:
        return _show_key(data_dir, config_path)
    if stick is not None:
        if once or again:
            raise click.UsageError("--to-usb goes alone: no network is asked")
        return _to_usb(stick, usb_keys, data_dir, config_path, as_json=as_json)
    if (as_json or again) and not once:
        raise click.UsageError("--json and --again belong to --once: give that, too")
    _to_cloud(once, again, data_dir, config_path, as_json=as_json)
    return None


def _to_cloud(once: bool, again: bool, data_dir: Path, config_path: Path | None, *, as_json: bool) -> None:
    from cloud_sync.__main__ import main

    arguments = ["--data-dir", str(data_dir)]
    if config_path is not None:
        arguments += ["--config", str(config_path)]
    flags = {"--once": once, "--again": again, "--json": as_json}
    raise click.exceptions.Exit(main([*arguments, *(flag for flag, given in flags.items() if given)]))


def _show_key(data_dir: Path, config_path: Path | None) -> None:
    from cloud_sync.usb.keys import key_id, kiosk_key, public_pem

    kiosk, public = configuration(config_path).kiosk, kiosk_key(data_dir).public_key()
    click.echo(f"{key_id(public)}\n{public_pem(public).decode().strip()}")
    click.echo(f"The clinic keeps this as {kiosk.site}/{kiosk.name}.pub among the keys of its kiosks.", err=True)


def _to_usb(stick: Path, usb_keys: Path | None, data_dir: Path, config_path: Path | None, *, as_json: bool) -> None:
    import json

    from cloud_sync.usb.kiosk import TRUSTED, exchange
    from device.process.time import SystemTimekeeper

    kiosk = configuration(config_path).kiosk
    done = exchange(data_dir, stick, kiosk.site, kiosk.name, SystemTimekeeper(), trusted=usb_keys or TRUSTED)
    for problem in done.receipts.problems:
        click.echo(f"firstlight: {problem}", err=True)
    if as_json:
        written = [{"path": str(file.path), "records": file.records, "bytes": file.size_bytes} for file in done.written]
        click.echo(json.dumps({"acknowledged": done.receipts.acknowledged, "written": written, "key": done.key_id}, indent=2))
        return
    if done.receipts.acknowledged:
        click.echo(f"{done.receipts.acknowledged} records are confirmed by receipts on the stick")
    for file in done.written:
        click.echo(f"wrote {file.path}: {file.records} records, {file.size_bytes / 1e6:.1f} MB, signed with {done.key_id}")
    if not done.written:
        click.echo("nothing waits; nothing was written")
        return
    click.echo(
        "They stay on this kiosk until the stick comes back with the clinic's receipt. Unmount it before pulling it out."
    )
