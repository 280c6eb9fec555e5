"""Golden inputs and outputs of the shipped breast network: int8 in, int8 out, compared bit for bit.

``python -m tests.models.golden`` writes the outputs anew after the bundle has changed. The inputs are synthetic: simulated
torsos and integer patterns. Run with ``--runtime tflite_runtime.interpreter`` it prints what that runtime gives instead.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.bundle import Bundle, default_bundle
from models.interpreter import Network, Runtime

FILE = Path(__file__).parent / "golden.npz"


def make_inputs() -> NDArray[np.int8]:
    """Return int8 [38, 24, 32]."""
    from models.preprocess import relative
    from tests.models.making import chest

    network = Network(Bundle.open(default_bundle("breast")).model)
    torsos = [network.input.quantise(relative(chest(seed, asymmetry_k=seed / 2))).reshape(24, 32) for seed in range(20)]
    rows, columns = np.mgrid[0:24, 0:32]
    patterns = [(rows * a + columns * b) % 256 - 128 for a, b in ((1, 3), (7, 5), (11, 0), (0, 8))]
    flat = [np.full((24, 32), value) for value in (-128, 127)]
    noise = np.random.default_rng(1).integers(-128, 128, (12, 24, 32))
    return np.stack([*torsos, *patterns, *flat, *noise]).astype(np.int8)


def outputs(inputs: NDArray[np.int8], runtime: Runtime | None = None) -> list[int]:
    """Return the shipped network's raw output for each of ``inputs``."""
    network = Network(Bundle.open(default_bundle("breast")).model, runtime=runtime)
    return [int(network.run(image.reshape(network.input.shape))[0].item()) for image in inputs]


def stored() -> tuple[NDArray[np.int8], list[int]]:
    with np.load(FILE) as golden:
        return golden["inputs"], [int(value) for value in golden["outputs"]]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runtime", type=Runtime)
    arguments = parser.parse_args()
    if arguments.runtime is not None:
        print(json.dumps(outputs(stored()[0], arguments.runtime)))
        return
    inputs = make_inputs()
    np.savez_compressed(FILE, inputs=inputs, outputs=np.array(outputs(inputs), dtype=np.int8))


if __name__ == "__main__":
    main()
