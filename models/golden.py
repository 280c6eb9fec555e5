"""Made-up inputs in a bundle and the outputs that they must give, on every machine and every runtime.

``golden/golden.npz`` holds ``inputs`` [k, ...] and ``output_0``, ``output_1``, ... [k, ...] in the network's own dtypes, with
its axis of length one for the batch or without it.

On x86-64, where the sets are made, quantised outputs are compared integer by integer: the kernels that `models.interpreter`
chooses give the same ones in both runtimes and on any number of threads. On 64-bit Arm the runtime's own kernels round some
sums to the neighbouring integer, and what follows carries that on: of the shipped networks' outputs none was seen to differ by
more than 17 of 255 steps (in emulation, in the map of the lesion network). There, up to `STEPS` are taken for the same. Float
outputs may differ in the last digits between machines.
"""

from __future__ import annotations

import io
import platform
import zipfile
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.bundle import GOLDEN, Bundle
from models.errors import BundleCorrupt, GoldenMismatch
from models.interpreter import Network, Raw

MOST_CASES = 64
LARGEST = 32 * 1024 * 1024
"""Bytes of all arrays together, unpacked."""
MADE_ON = "x86_64"
"""`platform.machine` of where golden sets are made."""
STEPS = 36
"""Of 255: how far an int8 output may lie beside the golden one on another kind of machine. int16 outputs: as much of theirs."""
_STEP = {np.dtype(np.int8): 1, np.dtype(np.int16): 257}
"""65,535 values in 255 steps."""
RELATIVE, ABSOLUTE = 1e-3, 1e-4
"""How far a float output may lie beside the golden one."""


@dataclass(frozen=True)
class Golden:
    """The golden inputs of one bundle and the outputs that belong to them."""

    inputs: Raw
    """[k, ...]"""
    outputs: tuple[Raw, ...]
    """[k, ...] each, in the order of `Network.outputs`."""

    @classmethod
    def of(cls, bundle: Bundle) -> Golden:
        """Return what ``bundle``, which has a network, brings; raises `BundleCorrupt` for what is no golden set."""
        return cls.read(bundle.files[GOLDEN], str(bundle.path / GOLDEN))

    @classmethod
    def read(cls, content: bytes, where: str) -> Golden:
        """Read the file's ``content``; raises `BundleCorrupt` saying what is wrong with the file ``where``."""
        try:
            arrays = _arrays(content)
        except (OSError, ValueError, KeyError, EOFError, MemoryError, zipfile.BadZipFile, zlib.error) as error:
            raise BundleCorrupt(f"{where} is no set of golden arrays ({error}); install the bundle again") from error
        inputs = arrays.pop("inputs", None)
        names = [f"output_{index}" for index in range(len(arrays))]
        if inputs is None or not arrays or sorted(names) != sorted(arrays):
            raise BundleCorrupt(f"{where} must hold the arrays inputs, output_0, output_1, ...; install the bundle again")
        outputs = tuple(arrays[name] for name in names)
        lengths = {array.shape[0] if array.ndim else 0 for array in (inputs, *outputs)}
        if len(lengths) != 1 or not 0 < lengths.pop() <= MOST_CASES:
            raise BundleCorrupt(f"{where} must hold 1 to {MOST_CASES} inputs and as many outputs; install the bundle again")
        return cls(inputs, outputs)

    def check(self, network: Network, *, exact: bool | None = None) -> float:
        """Run every golden input, and return the largest difference of a quantised output, in steps of 255.

        Raises `GoldenMismatch` naming the first output that differs. ``exact``: whether quantised outputs must be the same
        integers; ``None``: as this machine is of the kind that the sets are made on, or another.
        """
        steps = 0 if (platform.machine() == MADE_ON if exact is None else exact) else STEPS
        largest = 0.0
        if len(network.outputs) != len(self.outputs):
            raise GoldenMismatch(f"the network has {len(network.outputs)} outputs, the golden set {len(self.outputs)}")
        for case, given in enumerate(self.inputs):
            for index, found in enumerate(network.run(_as(given, network.input.shape, f"golden input {case}"))):
                expected = _as(self.outputs[index][case], found.shape, f"output_{index} of golden input {case}")
                largest = max(largest, _compare(found, expected, f"output_{index} of golden input {case}", steps))
        return largest


def make_golden(network: Network, inputs: Raw) -> bytes:
    """Return the golden file for ``inputs`` [k, ...], of the network's own dtype, with what ``network`` gives for them.

    The same arrays give the same bytes. Raises `BadInput` for inputs of another shape or dtype.
    """
    runs = [network.run(_as(given, network.input.shape, "a golden input")) for given in inputs]
    outputs: dict[str, Any] = {
        f"output_{index}": np.stack([run[index][0] for run in runs]) for index in range(len(network.outputs))
    }
    file = io.BytesIO()
    np.savez_compressed(file, inputs=inputs, **outputs)
    return file.getvalue()


def _arrays(content: bytes) -> dict[str, NDArray[np.generic]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
            raise ValueError(f"more than {LARGEST >> 20} MiB unpacked")
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return dict(arrays)


def _as(array: Raw, shape: tuple[int, ...], what: str) -> Raw:
    if array.size != np.prod(shape):
        raise GoldenMismatch(f"{what} has the shape {array.shape}, the network's is {shape}")
    return array.reshape(shape)


def _compare(found: Raw, expected: Raw, what: str, steps: int) -> float:
    """Return the largest difference of a quantised output in steps of 255; raises `GoldenMismatch` beyond ``steps``."""
    if found.dtype != expected.dtype:
        raise GoldenMismatch(f"{what} is {found.dtype} instead of {expected.dtype}")
    apart = np.zeros(1)
    if np.issubdtype(found.dtype, np.floating):
        differs = ~np.isclose(found, expected, rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True)
    else:
        apart = np.abs(found.astype(np.float64) - expected) / _STEP[found.dtype]
        differs = apart > steps
    if differs.any():
        place = tuple(int(axis[0]) for axis in np.nonzero(differs))
        raise GoldenMismatch(
            f"{what} differs in {int(differs.sum())} of {found.size} values, first at {list(place)}: "
            f"{found[place]} instead of {expected[place]}"
        )
    return float(apart.max())
