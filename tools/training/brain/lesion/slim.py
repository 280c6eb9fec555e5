"""Leaves out of a quantised TensorFlow Lite file what a runtime does not read: a tenth of a network with many channels.

The converter writes a scale and a zero point for each value of each bias. Both follow from others (TensorFlow Lite 8-bit
quantisation specification: the scale of a bias is that of the input times that of the weights, its zero point is 0), and the
built-in kernels take them from there. The names of inner tensors are for people.
"""

from __future__ import annotations

from typing import Any


def slim(network: bytes) -> bytes:
    """Return the same network without scales of biases and without names of inner tensors."""
    from tensorflow.lite.python import schema_py_generated as schema
    from tensorflow.lite.tools import flatbuffer_utils

    model: Any = flatbuffer_utils.read_model_from_bytearray(bytearray(network))
    for graph in model.subgraphs:
        ends = {*graph.inputs, *graph.outputs}
        for index, tensor in enumerate(graph.tensors):
            if tensor.type in (schema.TensorType.INT32, schema.TensorType.INT64):
                tensor.quantization = None
            if index not in ends:
                tensor.name = b""
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))
