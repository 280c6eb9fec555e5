"""``firstlight cloud create-site``, ``invite-doctor`` and ``assign-patient``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tools.cli.cloud_options import PATIENT, SITE, access_options, new_file, project_of, write_secret
from tools.cli.options import FILE

if TYPE_CHECKING:
    from cloud_sync.firebase.admin.access import Access


class Share(click.ParamType[tuple[str, float]]):
    """``MODEL=SHARE``."""

    name = "MODEL=SHARE"

    def convert(
        self, value: str | tuple[str, float], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, float]:
        if isinstance(value, tuple):
            return value
        model, _, share = value.partition("=")
        try:
            return model, float(share)
        except ValueError:
            self.fail(f"{value!r} is no model and share, such as breast=0.006", param, ctx)


@click.command("create-site")
@SITE
@click.option("--name", required=True, metavar="TEXT", help="What people call it.")
@click.option(
    "--prevalence",
    type=Share(),
    multiple=True,
    help="How many of those examined are ill: breast=0.006. May be repeated.",
)
@click.option("--change", is_flag=True, help="The site is there: replace its name and prevalence.")
@access_options
def create_site(site: str, name: str, prevalence: tuple[tuple[str, float], ...], change: bool, access: Access) -> None:
    """Make a site: a clinic, a practice, a household. The same again changes nothing."""
    from cloud_sync.firebase.admin.sites import create_site as create

    with project_of(access) as project:
        made = create(project, site, name, dict(prevalence), change=change)
    click.echo(f"the site {site} is {made}")


@click.command("invite-doctor")
@SITE
@click.option("--email", required=True, metavar="EMAIL", help="Where they can be reached; it is their name for signing in.")
@click.option("--name", required=True, metavar="TEXT", help="As it stands under their reviews and in the audit.")
@click.option("--administrator", is_flag=True, help="They may also see the audit and the fleet, and command kiosks.")
@click.option("--change", is_flag=True, help="They are there with another role or name, or were revoked: replace that.")
@click.option("--out", type=FILE, help="File to write the link into (mode 0600).")
@click.option("--print", "printed", is_flag=True, help="Print the link. Whoever sees it can choose the password.")
@access_options
def invite_doctor(
    site: str, email: str, name: str, administrator: bool, change: bool, out: Path | None, printed: bool, access: Access
) -> None:
    """Let a doctor or an administrator in.

    Writes the link at which they choose a password, to a file (--out) or to the terminal (--print). Nothing is sent: hand it
    over in person, or by a way that you trust. Done again, it makes a new link.
    """
    from cloud_sync.firebase.admin.people import Role, invite

    if (out is None) != printed:
        raise click.UsageError("give --out FILE or --print: the link has to go somewhere")
    if out is not None:
        new_file(out)
    role = Role.ADMINISTRATOR if administrator else Role.DOCTOR
    with project_of(access) as project:
        invited = invite(project, site, email, name, role, change=change)
    if out is not None:
        write_secret(out, invited.link.encode() + b"\n")
    click.echo(f"{role} {email} of {site} is {invited.made}", err=printed)
    if printed:
        click.echo(invited.link)
    else:
        click.echo(f"hand {out} over to them alone: it holds the link at which they choose a password", err=True)


@click.command("assign-patient")
@SITE
@PATIENT
@click.option("--doctor", required=True, metavar="EMAIL", help="A doctor of the site.")
@click.option("--remove", is_flag=True, help="Take the doctor off the patient's list.")
@click.option("--new", is_flag=True, help="Nothing of this patient has arrived yet, and the reference is right all the same.")
@access_options
def assign_patient(site: str, patient: str, doctor: str, remove: bool, new: bool, access: Access) -> None:
    """Put a doctor on a patient's list, or take them off. Done again, it changes nothing."""
    from cloud_sync.firebase.admin.patients import assign

    with project_of(access) as project:
        changed = assign(project, site, patient, doctor, remove=remove, new=new)
    state = "is not on the list of" if remove else "looks after"
    click.echo(f"{doctor} {state} {patient}" + ("" if changed else " (as before)"))
