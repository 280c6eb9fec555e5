"""``firstlight cloud erase-patient`` and ``sweep``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tools.cli.cloud_options import PATIENT, SITE, access_options, ask, project_of, yes
from tools.cli.options import as_json

if TYPE_CHECKING:
    from cloud_sync.firebase.admin.access import Access
    from cloud_sync.firebase.admin.erase import Erased


@click.command("erase-patient")
@SITE
@PATIENT
@click.option(
    "--exports",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with exports and their keys: the patient is removed from them, too.",
)
@click.option("--copies-gone", is_flag=True, help="The copies that are known elsewhere do not exist any more: you have looked.")
@click.option("--unknown-too", is_flag=True, help="Nothing has arrived of this patient; keep out what may still come.")
@yes
@as_json
@access_options
def erase_patient(
    site: str,
    patient: str,
    exports: Path | None,
    copies_gone: bool,
    unknown_too: bool,
    yes: bool,
    as_json: bool,
    access: Access,
) -> None:
    """Erase everything about a patient: records, images, reviews, consents, exports. It cannot be undone.

    A tombstone with the reference stays and keeps out what a kiosk may still send. Audit entries stay without the reference.
    Interrupted, it is finished by running it again. Exits with 7 while copies are known that were not found in --exports.
    """
    from cloud_sync.firebase.admin.erase import check, erase

    with project_of(access) as project:
        check(project, site, patient, unknown_too=unknown_too)
        ask(f"erase everything about {patient} at {site} in {access.project}? It cannot be undone.", yes=yes)
        erased = erase(project, site, patient, exports, copies_gone=copies_gone)
    click.echo(json.dumps(_facts(erased), indent=2) if as_json else "\n".join(_lines(patient, erased)))
    for export in erased.elsewhere:
        where = "name its folder with --exports, or remove it and add --copies-gone"
        click.echo(f"a copy is known elsewhere: {export.format} export {export.id} of {export.at:%Y-%m-%d}; {where}", err=True)
    if erased.elsewhere:
        raise click.exceptions.Exit(7)


def _facts(erased: Erased) -> dict[str, object]:
    elsewhere = [{"export": one.id, "format": one.format, "at": one.at.isoformat()} for one in erased.elsewhere]
    return {"erased": dict(erased.counts), "models": list(erased.models), "elsewhere": elsewhere}


def _lines(patient: str, erased: Erased) -> list[str]:
    counts = [f"  {count:>6} {kind}" for kind, count in erased.counts.items() if count]
    models = [f"  a model has seen them, decide about it: {model}" for model in erased.models]
    return [f"{patient} is erased:", *(counts or ["  nothing was left"]), *models]


@click.command()
@SITE
@click.option(
    "--days", type=click.IntRange(min=0), default=30, show_default=True, help="Only what has lain there for longer than this."
)
@yes
@access_options
def sweep(site: str, days: int, yes: bool, access: Access) -> None:
    """Remove images that no record names.

    A kiosk uploads a record's images before its document. Where the document was refused (the patient was erased meanwhile, the
    kiosk revoked), they would stay for ever: Storage's rules cannot see a tombstone. And where the answer to an upload was
    lost, the images were sent once more, to another place.
    """
    from datetime import timedelta

    from cloud_sync.firebase.admin.orphans import find, remove

    with project_of(access) as project:
        orphans = find(project, site, timedelta(days=days))
        if orphans:
            ask(f"remove {len(orphans)} objects of {site} in {access.project}? It cannot be undone.", yes=yes)
            remove(project, orphans)
    click.echo(f"{len(orphans)} objects that no record names are removed")
