"""``firstlight cloud deploy``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tools.cli.cloud_options import access_options, ask, project_of, yes

if TYPE_CHECKING:
    from cloud_sync.firebase.admin.access import Access

PARTS = ("rules", "indexes", "storage", "portal", "sign-in")


@click.command()
@click.option("--only", type=click.Choice(PARTS), multiple=True, help="A part of it. May be repeated. Default: everything.")
@click.option("--show", is_flag=True, help="Say what would be different, and what is there now; change nothing.")
@click.option("--second-factor", is_flag=True, help="Let people add an authenticator app (needs Identity Platform).")
@click.option("--api-key", metavar="KEY", help="Web API key for the portal. Default: that of the project's first web app.")
@click.option("--origin", multiple=True, metavar="URL", help="Another address of the portal, such as a domain of your own.")
@yes
@access_options
def deploy(
    only: tuple[str, ...],
    show: bool,
    second_factor: bool,
    api_key: str | None,
    origin: tuple[str, ...],
    yes: bool,
    access: Access,
) -> None:
    """Bring rules, indexes, the portal and how people sign in to the project, partly with Google's firebase-tools.

    Asks before it replaces rules that are not these (an earlier version's, too), and before it changes how people sign in:
    somebody may rely on it. Indexes that the project has beyond these stay. With `storage`, the bucket lets the portal's pages
    fetch images (CORS). With `sign-in`, people have a password and come by invitation alone.
    """
    from cloud_sync.firebase.admin.plan import carry_out, make
    from cloud_sync.firebase.admin.release import PartName

    parts = [PartName(word) for word in only or PARTS]
    with project_of(access) as project:
        plan = make(project, parts, api_key=api_key, more_origins=origin, second_factor=second_factor)
        click.echo(f"project {access.project}, bucket {access.bucket}:")
        for line in plan.lines():
            click.echo(f"  {line}")
        if show:
            return
        if questions := plan.questions():
            ask(f"{', and '.join(questions)}, in {access.project}?", yes=yes)
        carry_out(project, plan, lambda line: click.echo(line, err=True))
    click.echo(f"deployed to {access.project}: {', '.join(parts)}")
