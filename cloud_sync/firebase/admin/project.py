"""A Firebase project, opened: its documents, its objects and its people. Every call has a deadline."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from cloud_sync.deadline import DeadlineCaller
from cloud_sync.firebase.admin.access import Access
from cloud_sync.firebase.admin.documents import Documents
from cloud_sync.firebase.admin.errors import BadCredential, PackageMissing
from cloud_sync.firebase.admin.faults import told
from cloud_sync.firebase.admin.objects import Objects
from cloud_sync.firebase.admin.users import Users

T = TypeVar("T")
CALL_TIMEOUT_S = 15.0
"""What the libraries are told. They keep it for one try of one request."""
HARD_TIMEOUT_S = 40.0
"""After which a call is given up, whatever the library does: firebase-admin has hung for hours (its issue 233)."""


class Calls:
    """Makes calls that end in time and fail in this package's words."""

    def __init__(self, timeout_s: float = CALL_TIMEOUT_S, hard_timeout_s: float = HARD_TIMEOUT_S) -> None:
        self.timeout_s = timeout_s
        self._hard_timeout_s = hard_timeout_s
        self._caller = DeadlineCaller()

    def __call__(self, what: str, call: Callable[[], T], *, hard_timeout_s: float | None = None) -> T:
        """Return what ``call`` returns; ``what`` begins the message of the `AdminError` that is raised otherwise."""
        with told(what):
            return self._caller.call(what, call, hard_timeout_s or self._hard_timeout_s)

    def close(self) -> None:
        self._caller.close()


@dataclass(frozen=True)
class Project:
    """What an administrator's commands work on."""

    access: Access
    calls: Calls
    documents: Documents
    objects: Objects
    users: Users
    credential: Any
    """Google's credential object, for what is asked of Google by hand (`web`)."""

    @property
    def id(self) -> str:
        return self.access.project


@contextmanager
def opened(access: Access, calls: Calls | None = None) -> Iterator[Project]:
    """Open ``access``; asks Google nothing yet. Raises `PackageMissing` or `BadCredential`."""
    firebase = _library()
    calls = calls or Calls()
    options = {"projectId": access.project, "storageBucket": access.bucket, "httpTimeout": calls.timeout_s}
    credential = _credential(access)
    app = firebase.initialize_app(credential, options, name=f"firstlight-{secrets.token_hex(4)}")
    try:
        from firebase_admin import auth, firestore, storage

        users = Users(auth.Client(app), calls)
        documents = Documents(firestore.client(app), calls)
        yield Project(access, calls, documents, Objects(storage.bucket(app=app), calls), users, credential)
    finally:
        firebase.delete_app(app)
        calls.close()


def _library() -> Any:
    try:
        import firebase_admin
    except ImportError as error:
        raise PackageMissing(
            f"the package {error.name} is missing: install Firstlight with its extra, pip install 'firstlight[cloud]'"
        ) from error
    return firebase_admin


def _credential(access: Access) -> Any:
    from firebase_admin import credentials

    if access.service_account is None:
        return _anonymous()
    try:
        return credentials.Certificate(str(access.service_account))
    except (ValueError, OSError):
        # The library's own words may quote the key.
        raise BadCredential(f"{access.service_account} holds no usable private key; download the key again") from None


def _anonymous() -> Any:
    """What the emulators take: firebase-admin insists on a credential even where nobody asks for one."""
    from firebase_admin import credentials
    from google.auth.credentials import AnonymousCredentials

    class Anonymous(credentials.Base):  # type: ignore[misc]
        def get_credential(self) -> Any:
            return AnonymousCredentials()

    return Anonymous()
