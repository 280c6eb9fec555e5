// numpy's .npz for made-up records: a zip of .npy files (numpy.lib.format, version 1.0).

import { zipSync } from "fflate";

export interface NpyArray {
  readonly type: "<f4" | "<u2" | "|u1" | "|b1";
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint16Array | Uint8Array;
}

function npy({ type, shape, data }: NpyArray): Uint8Array {
  const sides = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const described = `{'descr': '${type}', 'fortran_order': False, 'shape': (${sides}), }`;
  const padding = 63 - ((10 + described.length) % 64);
  const head = new TextEncoder().encode(`${described}${" ".repeat(padding)}\n`);
  const body = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const length = head.length;
  const file = new Uint8Array(10 + length + body.length);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 255, length >> 8]);
  file.set(head, 10);
  file.set(body, 10 + length);
  return file;
}

export function npz(arrays: Readonly<Record<string, NpyArray>>): Uint8Array {
  return zipSync(Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`${name}.npy`, npy(array)])), { level: 1 });
}
