"""Firestore with deadlines: get, create, change, remove, ask, and several of them in one commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
PAGE = 300
LARGEST_COMMIT = 400
"""Of the 500 writes that Firestore takes in one commit."""
Where = tuple[str, str, Any]
"""Field, operator (``==``, ``>=``, ``array_contains``), value."""


class Caller(Protocol):
    """See `cloud_sync.firebase.admin.project.Calls`."""

    timeout_s: float

    def __call__(self, what: str, call: Callable[[], T], *, hard_timeout_s: float | None = None) -> T: ...


@dataclass(frozen=True)
class Document:
    """A document that is there."""

    path: str
    fields: Mapping[str, Any]

    @property
    def id(self) -> str:
        return self.path.rpartition("/")[2]


class Documents:
    """Paths are relative to the database's root: ``sites/north/kiosks/hall``."""

    def __init__(self, client: Any, calls: Caller) -> None:
        self._client = client
        self._calls = calls
        self._limits = {"retry": None, "timeout": calls.timeout_s}

    def get(self, path: str) -> Document | None:
        """Return the document at ``path``, or ``None``."""
        reference = self._client.document(path)
        snapshot = self._calls(f"{path} could not be read", lambda: reference.get(**self._limits))
        return Document(path, snapshot.to_dict()) if snapshot.exists else None

    def create(self, path: str, fields: Mapping[str, Any]) -> None:
        """Create a document; raises `AlreadyThere` where one is."""
        reference = self._client.document(path)
        self._calls(f"{path} could not be created", lambda: reference.create(dict(fields), **self._limits))

    def put(self, path: str, fields: Mapping[str, Any]) -> None:
        """Create a document, or replace the fields that are given in one that is there."""
        reference = self._client.document(path)
        self._calls(f"{path} could not be written", lambda: reference.set(dict(fields), merge=True, **self._limits))

    def update(self, path: str, fields: Mapping[str, Any]) -> None:
        """Change fields of a document that is there; raises `NotThere` where none is."""
        reference = self._client.document(path)
        self._calls(f"{path} could not be changed", lambda: reference.update(dict(fields), **self._limits))

    def create_all(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        """Create documents, all of them or none (`LARGEST_COMMIT` at most)."""
        batch = self._client.batch()
        for path, fields in documents.items():
            batch.create(self._client.document(path), dict(fields))
        self._calls("the documents could not be created", lambda: batch.commit(**self._limits))

    def remove_all(self, paths: Sequence[str]) -> None:
        """Remove documents; one that is not there is removed already."""
        for at in range(0, len(paths), LARGEST_COMMIT):
            batch = self._client.batch()
            for path in paths[at : at + LARGEST_COMMIT]:
                batch.delete(self._client.document(path))
            self._calls("the documents could not be removed", partial(batch.commit, **self._limits))

    def update_all(self, paths: Sequence[str], fields: Mapping[str, Any]) -> None:
        """Give the same ``fields`` to documents that are there."""
        for at in range(0, len(paths), LARGEST_COMMIT):
            batch = self._client.batch()
            for path in paths[at : at + LARGEST_COMMIT]:
                batch.update(self._client.document(path), dict(fields))
            self._calls("the documents could not be changed", partial(batch.commit, **self._limits))

    def find(self, collection: str, *where: Where, page: int = PAGE, order: str = "__name__") -> Iterator[Document]:
        """Yield the documents of ``collection`` (a path) that fit, in the order of ``order``, a page at a time."""
        from google.cloud.firestore_v1.base_query import FieldFilter

        query = self._client.collection(collection)
        for field, operator, value in where:
            query = query.where(filter=FieldFilter(field, operator, value))
        query = query.order_by(order).limit(page)
        following: Any = query
        while True:
            found = self._calls(f"{collection} could not be asked", partial(following.get, **self._limits))
            yield from (Document(f"{collection}/{snapshot.id}", snapshot.to_dict()) for snapshot in found)
            if len(found) < page:
                return
            following = query.start_after(found[-1])


def now() -> Any:
    """What the server replaces by its own time."""
    from google.cloud.firestore_v1 import SERVER_TIMESTAMP

    return SERVER_TIMESTAMP


def with_member(value: str) -> Any:
    """What adds ``value`` to a list, once."""
    from google.cloud.firestore_v1 import ArrayUnion

    return ArrayUnion([value])


def without_member(value: str) -> Any:
    """What removes ``value`` from a list."""
    from google.cloud.firestore_v1 import ArrayRemove

    return ArrayRemove([value])
