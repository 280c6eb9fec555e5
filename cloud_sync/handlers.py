"""The commands that a kiosk carries out, each checked as if a stranger had sent it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from cloud_sync.commands import CommandRefused, Handler
from cloud_sync.inbox import Fetch, ModelInbox
from cloud_sync.remote import Command
from device.process.config import Config, ConfigError, write_clinic
from device.process.moment import Timekeeper
from device.store.outbox import Outbox

_CARD_REF = re.compile(r"[0-9a-f]{64}")


def all_handlers(outbox: Outbox, own: Config, data_dir: Path, fetch: Fetch, timekeeper: Timekeeper) -> Mapping[str, Handler]:
    """Return what this kiosk can do. ``own``: its configuration without what the clinic sent before."""
    inbox = ModelInbox(data_dir, own.kiosk.name, fetch, timekeeper)

    def configuration(command: Command) -> str:
        """``{section: {key: value}}``, in place of all that was sent before; used from the next start."""
        if not command.value:
            raise CommandRefused("the command holds no setting: nothing was changed")
        try:
            path = write_clinic(command.value, own, data_dir)
        except ConfigError as error:
            raise CommandRefused(f"nothing was changed: {error}") from error
        except OSError as error:
            raise CommandRefused(f"nothing was changed, the settings cannot be written: {error.strerror}") from error
        return f"written to {path.name}; the kiosk uses it from its next start"

    def revoke_card(command: Command) -> str:
        """``{"card_ref": 64 hexadecimal digits}``: the card's reference under this site's key."""
        card_ref = command.value.get("card_ref")
        if not isinstance(card_ref, str) or not _CARD_REF.fullmatch(card_ref):
            raise CommandRefused("the command holds no card's reference (card_ref: 64 hexadecimal digits): nothing was changed")
        return "the card is revoked" if outbox.revoke_card(card_ref) else "the card was revoked before"

    return {"configuration": configuration, "revoke_card": revoke_card, "model": inbox.take}
