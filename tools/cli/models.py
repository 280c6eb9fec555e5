"""``firstlight models``: which bundles there are, and whether they can be trusted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tools.cli.options import as_json

if TYPE_CHECKING:
    from models.bundle import Bundle

BUNDLE = click.argument("bundle", type=click.Path(path_type=Path))


@click.group()
def command() -> None:
    """List, show and verify model bundles. BUNDLE is a folder, or the name of one that is shipped."""


@command.command("list")
@as_json
def list_bundles(as_json: bool) -> None:
    """List the shipped bundles."""
    from models.bundle import Bundle, default_bundle

    shipped = default_bundle("breast").parent
    bundles = [Bundle.open(path) for path in sorted(shipped.iterdir()) if path.is_dir()]
    rows = [
        {
            "name": bundle.card.name,
            "version": bundle.card.version,
            "modality": bundle.card.input.modality,
            "bytes": len(bundle.model),
            "sha256": bundle.sha256,
        }
        for bundle in bundles
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        click.echo("{name:<12} {version:<8} {modality:<18} {bytes:>8} bytes  {sha256}".format_map(row))


@command.command()
@BUNDLE
def show(bundle: Path) -> None:
    """Print a bundle's card, after its hashes have been checked."""
    opened = _open(bundle)
    click.echo((opened.path / "card.toml").read_text(encoding="utf-8"))


@command.command()
@BUNDLE
def verify(bundle: Path) -> None:
    """Check hashes and card, and run the model once."""
    from models.breast import BreastModel

    opened = _open(bundle)
    BreastModel.load(opened.path)
    click.echo(f"{opened.card.name} {opened.card.version}: hashes, card and model are in order ({opened.sha256})")


def _open(bundle: Path) -> Bundle:
    from models.bundle import Bundle, default_bundle

    return Bundle.open(bundle if bundle.exists() else default_bundle(str(bundle)))
