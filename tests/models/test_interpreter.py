"""The one loader: both runtimes, clear words where none fits, and refusal of networks that are not what a bundle promises."""

from __future__ import annotations

import sys
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest

from models.bundle import Bundle, default_bundle
from models.errors import BadInput, BundleCorrupt, RuntimeMissing
from models.interpreter import Network, Runtime, Tensor, available_runtime
from tests.models.making import BROKEN


@pytest.fixture
def model() -> bytes:
    return Bundle.open(default_bundle("breast")).model


def block(monkeypatch: pytest.MonkeyPatch, *packages: str) -> None:
    for package in packages:
        for name in (package, f"{package}.interpreter"):
            monkeypatch.setitem(sys.modules, name, None)


def test_ai_edge_litert_is_the_default() -> None:
    assert available_runtime() is Runtime.LITERT


def test_without_any_runtime_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch, model: bytes) -> None:
    block(monkeypatch, "ai_edge_litert", "tflite_runtime")
    with pytest.raises(RuntimeMissing, match="pip install ai-edge-litert"):
        Network(model)


def test_tflite_runtime_with_numpy_2_is_refused_in_words(monkeypatch: pytest.MonkeyPatch, model: bytes) -> None:
    block(monkeypatch, "ai_edge_litert")
    monkeypatch.setitem(sys.modules, "tflite_runtime", ModuleType("tflite_runtime"))
    monkeypatch.setitem(sys.modules, "tflite_runtime.interpreter", ModuleType("tflite_runtime.interpreter"))
    monkeypatch.setattr(np, "__version__", "2.1.0")
    with pytest.raises(RuntimeMissing, match=r"needs numpy below 2, but numpy 2\.1\.0.*requirements-tflite\.txt"):
        Network(model)


def test_a_float_network_takes_and_gives_its_values_as_they_are() -> None:
    network = Network((BROKEN / "float32.tflite").read_bytes())
    values = np.linspace(-3, 3, int(np.prod(network.input.shape)), dtype=np.float32).reshape(network.input.shape)
    assert network.input.quantise(values).dtype == np.float32
    np.testing.assert_array_equal(network(values), network.run(values)[0])


def test_a_network_cut_short_is_refused_by_the_default_runtime(model: bytes) -> None:
    """A second line of defence; `models.bundle` has checked the hash before."""
    with pytest.raises(BundleCorrupt, match="does not accept the network"):
        Network(model[:200], runtime=Runtime.LITERT)


def test_quantising_saturates_and_rounds(model: bytes) -> None:
    tensor = replace(Network(model).input, shape=(3,))
    assert tensor.quantise(np.array([-1e9, 0.0, 1e9], np.float32)).tolist() == [-128, tensor.zero_point, 127]
    steps = tensor.scale * np.arange(-20, 21, dtype=np.float32)
    integers = replace(tensor, shape=(41,)).quantise(steps)
    np.testing.assert_array_equal(integers, tensor.zero_point + np.arange(-20, 21))


def test_sixteen_bits_saturate_at_their_own_ends() -> None:
    tensor = Tensor(0, "input", (3,), np.dtype(np.int16), 1 / 32768, 0)
    integers = tensor.quantise(np.array([-9.0, 0.5, 9.0], np.float32))
    assert integers.tolist() == [-32768, 16384, 32767]
    np.testing.assert_allclose(tensor.real(integers), [-1.0, 0.5, 1.0], atol=1e-4)


def test_the_input_covers_what_preprocessing_gives(model: bytes) -> None:
    tensor = Network(model).input
    assert tensor.scale * (-128 - tensor.zero_point) <= -0.99
    assert tensor.scale * (127 - tensor.zero_point) >= 0.99


@pytest.mark.parametrize(
    "integers",
    [np.zeros((1, 32, 24, 1), np.int8), np.zeros((24, 32), np.int8), np.zeros((1, 24, 32, 1), np.float32)],
)
def test_a_raw_input_of_another_kind_is_refused(model: bytes, integers: np.ndarray) -> None:
    with pytest.raises(BadInput, match="the network takes"):
        Network(model).run(integers)


def test_a_real_input_of_another_size_is_refused(model: bytes) -> None:
    with pytest.raises(BadInput, match="the network takes"):
        Network(model)(np.zeros((24, 24), np.float32))
