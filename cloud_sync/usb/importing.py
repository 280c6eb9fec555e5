"""From a stick to the cloud, on an administrator's computer: the same calls as a kiosk with a network makes."""

from __future__ import annotations

from dataclasses import dataclass, field

from cloud_sync.remote import RemoteConflict, RemoteError, RemoteMismatch, RemoteRefused
from cloud_sync.report import Confirmed, Failed
from cloud_sync.upload import Unreadable, Uploader
from cloud_sync.usb.bundle import Bundle


@dataclass
class Imported:
    """What became of one bundle."""

    confirmed: list[Confirmed] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)


def import_bundle(bundle: Bundle, uploader: Uploader) -> Imported:
    """Send each record of ``bundle``; one that is in the cloud already is confirmed, not doubled.

    A record that cannot be opened, that names another site or kiosk than the bundle, or that the cloud refuses, does not keep
    the others back. Raises `RemoteError` where the cloud itself is away (then the same call goes on later), `BundleDamaged` and
    `StickUnusable`.
    """
    imported = Imported()
    for record in bundle.read():
        try:
            imported.confirmed.append(Confirmed(record.id, uploader.upload(record, (bundle.site, bundle.kiosk))))
        except (Unreadable, RemoteRefused, RemoteConflict, RemoteMismatch) as error:
            imported.failed.append(Failed(record.id, type(error).__name__, str(error), given_up=True))
        except RemoteError:
            if not imported.confirmed:
                raise
            # What was confirmed deserves its receipt; the rest is still on the stick.
            imported.failed.append(Failed(record.id, "RemoteUnavailable", "the cloud went away; import again", given_up=False))
            break
    return imported
