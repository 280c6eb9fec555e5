"""The cards of the models that made the predictions, from folders of bundles (see `models.bundle` for their layout).

A folder holds bundles, as the shipped ones do, or folders of them, as a device's own does (see `models.installed`).
"""

from __future__ import annotations

import hashlib
import math
import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

_SUMS, _CARD = "SHA256SUMS", "card.toml"
_SUM_LINE = re.compile(r"([0-9a-f]{64}) [ *](\S.*)")
_LARGEST = 1 << 20


class CardMissing(LookupError):
    """No bundle with this hash is in the folder."""


class CardDamaged(ValueError):
    """The bundle is there, but its card is not the one that its hash promises."""


class ModelCards:
    """Reads on each call: a bundle may be installed while the server runs."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders

    def card(self, bundle_sha256: str) -> dict[str, Any]:
        """Return the whole card of the bundle whose ``SHA256SUMS`` has this hash. Raises `CardMissing` or `CardDamaged`."""
        for sums_file in self._sums():
            sums = _read(sums_file)
            if hashlib.sha256(sums).hexdigest() == bundle_sha256:
                return _verified_card(sums_file.with_name(_CARD), sums)
        raise CardMissing("The model that made this prediction is not installed on this server, so its card cannot be shown.")

    def _sums(self) -> Iterator[Path]:
        for folder in self._folders:
            for pattern in (f"*/{_SUMS}", f"*/*/{_SUMS}"):
                yield from sorted(folder.glob(pattern))


def _verified_card(path: Path, sums: bytes) -> dict[str, Any]:
    promised = {
        match[2]: match[1] for line in sums.decode(errors="replace").splitlines() if (match := _SUM_LINE.fullmatch(line))
    }
    content = _read(path)
    if hashlib.sha256(content).hexdigest() != promised.get(_CARD):
        raise CardDamaged(
            "The model's card was changed after the model was made, so it is not shown. Install the bundle again."
        )
    try:
        return tomllib.loads(content.decode(), parse_float=_finite)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CardDamaged("The model's card is damaged, so it is not shown. Install the bundle again.") from error


def _finite(text: str) -> float | str:
    """JSON knows neither ``nan`` nor ``inf``."""
    return float(text) if math.isfinite(float(text)) else text


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            return b""
        return path.read_bytes()
    except OSError:
        return b""
