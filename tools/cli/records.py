"""``firstlight records``: what is saved, for who holds the recipient's private key."""

from __future__ import annotations

import json
from collections.abc import Mapping
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
    """List examinations, oldest first; one that cannot be read is listed too."""
    from device.store.errors import SealBroken

    rows = [row for row in _rows(data_dir) if (row["modality"] == modality if modality else row["modality"] != "consent")]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    else:
        click.echo("\n".join(map(_line, rows)) or "no records")
    closed = [row["problem"] for row in rows if row["problem"]]
    if closed:
        raise SealBroken(f"{len(closed)} of {len(rows)} records cannot be read: {closed[0]}")


@command.command()
@RECORD
@data_dir
@as_json
def show(record_id: str, data_dir: Path, as_json: bool) -> None:
    """Print one record."""
    from device.store.catalogue import open_record
    from device.store.keys import load_opener

    document = open_record(data_dir, record_id, load_opener(data_dir)).document
    click.echo(json.dumps(document, indent=2) if as_json else "\n".join(_lines(document)))


@command.command()
@RECORD
@data_dir
@click.option("--out", type=FILE, required=True, help="File to write (.npz): celsius, raw, eeprom, map, asymmetry, bad.")
def export(record_id: str, data_dir: Path, out: Path) -> None:
    """Write one record's arrays to a file that numpy can load, and that `replay:FILE` can show again."""
    from device.store.catalogue import export_part
    from device.store.keys import load_opener

    if not out.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {out.absolute().parent}; make it first", param_hint="--out")
    export_part(data_dir, record_id, load_opener(data_dir), out)
    click.echo(f"{out}: patient data in clear, keep it safe", err=True)


def _rows(data_dir: Path) -> list[dict[str, Any]]:
    """What is known of each record; a purged one is known by what needs no key."""
    from device.store.catalogue import describe_records
    from device.store.keys import load_opener

    rows = []
    for described in describe_records(data_dir, load_opener(data_dir)):
        listed, document = described.listed, described.document or {}
        rows.append(
            {
                "id": listed.id,
                "patient": document.get("patient"),
                "modality": document.get("modality"),
                "captured_at": document.get("captured_at", listed.moment.wall.isoformat()),
                "lane": listed.lane.name.lower(),
                "state": str(listed.state),
                "tries": listed.tries,
                "last_error": listed.last_error,
                "problem": described.problem,
            }
        )
    return rows


def _line(row: Mapping[str, Any]) -> str:
    note = row["problem"] or row["last_error"]
    columns = [row["id"], row["captured_at"], f"{row['patient'] or '-':<16}", f"{row['modality'] or '-':<8}", row["state"]]
    return "  ".join([*columns, note] if note else columns)


def _lines(document: Mapping[str, Any], indent: str = "") -> list[str]:
    lines = []
    for key, value in document.items():
        if isinstance(value, dict):
            lines += [f"{indent}{key}:", *_lines(value, indent + "  ")]
        else:
            lines.append(f"{indent}{key}: {value}")
    return lines
