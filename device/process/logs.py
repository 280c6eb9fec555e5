"""Structured log lines on stderr: an event in plain words and its fields, one line each.

For journald (which stores time and unit itself) a line starts with its priority, ``<6>``; for a terminal with the time; for
machines it is JSON. The formatter is the last place that every line passes, other people's libraries included, so it is
where `redaction` is applied.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal, TextIO, TypeAlias

from device.process.moment import wall_text
from device.process.redaction import is_withheld_argument, safe_value, scrub

Style: TypeAlias = Literal["journal", "plain", "json"]

_PRIORITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
"""syslog's numbers, as sd-daemon(3) wants them."""

_DEBUG_PRIORITY = 7


class Log:
    """Where one module says what happens: ``log.info("record saved", record=id, ms=3.1)``.

    The event is a constant sentence, everything that varies is a field. Secret names and types are withheld (`redaction`).
    """

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def debug(self, event: str, /, **fields: object) -> None:
        self._log(logging.DEBUG, event, fields)

    def info(self, event: str, /, **fields: object) -> None:
        self._log(logging.INFO, event, fields)

    def warning(self, event: str, /, **fields: object) -> None:
        """Something is not as it should be, and the kiosk goes on."""
        self._log(logging.WARNING, event, fields)

    def error(self, event: str, /, **fields: object) -> None:
        """Something failed, and a person should look."""
        self._log(logging.ERROR, event, fields)

    def exception(self, event: str, /, **fields: object) -> None:
        """Like `error`, with the traceback of the exception that is being handled."""
        self._log(logging.ERROR, event, fields, trace=True)

    def _log(self, level: int, event: str, fields: Mapping[str, object], *, trace: bool = False) -> None:
        if self._logger.isEnabledFor(level):
            safe = {name: safe_value(name, value) for name, value in fields.items()}
            self._logger.log(level, "%s", event, exc_info=trace, extra={"fields": safe})


class Formatter(logging.Formatter):
    """One line for each record, whatever is in it, with nothing in it that `redaction` knows."""

    def __init__(self, style: Style) -> None:
        super().__init__()
        self._lay_out = {"journal": _journal, "plain": _plain, "json": _json}[style]

    def format(self, record: logging.LogRecord) -> str:
        fields = dict(getattr(record, "fields", {}))
        if record.exc_info:
            fields["trace"] = scrub(self.formatException(record.exc_info))
        return self._lay_out(record, _message(record), fields)


def set_up_logging(*, style: Style | None = None, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Send every log line of this process to ``stream`` (stderr), replacing what was set up before.

    ``style``: ``None`` takes "journal" where stderr goes to journald, else "plain".
    """
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Formatter(style or ("journal" if _goes_to_journal(stream, os.environ) else "plain")))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.captureWarnings(capture=True)


def _message(record: logging.LogRecord) -> str:
    if isinstance(record.args, tuple):
        record.args = tuple(f"<{type(a).__name__} withheld>" if is_withheld_argument(a) else a for a in record.args)
    return scrub(record.getMessage())


def _journal(record: logging.LogRecord, message: str, fields: Mapping[str, Any]) -> str:
    priority = next((number for level, number in _PRIORITIES if record.levelno >= level), _DEBUG_PRIORITY)
    return f"<{priority}>{_line(record, message, fields)}"


def _plain(record: logging.LogRecord, message: str, fields: Mapping[str, Any]) -> str:
    return f"{_time(record)} {record.levelname:<7} {_line(record, message, fields)}"


def _json(record: logging.LogRecord, message: str, fields: Mapping[str, Any]) -> str:
    line = {"time": _time(record), "level": record.levelname.lower(), "source": record.name, "event": message, **fields}
    return json.dumps(line, ensure_ascii=False, default=str)


def _line(record: logging.LogRecord, message: str, fields: Mapping[str, Any]) -> str:
    pairs = "".join(f" {name}={_quoted(value)}" for name, value in fields.items())
    return f"{record.name}: {_one_line(message)}{pairs}"


def _time(record: logging.LogRecord) -> str:
    return wall_text(datetime.fromtimestamp(record.created, UTC))


def _quoted(value: Any) -> str:
    """Write a value so that ``key=value`` can be split again: text with spaces, quotes or line ends as a JSON string."""
    if isinstance(value, float):
        return f"{value:.6g}"
    text = str(value)
    return text if text and text.isprintable() and not set(text) & set(' "=\\') else json.dumps(text, ensure_ascii=False)


def _one_line(message: str) -> str:
    """A line end inside a message would start a new journal entry, with a priority of its own choosing."""
    return message.replace("\\", "\\\\").replace("\r", "\\r").replace("\n", "\\n")


def _goes_to_journal(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Compare ``JOURNAL_STREAM`` (device:inode, systemd.exec(5)) with the stream."""
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return environment.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"
