"""What the commands of ``firstlight cloud`` share: how a project is named and opened, and files that hold secrets."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tools.cli.options import FILE

if TYPE_CHECKING:
    from cloud_sync.firebase.admin.access import Access
    from cloud_sync.firebase.admin.project import Project

SITE = click.option("--site", required=True, metavar="ID", help="The site's id, as in the kiosk's configuration.")
KIOSK = click.option("--kiosk", metavar="ID", required=True, help="The kiosk's name, as in its configuration.")
PATIENT = click.option("--patient", metavar="REF", required=True, help="The patient's reference, such as P-7ZK3-M0QF-4C.")
yes = click.option("--yes", is_flag=True, help="Do not ask.")


def access_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say which project is meant; the command gets them as one argument, ``access``."""

    @click.option("--project", metavar="ID", help="Firebase project. Default: the service account's own.")
    @click.option("--bucket", metavar="NAME", help="Its Storage bucket. Default: PROJECT.firebasestorage.app.")
    @click.option(
        "--service-account",
        type=FILE,
        metavar="FILE",
        help="Key of a service account (JSON). Default: $GOOGLE_APPLICATION_CREDENTIALS. Not needed for the emulators.",
    )
    @functools.wraps(function)
    def command(*args: Any, project: str | None, bucket: str | None, service_account: Path | None, **kwargs: Any) -> Any:
        from cloud_sync.firebase.admin.access import find_access

        access = find_access(os.environ, project=project, service_account=service_account, bucket=bucket)
        return function(*args, access=access, **kwargs)

    return command


@contextmanager
def project_of(access: Access) -> Iterator[Project]:
    """Open the project; warns where others may read the service account's file."""
    from cloud_sync.firebase.admin.access import readable_by_others
    from cloud_sync.firebase.admin.project import opened

    if access.service_account is not None and readable_by_others(access.service_account):
        warn(f"others may read {access.service_account}, which opens every patient's data: chmod 600 it")
    with opened(access) as project:
        yield project


def warn(sentence: str) -> None:
    click.secho(f"WARNING: {sentence}", fg="red", bold=True, err=True)


def ask(question: str, *, yes: bool) -> None:
    """Ask before something that cannot be undone; raises `click.UsageError` where nobody says yes."""
    if yes:
        return
    try:
        agreed = click.confirm(question, err=True)
    except click.Abort:
        agreed = False
    if not agreed:
        raise click.UsageError("nobody said yes, and nothing was changed (--yes does not ask)")


def new_file(path: Path) -> Path:
    """Return ``path`` if a file can be made there; before anything is done that the file should tell of."""
    from cloud_sync.firebase.admin.errors import OutputFailed

    if path.exists():
        raise OutputFailed(f"{path} is there already and is not overwritten; give another --out")
    if not path.absolute().parent.is_dir():
        raise OutputFailed(f"there is no folder {path.absolute().parent}; make it first")
    if not os.access(path.absolute().parent, os.W_OK):
        raise OutputFailed(f"nobody may write to {path.absolute().parent}; choose another folder")
    return path


def write_secret(path: Path, content: bytes) -> None:
    """Write a file that its owner alone can read. Raises `OutputFailed`."""
    from cloud_sync.firebase.admin.errors import OutputFailed
    from device.store.files import create_durably

    try:
        made = create_durably(path, content, 0o600)
    except OSError as error:
        raise OutputFailed(f"{path} cannot be written ({error.strerror})") from error
    if not made:
        raise OutputFailed(f"{path} is there already and is not overwritten; give another --out")
