"""The shipped breast network: one frame, one thread, beside the bare runtime that it is wrapped around."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from models.breast import BreastModel
from models.bundle import Bundle, default_bundle
from models.interpreter import Network
from tools.bench.figure import Figure
from tools.bench.timing import interleaved

LARGEST_MS, LARGEST_BYTES = 0.5, 100_000


def measure() -> Iterator[Figure]:
    """Yield latency, size, and the time of a whole assessment with its occlusion map."""
    bundle = Bundle.open(default_bundle("breast"))
    network = Network(bundle.model, threads=1)
    image = np.random.default_rng(1).normal(size=network.input.shape).astype(np.float32)
    ours, bare = (
        1000 * s for s in interleaved(lambda: network(image), _bare_call(bundle.model, network.input.quantise(image)), 200)
    )
    bar = f"≤ {LARGEST_MS} ms"
    yield Figure("int8 breast network, one frame, one thread", ours, "ms", bar, ours <= LARGEST_MS, "bare runtime", bare)
    size = len(bundle.model)
    yield Figure("int8 breast network, file", size, "bytes", f"≤ {LARGEST_BYTES:,} bytes", size <= LARGEST_BYTES)
    model, chest = BreastModel(bundle), _chest()
    whole_ms = 1000 * interleaved(lambda: model.assess(chest), lambda: None, 5)[0]
    yield Figure("assessment of one image: gate, network, occlusion map", whole_ms, "ms", "≤ 50 ms", whole_ms <= 50)


def _bare_call(model: bytes, integers: NDArray[np.int8]) -> Callable[[], object]:
    """The runtime alone, fed with integers that are quantised already."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    kernels = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES  # the ones that models.interpreter chooses, and why
    interpreter = Interpreter(model_content=model, num_threads=1, experimental_op_resolver_type=kernels)
    interpreter.allocate_tensors()
    index = interpreter.get_input_details()[0]["index"]

    def call() -> None:
        interpreter.set_tensor(index, integers)
        interpreter.invoke()

    return call


def _chest() -> NDArray[np.float32]:
    from drivers.sim.body import Torso

    return Torso().celsius_at(0.0, 22.0).astype(np.float32)
