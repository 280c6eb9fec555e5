"""``firstlight cloud enrol-kiosk``, ``revoke`` and ``list``."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tools.cli.cloud_options import KIOSK, SITE, access_options, new_file, project_of, write_secret
from tools.cli.options import FILE, as_json

if TYPE_CHECKING:
    from cloud_sync.firebase.admin.access import Access
    from cloud_sync.firebase.admin.kiosks import Kiosk
    from cloud_sync.firebase.admin.users import User


@click.command("enrol-kiosk")
@SITE
@KIOSK
@click.option("--label", required=True, metavar="TEXT", help="What people call it: 'Hall, ground floor'.")
@click.option("--out", type=FILE, required=True, help="Enrolment file to write (mode 0600); it goes onto the SD card.")
@click.option("--api-key", metavar="KEY", help="Web API key. Default: that of the project's first web app.")
@click.option("--again", is_flag=True, help="The kiosk is enrolled already: end what it has, and enrol it anew.")
@access_options
def enrol_kiosk(site: str, kiosk: str, label: str, out: Path, api_key: str | None, again: bool, access: Access) -> None:
    """Let a kiosk in; writes the file for its SD card.

    The file holds a password that the kiosk changes when it first signs in. Until then whoever has the file is the kiosk.
    """
    from cloud_sync.firebase.admin.kiosks import VALID, enrol, enrolment_text
    from cloud_sync.firebase.admin.web import api_key_of

    new_file(out)
    with project_of(access) as project:
        enrolment = enrol(project, site, kiosk, label, api_key_of(project, api_key), again=again)
    write_secret(out, enrolment_text(enrolment))
    click.echo(f"the kiosk {kiosk} of {site} is enrolled in {access.project}")
    hours = int(VALID.total_seconds()) // 3600
    click.echo(f"put {out} onto its SD card within {hours} hours, and keep no copy: it holds a password", err=True)


@click.command()
@click.option("--site", metavar="ID", help="The kiosk's site.")
@click.option("--kiosk", metavar="ID", help="The kiosk to shut out.")
@click.option("--doctor", metavar="EMAIL", help="The doctor or administrator to shut out.")
@access_options
def revoke(site: str | None, kiosk: str | None, doctor: str | None, access: Access) -> None:
    """Shut out a kiosk (--site and --kiosk), or a person (--doctor).

    Done again, it changes nothing. What they have sent stays. `enrol-kiosk --again` and `invite-doctor --change` undo it.
    """
    from cloud_sync.firebase.admin import kiosks, people

    if (doctor is None) == (kiosk is None) or (kiosk is None) != (site is None):
        raise click.UsageError("give --site and --kiosk, or --doctor")
    with project_of(access) as project:
        if kiosk is not None and site is not None:
            was_in_use = kiosks.revoke(project, site, kiosk)
            said = "" if was_in_use else " already"
            click.echo(
                f"the kiosk {kiosk} of {site} is revoked{said}: its user is disabled, so it gets no new token, and the rules "
                f"refuse a token that is older than {kiosks.TOKEN_AGE_MINUTES} minutes. It stops within "
                f"{kiosks.TOKEN_AGE_MINUTES} minutes"
            )
        elif doctor is not None:
            said = "" if people.revoke(project, doctor) else " already"
            click.echo(
                f"{doctor} is revoked{said}: they cannot sign in. A page that is open now works until its token ends, "
                "an hour at most"
            )


@click.command("list")
@SITE
@as_json
@access_options
def list_all(site: str, as_json: bool, access: Access) -> None:
    """List a site's kiosks, doctors and administrators."""
    from cloud_sync.firebase.admin.kiosks import list_kiosks
    from cloud_sync.firebase.admin.people import list_people

    with project_of(access) as project:
        kiosks, people = list_kiosks(project, site), list_people(project, site)
    if as_json:
        rows = {"kiosks": [_kiosk_row(one) for one in kiosks], "people": [_person_row(one) for one in people]}
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for kiosk in kiosks:
        click.echo(_kiosk_line(kiosk))
    for person in people:
        row = _person_row(person)
        state = "revoked" if row["revoked"] else f"last here {row['last_sign_in'] or 'never'}"
        click.echo(f"{row['role']:<14} {row['email']:<32} {row['name']:<24} {state}")
    if not kiosks and not people:
        click.echo("nobody yet")


def _kiosk_row(kiosk: Kiosk) -> dict[str, Any]:
    return {
        "kiosk": kiosk.kiosk,
        "label": kiosk.label,
        "enrolled_at": _text(kiosk.enrolled_at),
        "revoked_at": _text(kiosk.revoked_at),
        "heard_of": kiosk.heard_of,
        "last_contact": _text(kiosk.last_contact),
        "version": kiosk.version,
    }


def _kiosk_line(kiosk: Kiosk) -> str:
    state = f"last contact {_text(kiosk.last_contact) or 'never'}, version {kiosk.version or 'unknown'}"
    if not kiosk.heard_of:
        state = "not heard of since it was enrolled; if its enrolment file may be lost: revoke it"
    if kiosk.revoked_at is not None:
        state = f"revoked {_text(kiosk.revoked_at)}"
    return f"{'kiosk':<14} {kiosk.kiosk:<32} {kiosk.label:<24} {state}"


def _person_row(user: User) -> dict[str, Any]:
    return {
        "email": user.email,
        "name": user.name or "",
        "role": user.claims.get("role"),
        "revoked": user.disabled,
        "last_sign_in": _text(user.last_sign_in),
    }


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
