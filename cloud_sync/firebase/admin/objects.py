"""Cloud Storage with deadlines."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from typing import Any

from cloud_sync.firebase.admin.documents import Caller
from cloud_sync.firebase.admin.errors import AlreadyThere, CloudFault, NotThere

UPLOAD_TIMEOUT_S = 120.0
"""Of one object, 16 MiB at most, on a slow line."""


class Objects:
    """One bucket."""

    def __init__(self, bucket: Any, calls: Caller) -> None:
        self._bucket = bucket
        self._calls = calls
        self._limits = {"retry": None, "timeout": calls.timeout_s}

    def create(self, path: str, content: bytes, media_type: str) -> bool:
        """Store ``content`` unless it is there already; return whether it was not. Raises `AlreadyThere` for other bytes."""
        wanted = base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
        there = self._md5(path)
        if there is None:
            blob = self._bucket.blob(path)
            self._calls(
                f"the object {path} could not be stored",
                lambda: blob.upload_from_string(
                    content, content_type=media_type, timeout=UPLOAD_TIMEOUT_S, retry=None, if_generation_match=0
                ),
                hard_timeout_s=UPLOAD_TIMEOUT_S + 30,
            )
            if (stored := self._md5(path)) != wanted:
                raise CloudFault(f"the object {path} arrived otherwise than it was sent ({stored}); send it again")
            return True
        if there != wanted:
            raise AlreadyThere(f"the object {path} is there already and holds something else; nothing was changed")
        return False

    def read(self, path: str) -> bytes:
        """Return an object's bytes. Raises `NotThere`."""
        blob = self._bucket.blob(path)
        content: bytes = self._calls(
            f"the object {path} could not be read",
            lambda: blob.download_as_bytes(timeout=UPLOAD_TIMEOUT_S, retry=None),
            hard_timeout_s=UPLOAD_TIMEOUT_S + 30,
        )
        return content

    def verified(self, path: str, sha256: str) -> bytes:
        """Return an object's bytes if they have this hash. Raises `NotThere`, or `CloudFault` for others."""
        content = self.read(path)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise CloudFault(f"the object {path} differs from its hash: altered or damaged; look at the record in the portal")
        return content

    def names(self, prefix: str) -> list[str]:
        """Return the names of all objects that begin with ``prefix``."""
        return [name for name, _ in self.with_times(prefix)]

    def with_times(self, prefix: str) -> list[tuple[str, datetime]]:
        """Return the names of all objects that begin with ``prefix``, and when each was made."""
        return self._calls(
            f"the objects below {prefix} could not be listed",
            lambda: [(blob.name, blob.time_created) for blob in self._bucket.list_blobs(prefix=prefix, **self._limits)],
            hard_timeout_s=UPLOAD_TIMEOUT_S,
        )

    def remove(self, path: str) -> bool:
        """Remove an object; return whether it was there."""
        blob = self._bucket.blob(path)
        try:
            self._calls(f"the object {path} could not be removed", lambda: blob.delete(**self._limits))
        except NotThere:
            return False
        return True

    def _md5(self, path: str) -> str | None:
        blob = self._calls(f"the object {path} could not be looked at", lambda: self._bucket.get_blob(path, **self._limits))
        return None if blob is None else str(blob.md5_hash)
