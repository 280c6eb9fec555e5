"""``firstlight cloud``: what an administrator does to the clinic's Firebase project (docs/cloud.md)."""

from __future__ import annotations

import importlib

import click

COMMANDS = {
    "create-site": ("cloud_people", "create_site", "Make a site: a clinic, a practice, a household."),
    "enrol-kiosk": ("cloud_kiosks", "enrol_kiosk", "Let a kiosk in; writes the file for its SD card."),
    "revoke": ("cloud_kiosks", "revoke", "Shut out a kiosk, or a person."),
    "invite-doctor": ("cloud_people", "invite_doctor", "Let a doctor or an administrator in."),
    "assign-patient": ("cloud_people", "assign_patient", "Put a doctor on a patient's list, or take them off."),
    "list": ("cloud_kiosks", "list_all", "List a site's kiosks, doctors and administrators."),
    "command": ("cloud_commands", "command", "Send a configuration, a model or a card's revocation to kiosks."),
    "publish-model": ("cloud_commands", "publish_model", "Put a signed model bundle where kiosks fetch it."),
    "publish-cards": ("cloud_commands", "publish_cards", "Show the cards of the shipped models in the portal."),
    "deploy": ("cloud_deploy", "deploy", "Bring rules, indexes and the portal to the project."),
    "export": ("cloud_export", "export", "Write records as FHIR or CSV."),
    "export-training": ("cloud_export", "export_training", "Write consented, reviewed records without names."),
    "import-usb": ("cloud_usb", "import_usb", "Take the records that came on a USB stick."),
    "note-model": ("cloud_export", "note_model", "Say which model was trained on an export."),
    "sweep": ("cloud_erase", "sweep", "Remove images that no record belongs to."),
    "erase-patient": ("cloud_erase", "erase_patient", "Erase everything about a patient."),
}
"""Name: (module of this folder, attribute, first line)."""


class LazyGroup(click.Group):
    """Knows its commands by name and first line; Google's libraries take most of a second to import."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command = getattr(importlib.import_module(f"tools.cli.{module}"), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in COMMANDS.items()])


@click.group(cls=LazyGroup)
def command() -> None:
    """Set up a clinic's Firebase project, let kiosks and doctors in and out, export, erase (docs/cloud.md).

    For an administrator's own computer: the service account that these commands need opens every patient's data. It must
    never lie on a kiosk.
    """
