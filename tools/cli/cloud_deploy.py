"""``firstlight cloud deploy``."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tools.cli.cloud_options import access_options, ask, project_of, yes

if TYPE_CHECKING:
    from cloud_sync.firebase.admin.access import Access
    from cloud_sync.firebase.admin.deployed import Present
    from cloud_sync.firebase.admin.project import Project
    from cloud_sync.firebase.admin.release import PartName, Release

PARTS = ("rules", "indexes", "storage", "portal")


@click.command()
@click.option("--only", type=click.Choice(PARTS), multiple=True, help="A part of it. May be repeated. Default: everything.")
@click.option("--show", is_flag=True, help="Say what would be deployed, and what is there now; change nothing.")
@click.option("--api-key", metavar="KEY", help="Web API key for the portal. Default: that of the project's first web app.")
@click.option("--origin", multiple=True, metavar="URL", help="Another address of the portal, such as a domain of your own.")
@yes
@access_options
def deploy(only: tuple[str, ...], show: bool, api_key: str | None, origin: tuple[str, ...], yes: bool, access: Access) -> None:
    """Bring rules, indexes and the portal to the project, with Google's firebase-tools.

    Asks before it replaces rules that are not these (an earlier version's, too): whoever wrote them relied on them. Indexes
    that the project has beyond these stay. With `storage`, the bucket lets the portal's pages fetch images (CORS).
    """
    from cloud_sync.firebase.admin import origins, tools
    from cloud_sync.firebase.admin.access import default_bucket
    from cloud_sync.firebase.admin.deployed import Present
    from cloud_sync.firebase.admin.errors import DeployFailed
    from cloud_sync.firebase.admin.release import PartName, gather
    from cloud_sync.firebase.admin.web import web_settings

    if access.service_account is None:
        raise DeployFailed("the emulators take rules from files when they start; there is nothing to deploy to them")
    parts = [PartName(word) for word in only or PARTS]
    executable = tools.find()
    with project_of(access) as project:
        web = web_settings(project, api_key) if PartName.PORTAL in parts else None
        release = gather(parts, web)
        there = _present(project, release)
        pages = origins.missing(project, origins.portals(access.project, origin)) if PartName.STORAGE in parts else []
    click.echo(f"project {access.project}, bucket {access.bucket}:")
    for line in release.describe():
        click.echo(f"  {line}")
    for what, state in there:
        click.echo(f"  the project has {what}: {state}")
    for page in pages:
        click.echo(f"  the bucket will let pages of {page} fetch images")
    if show:
        return
    if replaced := [what for what, state in there if state is Present.OTHER]:
        ask(f"replace {' and '.join(replaced)} of {access.project}, which are other ones?", yes=yes)
    with tempfile.TemporaryDirectory(prefix="firstlight-deploy-") as name:
        folder = Path(name)
        release.write(folder, None if access.bucket == default_bucket(access.project) else access.bucket)
        tools.deploy(
            executable,
            folder,
            project=access.project,
            targets=release.targets,
            service_account=access.service_account,
            said=lambda line: click.echo(line, err=True),
        )
    if pages:
        with project_of(access) as project:
            origins.allow(project, pages)
    click.echo(f"deployed to {access.project}: {', '.join(parts)}")


def _present(project: Project, release: Release) -> Sequence[tuple[str, Present]]:
    from cloud_sync.firebase.admin.deployed import firestore_release, present, storage_release
    from cloud_sync.firebase.admin.release import PartName

    asked: dict[PartName, tuple[str, str, str]] = {
        PartName.RULES: ("Firestore's rules", firestore_release(project), release.firestore_rules),
        PartName.STORAGE: ("Storage's rules", storage_release(project), release.storage_rules),
    }
    chosen = [asked[part] for part in release.parts if part in asked]
    return [(what, present(project, name, ours)) for what, name, ours in chosen]
