"""One loader for both inference runtimes: ai-edge-litert, and tflite-runtime for old installations.

Both run the same int8 networks with identical results, because the runtimes' built-in kernels are used: the XNNPACK delegate,
which ai-edge-litert adds by default, rounds some sums to the neighbouring integer. It would be three times as fast, which
matters to none of the networks here (0.06 ms instead of 0.02 ms for the breast network).

tflite-runtime 2.14 is built for numpy 1: with numpy 2 it can be imported, but every interpreter fails, so that is checked here
and said in words.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import BadInput, BundleCorrupt, RuntimeMissing


class Runtime(StrEnum):
    """The module that holds an ``Interpreter`` class; the first one installed is used."""

    LITERT = "ai_edge_litert.interpreter"
    TFLITE = "tflite_runtime.interpreter"


@dataclass(frozen=True)
class Tensor:
    """One end of a network: real value = scale · (integer − zero_point)."""

    index: int
    shape: tuple[int, ...]
    scale: float
    zero_point: int


class Int8Network:
    """A fully quantised network with one input and one output. Used from one thread."""

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
        if len(inputs) != 1 or len(outputs) != 1:
            raise BundleCorrupt(f"the network has {len(inputs)} inputs and {len(outputs)} outputs; it must have one of each")
        self.input = _tensor(inputs[0], "input")
        self.output = _tensor(outputs[0], "output")

    def quantise(self, values: NDArray[np.float32]) -> NDArray[np.int8]:
        """Return real values as the network's input integers, saturated at −128 and 127."""
        scaled = np.rint(values / self.input.scale) + self.input.zero_point
        return np.asarray(np.clip(scaled, -128, 127), dtype=np.int8)

    def run(self, integers: NDArray[np.int8]) -> NDArray[np.int8]:
        """Return the raw output for one raw input of the network's own shapes; raises `BadInput` for any other."""
        if integers.shape != self.input.shape or integers.dtype != np.int8:
            raise BadInput(f"the network takes int8 {self.input.shape}, not {integers.dtype} {integers.shape}")
        self._interpreter.set_tensor(self.input.index, integers)
        self._interpreter.invoke()
        output: NDArray[np.int8] = self._interpreter.get_tensor(self.output.index)
        return output

    def __call__(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return real outputs for real inputs; ``values`` may lack axes of length one."""
        if values.size != np.prod(self.input.shape):
            raise BadInput(f"the network takes {self.input.shape} values, not {values.shape}")
        integers = self.run(self.quantise(values).reshape(self.input.shape))
        return (self.output.scale * (integers.astype(np.float32) - self.output.zero_point)).astype(np.float32)


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
    if details["dtype"] is not np.int8:
        raise BundleCorrupt(
            f"the network's {which} is {np.dtype(details['dtype'])}, not int8; convert it with full quantisation"
        )
    scale, zero_point = details["quantization"]
    return Tensor(int(details["index"]), tuple(int(n) for n in details["shape"]), float(scale), int(zero_point))
