"""``firstlight cloud import-usb``: records that came on a stick, into the cloud."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tools.cli.options import EXISTING_FILE, FOLDER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_sync.usb.bundle import Bundle
    from cloud_sync.usb.importing import Imported

_DEADLINE_S = 60.0


@click.command("import-usb")
@click.argument("bundles", nargs=-1, required=True, type=EXISTING_FILE)
@click.option(
    "--recipient-key", required=True, type=EXISTING_FILE, help="Private key (PEM) that the kiosk's records are sealed to."
)
@click.option("--kiosk-keys", required=True, type=FOLDER, help="Folder with each trusted kiosk's key as SITE/KIOSK.pub.")
@click.option("--remote", required=True, help='Where to: "local:FOLDER", "firebase-gateway:FILE", or as in [sync] remote.')
@click.option("--site", help="Site whose sticks these are: others are refused. Needed with a gateway, where no rules hold.")
@click.option("--receipt-key", type=EXISTING_FILE, help="Private key (Ed25519, PEM) to sign a receipt for the kiosk with.")
def import_usb(
    bundles: tuple[Path, ...], recipient_key: Path, kiosk_keys: Path, remote: str, site: str | None, receipt_key: Path | None
) -> None:
    """Send the records in BUNDLES (*.flusb) to the cloud, where one that is there already is not doubled.

    Each kiosk's key signs for that kiosk alone: a bundle, or a record in it, in another's name is refused.

    With --receipt-key, what the cloud has confirmed is written beside each bundle, for the kiosk to read.
    """
    from cloud_sync.open import open_remote
    from cloud_sync.upload import Uploader
    from cloud_sync.usb.bundle import open_bundle
    from cloud_sync.usb.importing import import_bundle
    from cloud_sync.usb.keys import load_private
    from cloud_sync.usb.receipts import write_receipt
    from cloud_sync.usb.registry import registered_kiosks
    from device.store.keys import parse_recipient_key
    from device.store.sealing import RecordOpener

    opener = RecordOpener(parse_recipient_key(recipient_key.read_bytes(), str(recipient_key)))
    registered, signer = registered_kiosks(kiosk_keys), load_private(receipt_key) if receipt_key else None
    opened = [open_bundle(path, registered) for path in bundles]  # all signatures before the first byte is sent
    _require_site(opened, site, remote)
    away = open_remote(remote, Path())
    uploader = Uploader(away, opener, _DEADLINE_S)
    failed = False
    try:
        for bundle in opened:
            imported = import_bundle(bundle, uploader)
            failed |= bool(imported.failed)
            _print(bundle.path, imported)
            if signer is not None and imported.confirmed:
                hashes = {confirmed.id: confirmed.sha256 for confirmed in imported.confirmed}
                receipt = write_receipt(bundle.path, bundle.site, bundle.kiosk, hashes, signer)
                click.echo(f"wrote {receipt}: carry the stick back to the kiosk")
    finally:
        uploader.close()
        away.close()
    if failed:
        raise click.exceptions.Exit(10)


def _require_site(bundles: Sequence[Bundle], site: str | None, remote: str) -> None:
    """Keys of several sites may be registered; to which of them these sticks may write is for whoever imports to say."""
    if site is None and remote.startswith("firebase-gateway"):
        raise click.UsageError("say with --site whose sticks these are: a service account may write to every site")
    for bundle in bundles:
        if site is not None and bundle.site != site:
            raise click.UsageError(f"{bundle.path.name} is of the site {bundle.site!r}, not of {site!r}: nothing was sent")


def _print(path: Path, imported: Imported) -> None:
    for confirmed in imported.confirmed:
        click.echo(f"confirmed  {confirmed.id}  {confirmed.sha256}")
    for failed in imported.failed:
        click.echo(f"{'refused  ' if failed.given_up else 'not sent '}  {failed.id}  {failed.error}: {failed.reason}")
    click.echo(f"{path.name}: {len(imported.confirmed)} confirmed, {len(imported.failed)} not")
