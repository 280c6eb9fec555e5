"""``firstlight cloud``: what an administrator does to the clinic's Firebase project (docs/cloud.md)."""

from __future__ import annotations

import click

from tools.cli.lazy import Entry, LazyGroup

COMMANDS = {
    "create-site": Entry("cloud_people", "create_site", "Make a site: a clinic, a practice, a household."),
    "enrol-kiosk": Entry("cloud_kiosks", "enrol_kiosk", "Let a kiosk in; writes the file for its SD card."),
    "revoke": Entry("cloud_kiosks", "revoke", "Shut out a kiosk, or a person."),
    "invite-doctor": Entry("cloud_people", "invite_doctor", "Let a doctor or an administrator in."),
    "assign-patient": Entry("cloud_people", "assign_patient", "Put a doctor on a patient's list, or take them off."),
    "list": Entry("cloud_kiosks", "list_all", "List a site's kiosks, doctors and administrators."),
    "command": Entry("cloud_commands", "command", "Send a configuration, a model or a card's revocation to kiosks."),
    "publish-model": Entry("cloud_commands", "publish_model", "Put a signed model bundle where kiosks fetch it."),
    "publish-cards": Entry("cloud_commands", "publish_cards", "Show the cards of the shipped models in the portal."),
    "deploy": Entry("cloud_deploy", "deploy", "Bring rules, indexes and the portal to the project."),
    "export": Entry("cloud_export", "export", "Write records as FHIR or CSV."),
    "export-training": Entry("cloud_export", "export_training", "Write consented, reviewed records without names."),
    "import-usb": Entry("cloud_usb", "import_usb", "Take the records that came on a USB stick."),
    "note-model": Entry("cloud_export", "note_model", "Say which model was trained on an export."),
    "sweep": Entry("cloud_erase", "sweep", "Remove images that no record belongs to."),
    "erase-patient": Entry("cloud_erase", "erase_patient", "Erase everything about a patient."),
}


@click.group(cls=LazyGroup, entries=COMMANDS)
def command() -> None:
    """Set up a clinic's Firebase project, let kiosks and doctors in and out, export, erase (docs/cloud.md).

    For an administrator's own computer: the service account that these commands need opens every patient's data. It must
    never lie on a kiosk.
    """
