"""What the clinic wants this kiosk to do: fetched, carried out, and answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cloud_sync.remote import Acknowledgement, Command


class CommandRefused(ValueError):
    """A handler will not do this; the message is for the person who sent the command."""


class CommandPending(Exception):
    """It is being done and will be asked for again; nothing is answered yet."""

    def __init__(self, *, soon: bool = False) -> None:
        """``soon``: there is something to do for it, as soon as records leave time for that."""
        super().__init__()
        self.soon = soon


Handler = Callable[[Command], str]
"""Carries out one kind of command and returns a sentence about what was done; raises `CommandRefused` or `CommandPending`.

Doing the same twice must be harmless: the process may be killed between the deed and its acknowledgement.
"""


def carry_out(command: Command, handlers: Mapping[str, Handler]) -> Acknowledgement:
    """Do what ``command`` says and return the answer. Raises `CommandPending` where that takes longer, and `RemoteError`.

    A kind that nobody handles is refused, never ignored.
    """
    handler = handlers.get(command.kind)
    if handler is None:
        known = ", ".join(sorted(handlers)) or "none"
        return Acknowledgement(
            command.id, False, f"this kiosk does not know the command {command.kind[:40]!r} (it knows: {known})"
        )
    try:
        return Acknowledgement(command.id, True, handler(command))
    except CommandRefused as error:
        return Acknowledgement(command.id, False, str(error))
