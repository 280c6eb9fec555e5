"""The golden set of a bundle: read from its file, run, and the first difference named."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.bundle import GOLDEN, Bundle, default_bundle, write_sums
from models.errors import BadInput, BundleCorrupt, GoldenMismatch
from models.golden import MOST_CASES, Golden, make_golden
from models.interpreter import Network
from tests.models.making import BROKEN, copy

SHIPPED = sorted(path for path in default_bundle("breast").parent.iterdir() if path.is_dir())


def packed(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


@pytest.fixture
def network() -> Network:
    return Network(Bundle.open(default_bundle("breast")).model)


@pytest.fixture
def golden() -> Golden:
    return Golden.of(Bundle.open(default_bundle("breast")))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_each_shipped_network_gives_its_golden_outputs(path: Path) -> None:
    bundle = Bundle.open(path)
    if not bundle.has_network:
        pytest.skip("this bundle is a rule without a network")
    golden = Golden.of(bundle)
    assert len(bundle.files[GOLDEN]) <= 300_000
    golden.check(Network(bundle.model))
    assert any(len(np.unique(output)) > 3 for output in golden.outputs), "the golden inputs tell nothing apart"


def test_the_first_output_that_differs_is_named(network: Network, golden: Golden) -> None:
    outputs = golden.outputs[0].copy()
    outputs[5] -= 1
    right = int(golden.outputs[0][5].item())
    with pytest.raises(
        GoldenMismatch, match=rf"output_0 of golden input 5 differs in 1 of 1 .* {right} instead of {right - 1}"
    ):
        Golden(golden.inputs, (outputs,)).check(network)


def test_float_outputs_may_differ_in_the_last_digits_only() -> None:
    network = Network((BROKEN / "float32.tflite").read_bytes())
    values = np.random.default_rng(1).normal(size=(2, *network.input.shape[1:])).astype(np.float32)
    golden = Golden.read(make_golden(network, values), "golden.npz")
    golden.check(network)
    Golden(values, (golden.outputs[0] * np.float32(1.0001),)).check(network)
    with pytest.raises(GoldenMismatch, match="golden input 0"):
        Golden(values, (golden.outputs[0] * np.float32(1.1) + np.float32(1),)).check(network)


def test_the_same_inputs_give_the_same_file(network: Network, golden: Golden) -> None:
    assert make_golden(network, golden.inputs) == make_golden(network, golden.inputs)


def test_golden_inputs_of_another_dtype_are_not_made(network: Network) -> None:
    with pytest.raises(BadInput, match="the network takes int8"):
        make_golden(network, np.zeros((2, *network.input.shape[1:]), np.float32))


@pytest.mark.parametrize(
    ("inputs", "outputs", "message"),
    [
        ((32, 32), (np.zeros((2, 1), np.int8),), "has the shape"),
        (None, (np.zeros((2, 2), np.int8),), "output_0 of golden input 0 has the shape"),
        (None, (np.zeros((2, 1), np.float32),), "is int8 instead of float32"),
        (None, (np.zeros((2, 1), np.int8),) * 2, "has 1 outputs, the golden set 2"),
    ],
)
def test_a_set_of_another_network(network: Network, inputs: tuple[int, ...] | None, outputs: Any, message: str) -> None:
    given = np.zeros((2, *(inputs or network.input.shape[1:])), np.int8)
    with pytest.raises(GoldenMismatch, match=message):
        Golden(given, outputs).check(network)


ZEROS = np.zeros((2, 3), np.int8)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04",
        packed(inputs=ZEROS)[:-30],
        packed(inputs=ZEROS),
        packed(output_0=ZEROS),
        packed(inputs=ZEROS, output_1=ZEROS),
        packed(inputs=ZEROS, output_0=ZEROS[:1]),
        packed(inputs=ZEROS[:0], output_0=ZEROS[:0]),
        packed(inputs=np.int8(1), output_0=np.int8(1)),
        packed(inputs=np.zeros((MOST_CASES + 1, 1)), output_0=np.zeros((MOST_CASES + 1, 1))),
        packed(inputs=np.array([{"pickled": 1}], dtype=object), output_0=ZEROS),
    ],
    ids=[
        *("empty", "only a head", "truncated", "no outputs", "no inputs", "a gap in the outputs", "fewer outputs than inputs"),
        *("nothing in it", "no axis", "too many", "pickled"),
    ],
)
def test_a_file_that_is_no_golden_set(tmp_path: Path, content: bytes) -> None:
    bundle = copy(tmp_path)
    (bundle / GOLDEN).write_bytes(content)
    write_sums(bundle)
    with pytest.raises(BundleCorrupt, match=r"golden\.npz .*install the bundle again"):
        Golden.of(Bundle.open(bundle))


def test_a_golden_file_that_unpacks_to_much_more_than_it_is() -> None:
    file = io.BytesIO()
    np.savez_compressed(file, inputs=np.zeros((2, 20_000_000), np.int8), output_0=ZEROS)
    assert len(file.getvalue()) < 100_000
    with pytest.raises(BundleCorrupt, match="more than 32 MiB unpacked"):
        Golden.read(file.getvalue(), "golden.npz")


def test_an_array_that_claims_to_be_larger_than_any_memory() -> None:
    content = bytearray(packed(inputs=ZEROS, output_0=ZEROS))
    place = content.index(b"(2, 3)")
    content[place : place + 11] = b"(99999999,)"
    with pytest.raises(BundleCorrupt):
        Golden.read(bytes(content), "golden.npz")
