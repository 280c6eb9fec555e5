"""A correction for one sensor: what it reads too much in each place while it looks at a plate of one temperature."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from drivers.errors import BadFlatField
from drivers.protocols import COLUMNS, ROWS

MAX_OFFSET_K = 5.0
"""The datasheet's non-uniformity is at most 2 K; more is no correction but a picture of something."""


def load_flat_field(path: Path) -> NDArray[np.float32]:
    """Read a correction from an ``.npy``, or from ``offset_k`` of an ``.npz``; raises `BadFlatField`.

    Returns float32 [24, 32] in K, in the orientation of `ThermalFrame.celsius`, to be subtracted from it.
    """
    try:
        loaded = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.lib.npyio.NpzFile):
            with loaded:
                return check_flat_field(loaded["offset_k"])
        return check_flat_field(loaded)
    except FileNotFoundError as error:
        raise BadFlatField(
            f"There is no flat-field correction at {path}. Make one, or take it out of the configuration."
        ) from error
    except KeyError as error:
        raise BadFlatField(f"{path} holds no array named offset_k. Make the flat-field correction again.") from error
    except (OSError, EOFError, ValueError, zipfile.BadZipFile) as error:
        raise BadFlatField(f"{path} is no flat-field correction: {error}") from error


def check_flat_field(offset_k: NDArray[np.generic]) -> NDArray[np.float32]:
    """Return ``offset_k`` as float32; raises `BadFlatField` where it is no correction."""
    if offset_k.shape != (ROWS, COLUMNS) or offset_k.dtype.kind not in "fiu":
        raise BadFlatField(
            f"A flat-field correction is numbers [{ROWS}, {COLUMNS}] in K, not {offset_k.dtype} {offset_k.shape}."
        )
    offset = offset_k.astype(np.float32)
    if not (np.abs(offset) <= MAX_OFFSET_K).all():
        raise BadFlatField(f"A flat-field correction must be finite and within ±{MAX_OFFSET_K:g} K in every place.")
    return offset
