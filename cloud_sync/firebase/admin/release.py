"""What `deploy` brings to a project, gathered in a folder of its own: rules, indexes, the portal and its settings."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from cloud_sync.firebase.admin.errors import DeployFailed

SOURCE = Path(__file__).parents[1]
"""`cloud_sync/firebase`: the rules, the indexes, and firebase.json."""
PORTAL = SOURCE.parent / "portal" / "dist"
SETTINGS = "__firstlight.json"
"""Where the portal asks which cloud it belongs to (cloud_sync/portal/src/backend.ts)."""
SETTINGS_SCHEMA = 1
HIDDEN = ".*"
"""Files that nobody is to get."""


class PartName(StrEnum):
    """What can be deployed by itself."""

    RULES = "rules"
    INDEXES = "indexes"
    STORAGE = "storage"
    PORTAL = "portal"
    SIGN_IN = "sign-in"


TARGETS = {
    PartName.RULES: "firestore:rules",
    PartName.INDEXES: "firestore:indexes",
    PartName.STORAGE: "storage",
    PartName.PORTAL: "hosting",
}
"""In the words of firebase-tools, which has none for how people sign in."""


@dataclass(frozen=True)
class Release:
    """Everything that is about to be deployed."""

    parts: Sequence[PartName]
    firestore_rules: str
    storage_rules: str
    indexes: str
    configuration: Mapping[str, Any] = field(repr=False)
    portal: Path | None
    settings: bytes | None

    @property
    def targets(self) -> str:
        return ",".join(TARGETS[part] for part in self.parts if part in TARGETS)

    def describe(self) -> Sequence[str]:
        """Return one line for each file, or tree of files, that will be there afterwards."""
        texts = {
            PartName.RULES: ("Firestore's rules", self.firestore_rules),
            PartName.INDEXES: ("Firestore's indexes", self.indexes),
            PartName.STORAGE: ("Storage's rules", self.storage_rules),
        }
        lines = [
            f"{name:<20} {len(text.splitlines())} lines, SHA-256 {_hash(text)}" for name, text in _chosen(texts, self.parts)
        ]
        if self.portal is not None:
            sizes = [path.stat().st_size for path in _shown(self.portal)]
            lines.append(f"{'the portal':<20} {len(sizes)} files, {sum(sizes):,} bytes, and {SETTINGS}")
        return lines

    def write(self, folder: Path, bucket: str | None) -> None:
        """Write it as firebase-tools wants it. ``bucket``: where it is not the project's default one."""
        (folder / "firestore.rules").write_text(self.firestore_rules, encoding="utf-8")
        (folder / "storage.rules").write_text(self.storage_rules, encoding="utf-8")
        (folder / "firestore.indexes.json").write_text(self.indexes, encoding="utf-8")
        storage: Any = {"rules": "storage.rules"}
        configuration: dict[str, Any] = {
            "firestore": {"rules": "firestore.rules", "indexes": "firestore.indexes.json"},
            "storage": storage if bucket is None else [{"bucket": bucket, **storage}],
        }
        if self.portal is not None and self.settings is not None:
            shutil.copytree(self.portal, folder / "public", ignore=shutil.ignore_patterns(HIDDEN))
            (folder / "public" / SETTINGS).write_bytes(self.settings)
            configuration["hosting"] = {**self.configuration.get("hosting", {}), "public": "public"}
        (folder / "firebase.json").write_text(json.dumps(configuration, indent=2), encoding="utf-8")


def gather(parts: Sequence[PartName], web: Mapping[str, str] | None) -> Release:
    """Read everything that is to be deployed. ``web``: the settings of the web app, needed for the portal.

    Raises `DeployFailed` where a file is missing.
    """
    source, portal, with_portal = SOURCE, PORTAL, PartName.PORTAL in parts
    if with_portal and not (portal / "index.html").is_file():
        raise DeployFailed(
            f"the portal is not built: there is no {portal / 'index.html'}; ./run builds it, or `npm ci && npm run build` in "
            "cloud_sync/portal; or deploy without it: --only rules --only indexes --only storage"
        )
    settings = {"schema": SETTINGS_SCHEMA, "kind": "firebase", **(web or {})}
    return Release(
        parts=parts,
        firestore_rules=_read(source / "firestore.rules"),
        storage_rules=_read(source / "storage.rules"),
        indexes=_read(source / "firestore.indexes.json"),
        configuration=json.loads(_read(source / "firebase.json")),
        portal=portal if with_portal else None,
        settings=json.dumps(settings, indent=2).encode() if with_portal else None,
    )


def _shown(portal: Path) -> list[Path]:
    """Return the files of a built portal without those that its build has left for itself."""
    return [
        path
        for path in portal.rglob("*")
        if path.is_file() and not any(fnmatch(part, HIDDEN) for part in path.relative_to(portal).parts)
    ]


def _chosen(texts: Mapping[PartName, tuple[str, str]], parts: Sequence[PartName]) -> list[tuple[str, str]]:
    return [texts[part] for part in parts if part in texts]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise DeployFailed(f"{path} cannot be read ({error.strerror}); deploy from a checkout of Firstlight") from error


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
