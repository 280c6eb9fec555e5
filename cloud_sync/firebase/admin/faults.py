"""Turns what Google's libraries raise into the errors of this package, at the edge, once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cloud_sync.firebase.admin.errors import (
    AdminError,
    AlreadyThere,
    BadCredential,
    BadRequest,
    CloudFault,
    CloudRefused,
    CloudUnavailable,
    NotThere,
)
from cloud_sync.remote import RemoteStuck

_LONGEST_DETAIL = 200


@contextmanager
def told(what: str) -> Iterator[None]:
    """Raise an `AdminError` that begins with ``what`` ("the site could not be read") for any fault of the libraries."""
    try:
        yield
    except AdminError:
        raise
    except RemoteStuck as error:
        raise CloudUnavailable(f"{what}: Google's library did not return in time; check the network, then try again") from error
    except Exception as error:
        kind, remedy = _explained(error)
        if kind is None:
            raise
        raise kind(f"{what}: {remedy} ({_detail(error)})") from error


def _explained(error: Exception) -> tuple[type[AdminError] | None, str]:
    import requests
    from firebase_admin import exceptions as firebase
    from google.api_core import exceptions as core
    from google.auth import exceptions as auth
    from google.cloud.exceptions import GoogleCloudError

    table: list[tuple[Any, type[AdminError], str]] = [
        (auth.RefreshError, BadCredential, "Google does not take this service account; make a new key for it"),
        (auth.TransportError, CloudUnavailable, "Google cannot be reached; check the network"),
        (auth.GoogleAuthError, BadCredential, "Google does not take this service account; make a new key for it"),
        ((core.PermissionDenied, core.Forbidden), CloudRefused, "this service account may not do that"),
        ((core.Unauthenticated, core.Unauthorized), BadCredential, "Google does not take this service account"),
        ((core.AlreadyExists, core.Conflict), AlreadyThere, "it is there already"),
        (core.NotFound, NotThere, "it is not there; is the database or the bucket made yet?"),
        (core.ResourceExhausted, CloudUnavailable, "the project's quota is used up; look at its usage, or try tomorrow"),
        ((core.InvalidArgument, core.BadRequest, core.FailedPrecondition), BadRequest, "the cloud does not take it"),
        ((core.ServerError, core.RetryError, core.TooManyRequests), CloudUnavailable, "it does not answer; try again later"),
        (firebase.AlreadyExistsError, AlreadyThere, "it is there already"),
        (firebase.NotFoundError, NotThere, "it is not there; is Authentication switched on in the Firebase console?"),
        (firebase.PermissionDeniedError, CloudRefused, "this service account may not do that"),
        (firebase.UnauthenticatedError, BadCredential, "Google does not take this service account"),
        (firebase.InvalidArgumentError, BadRequest, "Authentication does not take it"),
        (firebase.FirebaseError, CloudUnavailable, "it does not answer as it should; try again later"),
        ((core.GoogleAPICallError, GoogleCloudError), CloudFault, "the cloud did not do it"),
        (requests.exceptions.RequestException, CloudUnavailable, "Google cannot be reached; check the network"),
        (OSError, CloudUnavailable, "the network fails"),
    ]
    return next(((kind, remedy) for kinds, kind, remedy in table if isinstance(error, kinds)), (None, ""))


def _detail(error: Exception) -> str:
    """The first line of the library's own words. They name resources and codes, no credential."""
    words = str(error).strip().splitlines() or [type(error).__name__]
    return words[0][:_LONGEST_DETAIL]
