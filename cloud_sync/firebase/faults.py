"""From what a Google server answers to the error that says what to do about it."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from cloud_sync.firebase.http import Answer
from cloud_sync.remote import (
    RemoteClockWrong,
    RemoteError,
    RemoteFull,
    RemoteGarbage,
    RemoteQuota,
    RemoteRefused,
    RemoteUnavailable,
)

_LONGEST_WAIT_S = 3600.0
_QUOTA = ("RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", "TOO_MANY_ATTEMPTS")
_CLOCK = ("reasonable timeframe", "Token used too early", "issued in the future", "clock skew")
"""What Google's token servers say to a signature whose times they do not believe."""


def is_success(answer: Answer) -> bool:
    return 200 <= answer.status < 300


def reason_of(answer: Answer) -> str:
    """Return what the server said, in one short line; its status where it said nothing that can be shown."""
    error = _error(answer)
    words = [str(error[key]) for key in ("status", "message") if error.get(key)]
    text = ": ".join(dict.fromkeys(words)) or f"status {answer.status}"
    return " ".join(text.split())[:200]


def status_of(answer: Answer) -> str:
    """Return Google's word for the fault (``ALREADY_EXISTS``), an empty text where there is none."""
    return str(_error(answer).get("status", ""))


def fault_of(answer: Answer, what: str, server: str, skew_s: float | None = None) -> RemoteError:
    """Return the error for an answer that is no success. ``what`` completes "... failed", ``server`` is Firebase's part."""
    said = reason_of(answer)
    error = _fault(answer, f"{server} says {said!r} to {what}", said, skew_s)
    if isinstance(error, RemoteUnavailable):
        error.retry_after_s = retry_after_s(answer)
    return error


def retry_after_s(answer: Answer) -> float:
    """Return the seconds that the Retry-After header asks for (RFC 9110, 10.2.3), at most an hour; 0 without one."""
    value = answer.headers.get("retry-after", "")
    try:
        wait_s = float(value)
    except ValueError:
        wait_s = _until(value, answer)
    return min(max(wait_s, 0.0), _LONGEST_WAIT_S) if wait_s == wait_s else 0.0


def _until(value: str, answer: Answer) -> float:
    """Return the seconds to an HTTP date, by the server's own clock."""
    try:
        now = parsedate_to_datetime(answer.headers["date"]) if "date" in answer.headers else datetime.now(UTC)
        return (parsedate_to_datetime(value) - now).total_seconds()
    except (ValueError, TypeError):
        return 0.0


def _fault(answer: Answer, sentence: str, said: str, skew_s: float | None) -> RemoteError:
    status = answer.status
    if any(word in said for word in _CLOCK):
        by = "" if skew_s is None else f", which is {abs(skew_s):.0f} s {'ahead' if skew_s > 0 else 'behind'},"
        return RemoteClockWrong(f"{sentence}: set the clock of this machine{by} or let it be set from the network")
    if status == 429 or any(word in said for word in _QUOTA):
        return RemoteQuota(f"{sentence}: too many requests, or the project's quota is used up; see its usage in the console")
    if status in (408, 500, 502, 503, 504) or status_of(answer) == "ABORTED":  # two wrote at once; nothing was written
        return RemoteUnavailable(f"{sentence}: it will be asked again later")
    if status in (402, 507):
        return RemoteFull(f"{sentence}: somebody must look at the project's billing and storage")
    if not _error(answer):
        begin = answer.body[:60].decode("utf-8", "replace")
        return RemoteGarbage(f"{sentence}, and more it does not say ({begin!r}): is there a sign-in page in this network?")
    if status == 403:
        return RemoteRefused(f"{sentence}: the rules do not allow it; compare site and kiosk with its enrolment")
    if status == 404:
        return RemoteRefused(f"{sentence}: is the project's database or bucket there?")
    return RemoteRefused(f"{sentence}: nothing that can be tried again will help; please report it")


def _error(answer: Answer) -> dict[str, Any]:
    """Return Google's error object, which a query wraps into a list; an empty one where the answer holds none."""
    try:
        body = answer.json()
    except RemoteGarbage:
        return {}
    if isinstance(body, list) and body:
        body = body[0]
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, str):  # OAuth's own form, RFC 6749, 5.2
        return {"status": error, "message": str(body.get("error_description", ""))}
    return error if isinstance(error, dict) else {}
