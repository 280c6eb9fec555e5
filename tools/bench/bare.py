"""A network run by the bare runtime: what a user of it has to write who takes real numbers and wants real numbers back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class BareNetwork:
    """One interpreter, its first input and its outputs, with the arithmetic of quantisation and no check of anything."""

    def __init__(self, model: bytes, threads: int) -> None:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        kernels = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES  # the ones that models.interpreter chooses, and why
        self._interpreter = Interpreter(model_content=model, num_threads=threads, experimental_op_resolver_type=kernels)
        self._interpreter.allocate_tensors()
        (given,), outputs = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        self._input = given["index"]
        self._outputs = [(output["index"], *output["quantization"]) for output in outputs]
        self.shape: tuple[int, ...] = tuple(given["shape"])
        self._dtype = given["dtype"]
        self._scale, self._zero = given["quantization"]
        if self._scale:
            limits = np.iinfo(self._dtype)
            self._lowest, self._highest = limits.min, limits.max

    def __call__(self, values: NDArray[np.float32]) -> list[NDArray[Any]]:
        """Return the real outputs for a real input of the network's own shape."""
        raw = values
        if self._scale:
            raw = np.clip(np.rint(values / self._scale) + self._zero, self._lowest, self._highest).astype(self._dtype)
        self._interpreter.set_tensor(self._input, raw)
        self._interpreter.invoke()
        found = []
        for index, scale, zero in self._outputs:
            output = self._interpreter.get_tensor(index)
            found.append(scale * (output.astype(np.float32) - zero) if scale else output)
        return found
