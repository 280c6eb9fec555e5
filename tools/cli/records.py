"""``firstlight records``: what is saved, for who holds the recipient's private key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from tools.cli.options import FILE, as_json, data_dir

RECORD = click.argument("record_id", metavar="ID")


@click.group()
def command() -> None:
    """List, show and export saved records. Needs the private key in DATA_DIR/keys."""


@command.command("list")
@data_dir
@as_json
@click.option("--modality", help="Only these, e.g. thermal or consent. Without it: all examinations, no consents.")
def list_command(data_dir: Path, as_json: bool, modality: str | None) -> None:
    """List examinations, newest last."""
    from device.store.catalogue import list_records

    wanted = [r for r in list_records(data_dir) if (r["modality"] == modality if modality else r["modality"] != "consent")]
    if as_json:
        click.echo(json.dumps(wanted, indent=2))
        return
    if not wanted:
        click.echo("no records")
    for row in wanted:
        click.echo(f"{row['id']}  {row['captured_at']}  {row['patient']:<16} {row['modality']:<8} {row['state']}")


@command.command()
@RECORD
@data_dir
@as_json
def show(record_id: str, data_dir: Path, as_json: bool) -> None:
    """Print one record."""
    document = _open(data_dir, record_id).document
    click.echo(json.dumps(document, indent=2) if as_json else "\n".join(_lines(document)))


@command.command()
@RECORD
@data_dir
@click.option("--out", type=FILE, required=True, help="File to write (.npz): celsius, raw, eeprom, map, asymmetry, bad.")
def export(record_id: str, data_dir: Path, out: Path) -> None:
    """Write one record's arrays to a file that numpy can load, and `replay:FILE` can show again."""
    part = _open(data_dir, record_id).parts.get("capture.npz")
    if part is None:
        raise click.ClickException(f"record {record_id} holds no capture (a consent, perhaps)")
    out.write_bytes(part)
    click.echo(f"{out}: {len(part)} bytes, patient data in clear: keep it safe", err=True)


def _open(data_dir: Path, record_id: str) -> Any:
    from device.store.catalogue import open_record

    return open_record(data_dir, record_id)


def _lines(document: dict[str, Any], indent: str = "") -> list[str]:
    lines = []
    for key, value in document.items():
        if isinstance(value, dict):
            lines += [f"{indent}{key}:", *_lines(value, indent + "  ")]
        else:
            lines.append(f"{indent}{key}: {value}")
    return lines
