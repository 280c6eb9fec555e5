"""Why the store cannot do what it was asked. A message says what happened, to which file or record, and what to do."""

from __future__ import annotations


class StoreError(Exception):
    """Any fault of the store, its keys or what is given to it. Nothing was half-written."""


# -- the disk and the file


class StoreMissing(StoreError, FileNotFoundError):
    """There is no store in that folder, or the folder itself cannot be reached."""


class StoreFull(StoreError, OSError):
    """The disk has no room: for this transaction, or for the reserve that is kept free for it."""


class StoreReadOnly(StoreError, PermissionError):
    """The disk is mounted read-only, or this user may not write to the store."""


class StoreFailing(StoreError, OSError):
    """The disk answers with input/output errors."""


class StoreCorrupt(StoreError, ValueError):
    """The file is damaged. The next use salvages it: a copy is kept, what is readable goes on in a new store."""


class StoreTooNew(StoreError, RuntimeError):
    """The file was written by a newer version of Firstlight. It is not touched."""


class StoreBusy(StoreError, TimeoutError):
    """Another process held the store for too long."""


class StoreClosed(StoreError, ValueError):
    """The object was closed."""


# -- what is saved


class BadRecord(StoreError, ValueError):
    """A record that cannot be saved as it is: not JSON, a name that is no plain file name, or a part given twice."""


class DuplicateRecord(StoreError, ValueError):
    """Another record has been saved under this id."""


class PatientExists(StoreError, ValueError):
    """The card or the reference belongs to a patient already."""


class UnknownPatient(StoreError, KeyError):
    """No patient has this reference."""

    __str__ = Exception.__str__


class UnknownRecord(StoreError, KeyError):
    """No record has this id."""

    __str__ = Exception.__str__


class RecordPurged(StoreError, LookupError):
    """The record is in the cloud; its payload has been removed here to make room."""


class WrongHash(StoreError, ValueError):
    """The remote confirms other bytes than the ones that were saved."""


# -- keys and seals


class KeyMissing(StoreError, FileNotFoundError):
    """A key file is missing, or this user may not read it."""


class BadKey(StoreError, ValueError):
    """A key file holds no key of the expected kind."""


class SealBroken(StoreError, ValueError):
    """A sealed part does not open: sealed to another key, damaged, or belonging to another record."""
