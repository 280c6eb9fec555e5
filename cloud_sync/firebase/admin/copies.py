"""Copies of a patient's data in exports that lie on this computer: found by their manifests, and removed from them."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cloud_sync.firebase.admin.errors import OutputFailed
from cloud_sync.firebase.admin.plain import COLUMNS, MANIFEST, RECORDS, cell
from cloud_sync.firebase.admin.training import KEY_KIND
from cloud_sync.firebase.admin.written import replace_file

LARGEST_KEY = 64 * 1024 * 1024


@dataclass
class Removed:
    """What was removed from exports."""

    files: int = 0
    exports: set[str] = field(default_factory=set)
    """Ids of the exports that were found, whether or not something had to be removed."""


def remove_from(folder: Path, patient: str, studies: Mapping[str, str | None]) -> Removed:
    """Remove ``patient`` from every export below ``folder``. Done again, it finishes what was interrupted.

    ``studies``: export id → the patient's study id there, of the exports that hold something of them. Raises `OutputFailed`.
    """
    removed = Removed()
    try:
        for path, document in _found(folder):
            export = str(document.get("export"))
            if document.get("kind") == KEY_KIND:
                _from_key(path, document, patient, removed)
            else:
                _from_export(path, document, patient, studies.get(export), removed)
                removed.exports.add(export)
    except OSError as error:
        raise OutputFailed(f"{error.filename or folder} cannot be changed ({error.strerror}); then run this again") from error
    return removed


def _found(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield manifests and keys. Links are not followed: they lead out of the folder that was named."""
    for name, folders, files in os.walk(folder):
        folders[:] = [one for one in folders if not (Path(name) / one).is_symlink()]
        for path in (Path(name) / file for file in files if file.endswith(".json")):
            if path.is_symlink() or (path.name != MANIFEST and path.stat().st_size > LARGEST_KEY):
                continue
            document = _json(path)
            kind = document.get("kind")
            if (path.name == MANIFEST and kind == "firstlight-export") or kind == KEY_KIND:
                if path.name == MANIFEST:
                    folders.clear()  # what is below belongs to this export
                yield path, document


def _from_export(manifest: Path, document: dict[str, Any], patient: str, study: str | None, removed: Removed) -> None:
    match document.get("format"):
        case "csv":
            removed.files += _from_csv(manifest.parent / RECORDS, patient)
        case "training":
            removed.files += _from_training(manifest, document, study)
        case _:
            _from_files(manifest, document, patient, removed)


def _from_csv(path: Path, patient: str) -> int:
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    kept = [row for row in rows if row["patient"] != cell(patient)]
    if len(kept) == len(rows):
        return 0
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(kept)
    replace_file(path, text.getvalue().encode())
    return 1


def _from_files(manifest: Path, document: dict[str, Any], patient: str, removed: Removed) -> None:
    files: dict[str, Any] = document.get("files") or {}
    gone = [name for name, about in files.items() if about.get("patient") == patient and _inside(name)]
    for name in gone:
        (manifest.parent / name).unlink(missing_ok=True)
    removed.files += len(gone)
    if gone:
        kept = {name: about for name, about in files.items() if name not in gone}
        replace_file(manifest, json.dumps({**document, "files": kept, "records": len(kept)}, indent=1).encode())


def _from_training(manifest: Path, document: dict[str, Any], study: str | None) -> int:
    if study is None:
        return 0
    gone = [folder for folder in (manifest.parent / "records").iterdir() if _study_of(folder) == study]
    for folder in gone:
        # The document last: without it nobody could tell any more whose images these are.
        (folder / "images.npz").unlink(missing_ok=True)
        shutil.rmtree(folder)
    if gone:
        names = {folder.name for folder in gone}
        kept = {name: about for name, about in document["files"].items() if name.split("/")[1] not in names}
        left = {**document, "files": kept, "records": document["records"] - len(gone), "studies": document["studies"] - 1}
        replace_file(manifest, json.dumps(left, indent=1).encode())
    return len(gone)


def _from_key(path: Path, document: dict[str, Any], patient: str, removed: Removed) -> None:
    patients = dict(document.get("patients") or {})
    if patients.pop(patient, None) is None:
        return
    replace_file(path, json.dumps({**document, "patients": patients}, indent=1).encode())
    removed.files += 1


def _study_of(folder: Path) -> str | None:
    study = _json(folder / "record.json").get("study")
    return study if isinstance(study, str) else None


def _json(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError, FileNotFoundError):
        return {}
    return document if isinstance(document, dict) else {}


def _inside(name: str) -> bool:
    return not Path(name).is_absolute() and ".." not in Path(name).parts
