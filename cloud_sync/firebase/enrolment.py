"""``python -m cloud_sync.firebase.enrolment FILE --credential OUT``: makes the file on the SD card this kiosk's credential.

It signs in with the password of the file and at once replaces it by a random one that nobody keeps, so the file is good for one
kiosk, once. Then the credential is written and the file removed. Exit codes:

    0   enrolled; also where the file was left over from an enrolment of this kiosk
    2   wrong usage, or the file is no enrolment file
    7   Firebase did not answer; the file stays, and the same call can be made again
    10  the file was used already, has expired or belongs to a revoked kiosk: ask the administrator for a new one
    12  the credential cannot be written
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import urllib.parse
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cloud_sync.firebase.credential import BadCredential, Credential, EnrolmentFile, sync_names
from cloud_sync.firebase.endpoints import Endpoints
from cloud_sync.firebase.faults import is_success, reason_of
from cloud_sync.firebase.http import Answer, Http
from cloud_sync.firebase.identity import auth_fault, check_claims, claims_of
from cloud_sync.pace import Pace
from cloud_sync.remote import RemoteError, RemoteGarbage, RemoteRefused, RemoteRevoked
from device.process.logs import Log, set_up_logging
from device.process.moment import Timekeeper
from device.process.time import SystemTimekeeper

CALL_DEADLINE_S = 30.0
OK, USAGE, WAITING, USED, UNWRITABLE = 0, 2, 7, 10, 12
_PASSWORD_BYTES = 32
_WRONG_PASSWORD = ("INVALID_PASSWORD", "INVALID_LOGIN_CREDENTIALS", "EMAIL_NOT_FOUND")
_log = Log(__name__)


class EnrolmentUsed(RemoteRefused):
    """The file's password is not valid (any more)."""


class EnrolmentExpired(RemoteRefused):
    """The file is too old."""


def enrol(enrolment: EnrolmentFile, http: Http, endpoints: Endpoints, timekeeper: Timekeeper) -> Credential:
    """Trade what is in the file for a credential; afterwards the file is worthless.

    Raises `EnrolmentUsed`, `EnrolmentExpired`, `RemoteRevoked` and the other `RemoteError`s. If the power fails between
    the new password and the moment when the credential is on the disk, the kiosk needs a new file: nobody else can have it.
    """
    signed_in = _post(http, endpoints, enrolment, "signInWithPassword", _password(enrolment.email, enrolment.password))
    if not is_success(signed_in):
        raise _sign_in_fault(signed_in, http)
    _check_time(enrolment, http, timekeeper)
    first = _tokens(signed_in)
    check_claims(claims_of(first[0]), enrolment.site, enrolment.kiosk)
    forgotten = {"idToken": first[0], "password": secrets.token_urlsafe(_PASSWORD_BYTES), "returnSecureToken": True}
    changed = _post(http, endpoints, enrolment, "update", forgotten)
    if not is_success(changed):
        raise auth_fault(changed, "a new password for this kiosk", http.skew_s)
    token, refresh_token = _tokens(changed)
    check_claims(claims_of(token), enrolment.site, enrolment.kiosk)
    return Credential(enrolment.project, enrolment.api_key, enrolment.bucket, enrolment.site, enrolment.kiosk, refresh_token)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m cloud_sync.firebase.enrolment", description="Enrol this kiosk.")
    parser.add_argument("file", type=Path, help="the enrolment file")
    parser.add_argument("--credential", type=Path, required=True, help="where the credential is to lie")
    options = parser.parse_args(arguments)
    set_up_logging()
    timekeeper = SystemTimekeeper()
    http = Http(timekeeper, Pace(timekeeper))
    try:
        enrolment = EnrolmentFile.load(options.file)
        options.credential.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        credential = enrol(enrolment, http, Endpoints.from_environment(), timekeeper)
        credential.write(options.credential)
        _remove(options.file)
    except BadCredential as error:
        return _end(USAGE, error)
    except EnrolmentUsed as error:
        if _is_enrolled(options.credential, enrolment):  # only the removal of the file was interrupted
            _remove(options.file)
            return OK
        return _end(USED, error)
    except (EnrolmentExpired, RemoteRevoked) as error:
        return _end(USED, error)
    except RemoteError as error:
        return _end(WAITING, error)
    except OSError as error:
        return _end(UNWRITABLE, f"{error.filename or options.credential}: {error.strerror}")
    finally:
        http.close()
    _log.info("enrolled", site=credential.site, kiosk=credential.kiosk)
    return OK


def _is_enrolled(path: Path, enrolment: EnrolmentFile) -> bool:
    try:
        kept = Credential.load(path)
    except BadCredential:
        return False
    return (kept.project, kept.site, kept.kiosk) == (enrolment.project, enrolment.site, enrolment.kiosk)


def _remove(path: Path) -> None:
    """Remove the file; where that fails it is still worthless, because its password is."""
    try:
        path.unlink(missing_ok=True)
        sync_names(path.parent)
    except OSError as error:
        _log.warning("the enrolment file stays; it is worthless now", file=str(path), reason=error.strerror)


def _password(email: str, password: str) -> dict[str, object]:
    return {"email": email, "password": password, "returnSecureToken": True}


def _post(http: Http, endpoints: Endpoints, enrolment: EnrolmentFile, method: str, body: dict[str, object]) -> Answer:
    return http.request(
        "POST",
        f"{endpoints.accounts}:{method}?key={urllib.parse.quote(enrolment.api_key, safe='')}",
        deadline_s=http.deadline(CALL_DEADLINE_S),
        headers={"Content-Type": "application/json"},
        body=json.dumps(body).encode(),
    )


def _check_time(enrolment: EnrolmentFile, http: Http, timekeeper: Timekeeper) -> None:
    """Compare with the server's clock: the one here may never have been set."""
    try:
        expires = datetime.fromisoformat(enrolment.expires_at)
    except ValueError as error:
        raise BadCredential("the enrolment file says no time at which it expires: make it anew") from error
    now = timekeeper.now().wall - timedelta(seconds=http.skew_s or 0.0)
    if expires.tzinfo is None or now > expires:
        raise EnrolmentExpired(f"the enrolment file expired at {enrolment.expires_at}: make a new one")


def _sign_in_fault(answer: Answer, http: Http) -> RemoteError:
    said = reason_of(answer)
    if any(word in said for word in _WRONG_PASSWORD):
        return EnrolmentUsed(
            f"Firebase Auth says {said!r}: the enrolment file was used already. If it was not this kiosk that used "
            "it, somebody else has: revoke it (`firstlight cloud revoke`) and make a new one (`firstlight cloud enrol-kiosk`)"
        )
    return auth_fault(answer, "the enrolment of this kiosk", http.skew_s)


def _tokens(answer: Answer) -> tuple[str, str]:
    body = answer.json()
    tokens = (body.get("idToken"), body.get("refreshToken")) if isinstance(body, dict) else (None, None)
    if not all(isinstance(token, str) and token for token in tokens):
        raise RemoteGarbage("Firebase Auth's answer holds no tokens: is there a broken proxy on the way?")
    return str(tokens[0]), str(tokens[1])


def _end(code: int, error: Exception | str) -> int:
    print(f"enrolment: {error}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
