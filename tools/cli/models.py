"""``firstlight models``: which bundles there are, whether they can be trusted, and which is in use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tools.cli.bundles import BUNDLE, allow_unsigned, find, keys_folder, keys_option, warn_unsigned
from tools.cli.evaluate import command as evaluate
from tools.cli.model_changes import activate, new_key, rollback, sign
from tools.cli.options import as_json, config_file, data_dir

if TYPE_CHECKING:
    from models.bundle import Bundle
    from models.installed import Installed


@click.group()
def command() -> None:
    """List, show, verify, sign and activate model bundles (docs/models-on-the-device.md).

    BUNDLE is a folder, or the name of a model: then its active bundle, or the one that is shipped.
    """


for changing in (sign, new_key, activate, rollback):
    command.add_command(changing)
command.add_command(evaluate, "evaluate")


@command.command("list")
@data_dir
@as_json
def list_bundles(data_dir: Path, as_json: bool) -> None:
    """List what is shipped and what was activated.

    A star marks the bundles in use. Exits with 6 where one of the others should be in use, but cannot be.
    """
    from models.installed import Installed

    rows = list(_rows(Installed(data_dir / "models")))
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    else:
        for row in rows:
            click.echo(_line(row))
    if any(row["fault"] for row in rows):
        raise click.exceptions.Exit(6)


def _rows(installed: Installed) -> Iterator[dict[str, Any]]:
    from models.bundle import default_bundle
    from models.choice import Origin, candidates

    shipped = default_bundle("breast").parent
    for name in sorted({*(path.name for path in shipped.iterdir() if path.is_dir()), *installed.names()}):
        found, faults = candidates(name, installed)
        in_use = True
        for candidate in found:
            row = _looked_at(candidate.path)
            yield {"name": name, "from": str(candidate.origin), **row, "in_use": in_use and row["fault"] is None}
            in_use = in_use and row["fault"] is not None
        if not faults and (before := installed.state(name).previous) and installed.state(name).active is None:
            yield {"name": name, "from": str(Origin.PREVIOUS), **_looked_at(installed.path(name, before)), "in_use": False}
        for fault in faults:
            yield {"name": name, "from": str(Origin.ACTIVE), "path": None, "in_use": False, "fault": str(fault)}


def _looked_at(path: Path) -> dict[str, Any]:
    from models.bundle import Bundle
    from models.errors import ModelError

    try:
        return {"path": str(path), **_facts(Bundle.open(path)), "fault": None}
    except ModelError as error:
        return {"path": str(path), "fault": str(error)}


def _facts(bundle: Bundle) -> dict[str, Any]:
    from models.bundle import MODEL

    return {
        "version": bundle.card.version,
        "task": bundle.card.task.value,
        "modality": bundle.card.input.modality,
        "bytes": len(bundle.files.get(MODEL, b"")),
        "sha256": bundle.sha256,
        "signed": bundle.signature is not None,
    }


def _line(row: dict[str, Any]) -> str:
    head = f"{'*' if row['in_use'] else ' '} {row['name']:<14} {row['from']:<9}"
    if row["fault"]:
        return f"{head} cannot be used: {row['fault']}"
    size = f"{row['bytes']:>9,} bytes" if row["bytes"] else f"{'a rule':>15}"
    return f"{head} {row['version']:<8} {row['task']:<8} {row['modality']:<18} {size}  {row['sha256']}"


@command.command()
@BUNDLE
@data_dir
@as_json
def show(bundle: Path, data_dir: Path, as_json: bool) -> None:
    """Print the card of a bundle.

    Its hashes have been checked before.
    """
    from models.bundle import CARD

    opened = find(bundle, data_dir)
    if as_json:
        click.echo(json.dumps(opened.card.document, indent=2, ensure_ascii=False))
    else:
        click.echo(opened.files[CARD].decode("utf-8"))


@command.command()
@BUNDLE
@allow_unsigned
@keys_option
@config_file
@data_dir
@as_json
def verify(
    bundle: Path, allow_unsigned: bool, keys: Path | None, config_path: Path | None, data_dir: Path, as_json: bool
) -> None:
    """Check hashes, card and signature, and try it out.

    The golden inputs run in a process of their own. Nothing is changed.
    """
    from models.trial import try_out
    from models.trust import establish_trust

    def passed(what: str, found: str) -> None:
        if not as_json:
            click.echo(f"✓ {what:<10} {found}")

    opened = find(bundle, data_dir)
    passed("hashes", f"of {len(opened.files)} files are right")
    passed("card", f"{opened.card.name} {opened.card.version} is complete, task {opened.card.task}")
    trust = establish_trust(opened, keys_folder(keys, config_path), allow_unsigned=allow_unsigned)
    if trust.unsigned:
        warn_unsigned(opened)
    else:
        passed("trust", str(trust))
    try_out(opened)
    passed("trial", "it loads" + (" and gives its golden outputs" if opened.has_network else "; a rule has no network"))
    if as_json:
        facts = {"name": opened.card.name, **_facts(opened), "trust": str(trust), "unsigned": trust.unsigned}
        click.echo(json.dumps(facts, indent=2))
    else:
        click.echo(f"{opened.path} is in order ({opened.sha256})")
