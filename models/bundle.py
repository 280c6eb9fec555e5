"""A model as it is handed over: one folder with the network, its card, and the hashes of every file.

    breast/
        model.tflite         the network; a gate that is a rule has none
        card.toml            what it is (see `models.card`)
        golden/golden.npz    made-up inputs and the outputs that they must give (see `models.golden`)
        SHA256SUMS           "HASH  NAME" of every other file, as `sha256sum` writes and checks it
        SHA256SUMS.sig       a signature over SHA256SUMS (see `models.signature`); shipped bundles have none

Everything is read and checked before an inference runtime sees a byte: tflite-runtime crashes the process on a truncated file.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from models.answers import Task
from models.card import Card, parse_card
from models.errors import BundleCorrupt, BundleMissing, CardIncomplete

MODEL, CARD, GOLDEN = "model.tflite", "card.toml", "golden/golden.npz"
SUMS, SIGNATURE = "SHA256SUMS", "SHA256SUMS.sig"
LARGEST_FILE, MOST_FILES = 16 * 1024 * 1024, 16
"""Everything is read into memory before anybody knows who has made it."""
IDENTIFIER = b"TFL3"
"""At byte 4 of a TensorFlow Lite FlatBuffer (file_identifier in tensorflow/lite/schema/schema.fbs)."""

_SUM_LINE = re.compile(r"([0-9a-f]{64}) [ *](\S.*)")


@dataclass(frozen=True)
class Bundle:
    """A verified bundle, held in memory: what was hashed is what will run."""

    path: Path
    card: Card
    sha256: str
    """Of ``SHA256SUMS``, and so of everything in the bundle."""
    files: Mapping[str, bytes] = field(repr=False)
    """What every file held when it was hashed, by its name in the bundle."""
    sums: bytes = field(repr=False)
    """``SHA256SUMS`` as it was read: what a signature is over."""
    signature: bytes | None = field(repr=False)
    """``SHA256SUMS.sig``, not checked yet (see `models.signature`); ``None`` where there is none."""

    @property
    def model(self) -> bytes:
        """The network, a TFLite FlatBuffer; raises `BundleMissing` for a rule, which has none."""
        if MODEL not in self.files:
            raise BundleMissing(f"{self.path} is a rule without a network; nothing can be run")
        return self.files[MODEL]

    @property
    def has_network(self) -> bool:
        return MODEL in self.files

    @classmethod
    def open(cls, path: Path | str) -> Bundle:
        """Read and verify the bundle in the folder ``path``.

        Raises `BundleMissing` (no folder, or a file is not there), `BundleCorrupt` (a hash differs, a file is in no list, or
        the network is no TFLite file) or `CardIncomplete`.
        """
        folder = Path(path)
        if not folder.is_dir():
            raise BundleMissing(f"there is no model bundle at {folder}; give a folder with {MODEL}, {CARD} and {SUMS}")
        sums = _read(folder, SUMS)
        files = _verified(folder, _parse_sums(sums, folder))
        if CARD not in files:
            raise CardIncomplete(f"{folder} has no {CARD}; a bundle without a card is not used")
        if MODEL in files and GOLDEN not in files:
            raise BundleMissing(f"{folder} has no {GOLDEN}, so nobody knows whether it works here; ask for a whole bundle")
        card = parse_card(_text(files[CARD], folder / CARD), str(folder / CARD))
        _check_network(files.get(MODEL), card, folder)
        signature = _read(folder, SIGNATURE) if (folder / SIGNATURE).exists() else None
        return cls(folder, card, hashlib.sha256(sums).hexdigest(), files, sums, signature)


def default_bundle(name: str) -> Path:
    """Return the folder of the bundle called ``name`` that comes with Firstlight."""
    return Path(__file__).parent / "bundles" / name


def write_sums(folder: Path) -> None:
    """Write ``SHA256SUMS`` over everything in ``folder``; the last step of making a bundle."""
    names = sorted(_names(folder))
    lines = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def _verified(folder: Path, sums: Mapping[str, str]) -> dict[str, bytes]:
    unlisted = sorted(_names(folder) - sums.keys())
    if unlisted:
        raise BundleCorrupt(f"{folder / unlisted[0]} is not listed in {SUMS}; remove it or install the bundle again")
    files = {}
    for name, expected in sums.items():
        content = _read(folder, name)
        if hashlib.sha256(content).hexdigest() != expected:
            raise BundleCorrupt(
                f"{folder / name} differs from its hash in {SUMS}: damaged or changed; install the bundle again"
            )
        files[name] = content
    return files


def _parse_sums(content: bytes, folder: Path) -> dict[str, str]:
    sums: dict[str, str] = {}
    for number, line in enumerate(_text(content, folder / SUMS).splitlines(), start=1):
        match = _SUM_LINE.fullmatch(line)
        if match is None or not _stays_inside(match[2]) or match[2] in sums:
            raise BundleCorrupt(f"{folder / SUMS}, line {number}, is no hash and file name; install the bundle again")
        sums[match[2]] = match[1]
    if len(sums) > MOST_FILES:
        raise BundleCorrupt(f"{folder / SUMS} lists more than {MOST_FILES} files; this is no bundle for a kiosk")
    return sums


def _stays_inside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return not PurePosixPath(name).is_absolute() and ".." not in parts and name not in (SUMS, SIGNATURE)


def _names(folder: Path) -> set[str]:
    files = (path for path in folder.rglob("*") if not path.is_dir())
    return {path.relative_to(folder).as_posix() for path in files} - {SUMS, SIGNATURE}


def _read(folder: Path, name: str) -> bytes:
    path = folder / name
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BundleCorrupt(f"{path} is larger than {LARGEST_FILE >> 20} MiB; this is no bundle for a kiosk")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise BundleMissing(f"{path} is missing; install the bundle again") from error
    except OSError as error:
        raise BundleCorrupt(f"{path} cannot be read ({error.strerror}); check the disk and the file's permissions") from error


def _text(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BundleCorrupt(f"{path} is no UTF-8 text; install the bundle again") from error


def _check_network(model: bytes | None, card: Card, folder: Path) -> None:
    if model is None:
        if card.task is not Task.GATE or card.quantisation is not None:
            raise BundleMissing(f"{folder} has no {MODEL}; install the bundle again")
        return
    if card.quantisation is None:
        raise CardIncomplete(f"{folder / CARD} lacks quantisation; a network without it is not used. Complete the card")
    if len(model) < 8 or model[4:8] != IDENTIFIER:
        raise BundleCorrupt(f"{folder / MODEL} is no TensorFlow Lite file; install the bundle again")
