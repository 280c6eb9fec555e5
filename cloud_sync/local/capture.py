"""The arrays of a capture, out of a file that a device sent and that may hold anything."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

LARGEST_FILE = 32 << 20
LARGEST_UNPACKED = 64 << 20
"""A zip file may unpack to a thousand times its size."""
LARGEST_SIDE = 1024
_MAPS = ("map", "asymmetry")


class BadCapture(ValueError):
    """The file is no capture; the message is shown in place of the picture."""


def images_of(content: bytes) -> dict[str, Any]:
    """Return what the page draws from a ``capture.npz`` (see docs/record.md), ready for JSON.

    ``rows``, ``columns``, and row by row ``celsius`` (°C), ``asymmetry`` (K), ``map`` (change of probability), where ``None``
    stands for no value, and ``bad`` (bool). An image that is missing is ``None`` as a whole. Raises `BadCapture`.
    """
    arrays = _unpack(content, ("celsius", "bad", *_MAPS))
    celsius = arrays.get("celsius")
    if celsius is None or celsius.ndim != 2 or not all(2 <= side <= LARGEST_SIDE for side in celsius.shape):
        raise BadCapture("The picture cannot be shown: the capture holds no thermogram.")
    if not np.isfinite(_as_float(celsius)).any():
        raise BadCapture("The picture cannot be shown: the thermogram holds no temperatures.")
    rows, columns = celsius.shape
    bad = arrays.get("bad")
    images: dict[str, Any] = {"rows": rows, "columns": columns, "celsius": _listed(_as_float(celsius), decimals=3)}
    for name in _MAPS:
        image = arrays.get(name)
        usable = image is not None and image.shape == celsius.shape and bool(np.isfinite(_as_float(image)).any())
        images[name] = _listed(_as_float(image), decimals=5) if image is not None and usable else None
    usable = bad is not None and bad.shape == celsius.shape and bad.dtype == np.bool_
    images["bad"] = bad.ravel().tolist() if bad is not None and usable else [False] * (rows * columns)
    return images


def _unpack(content: bytes, names: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    if len(content) > LARGEST_FILE:
        raise BadCapture(f"The picture cannot be shown: the file has {len(content)} bytes.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(member.file_size for member in archive.infolist()) > LARGEST_UNPACKED:
                raise BadCapture("The picture cannot be shown: the file unpacks to more than a capture can hold.")
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            return {name: file[name] for name in names if name in file.files}
    except BadCapture:
        raise
    except Exception as error:  # zipfile, zlib and numpy raise many kinds on hostile bytes, and all mean the same here
        raise BadCapture("The picture cannot be shown: the file is damaged.") from error


def _as_float(image: NDArray[Any]) -> NDArray[np.float64]:
    if image.dtype.kind not in "fiu":
        raise BadCapture("The picture cannot be shown: the capture holds something else than numbers.")
    return image.astype(np.float64)


def _listed(image: NDArray[np.float64], *, decimals: int) -> list[float | None]:
    finite = np.isfinite(image) & (np.abs(image) < 1e6)
    rounded = np.round(np.where(finite, image, 0.0), decimals)
    return [value if known else None for value, known in zip(rounded.ravel().tolist(), finite.ravel().tolist(), strict=True)]
