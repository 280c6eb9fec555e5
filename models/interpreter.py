"""One loader for both inference runtimes: ai-edge-litert, and tflite-runtime for old installations.

Both run the same quantised networks with identical results on x86-64 (on 64-bit Arm some sums are rounded the other way, see
`models.golden`), because the runtimes' built-in kernels are used: the XNNPACK
delegate, which ai-edge-litert adds by default, rounds some sums to the neighbouring integer. It would be three times as fast,
which matters to none of the networks here (0.06 ms instead of 0.02 ms for the breast network).

tflite-runtime 2.14 is built for numpy 1: with numpy 2 it can be imported, but every interpreter fails, so that is checked here
and said in words.
"""

from __future__ import annotations

import importlib
import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.errors import BadInput, BundleCorrupt, RuntimeMissing

Raw: TypeAlias = NDArray[Any]
"""Values as the network holds them: int8, int16 or float32."""
DTYPES = (np.dtype(np.int8), np.dtype(np.int16), np.dtype(np.float32))

_LIMITS = {np.dtype(dtype): (np.iinfo(dtype).min, np.iinfo(dtype).max) for dtype in (np.int8, np.int16)}


class Runtime(StrEnum):
    """The module that holds an ``Interpreter`` class; the first one installed is used."""

    LITERT = "ai_edge_litert.interpreter"
    TFLITE = "tflite_runtime.interpreter"


@dataclass(frozen=True)
class Tensor:
    """One end of a network; of a quantised one, real value = scale · (integer − zero_point)."""

    index: int
    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    """int8, int16 (activations of a 16×8 network) or float32."""
    scale: float
    zero_point: int

    def quantise(self, values: NDArray[np.float32]) -> Raw:
        """Return real ``values`` in the tensor's own dtype and shape; integers saturate at the ends of their range.

        Raises `BadInput` where the number of values differs; axes of length one may be missing.
        """
        if values.size != math.prod(self.shape):
            raise BadInput(f"the network takes {self.shape} values, not {values.shape}")
        if self.dtype == np.float32:
            return np.asarray(values, dtype=np.float32).reshape(self.shape)
        lowest, highest = _LIMITS[self.dtype]
        scaled = np.rint(values / self.scale) + self.zero_point
        return np.asarray(np.clip(scaled, lowest, highest), dtype=self.dtype).reshape(self.shape)

    def real(self, raw: Raw) -> NDArray[np.float32]:
        """Return what a raw output means, float32."""
        if self.dtype == np.float32:
            return raw.astype(np.float32)
        return np.asarray(self.scale * (raw.astype(np.float32) - self.zero_point), dtype=np.float32)


class Network:
    """A network with one input and at least one output, quantised or float32. Used from one thread."""

    def __init__(self, model: bytes, *, threads: int = 1, runtime: Runtime | None = None) -> None:
        """Load ``model``, which must have been verified (`models.bundle`): a damaged one may crash the runtime.

        Raises `RuntimeMissing`, or `BundleCorrupt` where the runtime does not accept the network.
        """
        module = _load(runtime)
        kernels = module.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        try:
            self._interpreter = module.Interpreter(
                model_content=model, num_threads=threads, experimental_op_resolver_type=kernels
            )
            self._interpreter.allocate_tensors()
            inputs, outputs = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        except (ValueError, RuntimeError) as error:
            raise BundleCorrupt(
                f"the inference runtime does not accept the network ({error}); install the bundle again"
            ) from error
        if len(inputs) != 1 or not outputs:
            raise BundleCorrupt(f"the network has {len(inputs)} inputs and {len(outputs)} outputs; it must have one input")
        self.input = _tensor(inputs[0], "input")
        self.outputs = tuple(_tensor(output, "output") for output in sorted(outputs, key=lambda output: str(output["name"])))
        """In the order of their names: a converter lists them as it likes, but ``…Call:1`` stays the second."""

    @property
    def output(self) -> Tensor:
        """The first output, and of most networks the only one."""
        return self.outputs[0]

    def run(self, raw: Raw) -> tuple[Raw, ...]:
        """Return the raw outputs for one raw input of the network's own shape and dtype; raises `BadInput` for any other.

        Raises `BundleCorrupt` where the runtime finds only now that it cannot run the network.
        """
        if raw.shape != self.input.shape or raw.dtype != self.input.dtype:
            raise BadInput(f"the network takes {self.input.dtype} {self.input.shape}, not {raw.dtype} {raw.shape}")
        try:
            self._interpreter.set_tensor(self.input.index, raw)
            self._interpreter.invoke()
            return tuple(self._interpreter.get_tensor(output.index) for output in self.outputs)
        except (ValueError, RuntimeError) as error:
            raise BundleCorrupt(f"the inference runtime cannot run the network ({error}); install the bundle again") from error

    def all(self, values: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        """Return all real outputs for real inputs; ``values`` may lack axes of length one."""
        raw = self.run(self.input.quantise(values))
        return tuple(output.real(one) for output, one in zip(self.outputs, raw, strict=True))

    def __call__(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the first real output for real inputs."""
        return self.all(values)[0]


def available_runtime() -> Runtime:
    """Return the runtime that would be used; raises `RuntimeMissing`."""
    for runtime in Runtime:
        try:
            _load(runtime)
        except RuntimeMissing:
            continue
        return runtime
    _load(Runtime.TFLITE)  # an installed one that does not fit numpy has the more helpful message
    raise RuntimeMissing("no inference runtime is installed; run: pip install ai-edge-litert")


def _load(runtime: Runtime | None) -> Any:
    chosen = available_runtime() if runtime is None else runtime
    package = chosen.partition(".")[0]
    try:
        module = importlib.import_module(chosen)
    except ImportError as error:
        raise RuntimeMissing(f"{package} is not usable here ({error}); run: pip install ai-edge-litert") from error
    if chosen is Runtime.TFLITE and int(np.__version__.partition(".")[0]) >= 2:
        raise RuntimeMissing(
            f"tflite-runtime needs numpy below 2, but numpy {np.__version__} is installed; "
            "install ai-edge-litert instead, or the versions in requirements-tflite.txt"
        )
    return module


def _tensor(details: Any, which: str) -> Tensor:
    dtype = np.dtype(details["dtype"])
    if dtype not in DTYPES:
        raise BundleCorrupt(f"the network's {which} is {dtype}; convert it to int8, int16 activations or float32")
    scale, zero_point = details["quantization"]
    if dtype != np.float32 and not scale > 0:
        raise BundleCorrupt(f"the network's {which} is {dtype} without a scale; convert it with full quantisation")
    shape = tuple(details["shape"].tolist())
    return Tensor(int(details["index"]), str(details["name"]), shape, dtype, float(scale), int(zero_point))
