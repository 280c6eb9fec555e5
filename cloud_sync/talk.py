"""What is said between kiosk and clinic beside the records: heartbeats up, commands down, each in its time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from cloud_sync.batch import OF_ONE_RECORD
from cloud_sync.commands import CommandPending, Handler, carry_out
from cloud_sync.keeper import ConditionKeeper
from cloud_sync.patience import Patience
from cloud_sync.remote import Remote, RemoteError, RemoteStuck
from cloud_sync.upload import Uploader
from device.process.logs import Log
from device.process.moment import Timekeeper

OVERDUE_S = 240.0
"""A heartbeat that is later than this interrupts whatever is under way: a kiosk counts as stopped after 15 minutes."""
_log = Log(__name__)


class Talk:
    """Belongs to the thread of `Sync`. Every method raises `RemoteStuck` where the process must be started anew."""

    def __init__(
        self,
        remote: Remote,
        uploader: Uploader,
        timekeeper: Timekeeper,
        patience: Patience,
        handlers: Mapping[str, Handler],
        condition: ConditionKeeper | None,
        alarm: Callable[[RemoteError], None],
        *,
        interval_s: float,
        heartbeat_s: float,
        call_deadline_s: float,
    ) -> None:
        """``alarm`` is told of every fault; ``condition``: ``None`` where nobody wants heartbeats."""
        self._remote = remote
        self._uploader = uploader
        self._timekeeper = timekeeper
        self._patience = patience
        self._handlers = handlers
        self._condition = condition
        self._alarm = alarm
        self._interval_s = interval_s
        self._heartbeat_s = heartbeat_s
        self._call_deadline_s = call_deadline_s
        self._commands_due_s = self._heartbeat_due_s = timekeeper.monotonic()
        self.noise_k: float | None = None
        """Of the last thermogram that was sent."""

    @property
    def overdue(self) -> bool:
        return self._condition is not None and self._timekeeper.monotonic() > self._heartbeat_due_s + OVERDUE_S

    def turn(self) -> None:
        """Say and ask what is due."""
        if self._timekeeper.monotonic() >= self._commands_due_s and not self._patience.waiting:
            self.fetch_commands()
        if self._timekeeper.monotonic() >= self._heartbeat_due_s and not self._patience.waiting:
            self.beat()

    def fetch_commands(self) -> None:
        """Ask for commands, carry them out and answer them."""
        self._commands_due_s = self._timekeeper.monotonic() + self._interval_s
        self._ask("commands not fetched", self._fetch)

    def beat(self) -> None:
        """Say how this kiosk fares."""
        self._heartbeat_due_s = self._timekeeper.monotonic() + self._heartbeat_s
        if self._condition is None:
            return
        put = partial(self._remote.put_heartbeat, self._condition.heartbeat(self.noise_k), self._call_deadline_s)
        self._ask("heartbeat not sent", lambda: self._uploader.call("sending a heartbeat", put))
        self._condition.write()

    def _fetch(self) -> None:
        for command in self._uploader.call("fetching commands", partial(self._remote.fetch_commands, self._call_deadline_s)):
            try:
                answer = carry_out(command, self._handlers)
            except CommandPending as pending:
                if pending.soon:
                    self._commands_due_s = self._timekeeper.monotonic()
                continue
            acknowledge = partial(self._remote.acknowledge_command, answer, self._call_deadline_s)
            self._uploader.call("acknowledging a command", acknowledge)
            _log.info("command answered", kind=command.kind[:40], accepted=answer.accepted, detail=answer.detail)

    def _ask(self, failed: str, ask: Callable[[], None]) -> None:
        """Ask the remote for something that is no record; a refusal holds nobody up."""
        try:
            ask()
            self._patience.worked()
        except RemoteStuck:
            raise
        except RemoteError as error:
            if not isinstance(error, OF_ONE_RECORD):
                self._patience.failed(error)
                self._alarm(error)
            _log.warning(failed, error=type(error).__name__, reason=str(error))
