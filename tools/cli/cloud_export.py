"""``firstlight cloud export``, ``export-training`` and ``note-model``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tools.cli.cloud_options import SITE, access_options, project_of
from tools.cli.options import FILE

if TYPE_CHECKING:
    from cloud_sync.firebase.admin.access import Access

OUT = click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="New folder to write (its owner alone may read it)."
)


@click.command()
@SITE
@click.option("--patient", metavar="REF", help="Only this patient's records.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only records that have arrived since then (UTC).")
@click.option(
    "--format", "format_", type=click.Choice(["fhir", "csv"]), required=True, help="FHIR R4 bundles, or one CSV file."
)
@OUT
@access_options
def export(site: str, patient: str | None, since: datetime | None, format_: str, out: Path, access: Access) -> None:
    """Write records as FHIR or CSV, with the patient's reference, in clear.

    Nothing is overwritten, and an export that fails leaves nothing. It is written down in the audit, and in the cloud whose
    data it holds, so that an erasure knows of it. Exits with 7 where records were left out.
    """
    from cloud_sync.firebase.admin.names import patient as checked
    from cloud_sync.firebase.admin.plain import export as write

    if patient is not None:
        checked(patient)
    with project_of(access) as project:
        written = write(project, site, format_, out, patient=patient, since=since.replace(tzinfo=UTC) if since else None)
    click.echo(f"{written.records} records of {len(written.patients)} patients are in {out} (export {written.export})")
    click.echo(f"{out} holds patients' data in clear: keep it safe, and remove it when it has served", err=True)
    for record, reason in written.left_out.items():
        click.echo(f"left out: {record}: {reason}", err=True)
    if written.left_out:
        raise click.exceptions.Exit(7)


@click.command("export-training")
@SITE
@OUT
@click.option(
    "--key-file", type=FILE, required=True, help="New file (0600) that leads from study ids back to patients. Keep it apart."
)
@access_options
def export_training(site: str, out: Path, key_file: Path, access: Access) -> None:
    """Write consented, reviewed records without names, for training models.

    Only of patients whose latest consent says training, and only records that a doctor could assess. Names, kiosks, free texts,
    photographs and the sensor's serial number stay behind; dates are moved, for each patient by another span.
    """
    from cloud_sync.firebase.admin.training import export_training as write

    with project_of(access) as project:
        gathered = write(project, site, out, key_file)
    click.echo(f"{gathered.records} records of {len(gathered.studies)} people are in {out} (export {gathered.export})")
    for reason, count in gathered.left_out.items():
        click.echo(f"left out: {count} ({reason})", err=True)
    click.echo(f"a model that is trained on it: firstlight cloud note-model --site {site} --export {gathered.export}", err=True)
    click.echo(f"{key_file} leads back to the patients: keep it apart from {out}", err=True)


@click.command("note-model")
@SITE
@click.option("--export", "export_id", required=True, metavar="ID", help="The export's id; it stands in its manifest.")
@click.option("--model", required=True, metavar="SHA256", help="The bundle that was trained on it.")
@access_options
def note_model(site: str, export_id: str, model: str, access: Access) -> None:
    """Say which model was trained on an export.

    When a patient of it is erased, the tombstone names the model: whoever answers for it decides what becomes of it.
    """
    from cloud_sync.firebase.admin.exports import note_model as note

    with project_of(access) as project:
        note(project, site, export_id, model)
    click.echo(f"noted: {model[:12]} was trained on the export {export_id}")
