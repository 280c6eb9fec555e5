// NumPy's .npz files: named arrays, out of a file that a device sent. The format: numpy.lib.format, versions 1.0 to 3.0, in a zip file.

import { unzipSync, type Unzipped } from "fflate";
import { Fault } from "./cloud";

export const LARGEST_UNPACKED = 256 << 20;
export const MOST_MEMBERS = 64;
export const MOST_AXES = 8;
const LONGEST_HEADER = 4096;
const MAGIC = "\x93NUMPY";

export type Numbers = Float32Array | Float64Array | Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array;

export interface NpyArray {
  /** "float32", "uint8", "bool" … as it was written; 64-bit integers and 16-bit floats are held as float64 and float32. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** In C order: the last axis runs fastest. */
  readonly data: Numbers;
}

interface Kind {
  readonly dtype: string;
  readonly bytes: number;
  readonly make: (length: number) => Numbers;
  readonly get: (view: DataView, at: number, little: boolean) => number;
}

const KINDS: Readonly<Record<string, Kind>> = {
  b1: { dtype: "bool", bytes: 1, make: (n) => new Uint8Array(n), get: (view, at) => (view.getUint8(at) === 0 ? 0 : 1) },
  u1: { dtype: "uint8", bytes: 1, make: (n) => new Uint8Array(n), get: (view, at) => view.getUint8(at) },
  i1: { dtype: "int8", bytes: 1, make: (n) => new Int8Array(n), get: (view, at) => view.getInt8(at) },
  u2: { dtype: "uint16", bytes: 2, make: (n) => new Uint16Array(n), get: (view, at, little) => view.getUint16(at, little) },
  i2: { dtype: "int16", bytes: 2, make: (n) => new Int16Array(n), get: (view, at, little) => view.getInt16(at, little) },
  u4: { dtype: "uint32", bytes: 4, make: (n) => new Uint32Array(n), get: (view, at, little) => view.getUint32(at, little) },
  i4: { dtype: "int32", bytes: 4, make: (n) => new Int32Array(n), get: (view, at, little) => view.getInt32(at, little) },
  u8: { dtype: "uint64", bytes: 8, make: (n) => new Float64Array(n), get: (view, at, little) => exact(view.getBigUint64(at, little)) },
  i8: { dtype: "int64", bytes: 8, make: (n) => new Float64Array(n), get: (view, at, little) => exact(view.getBigInt64(at, little)) },
  f2: { dtype: "float16", bytes: 2, make: (n) => new Float32Array(n), get: (view, at, little) => half(view.getUint16(at, little)) },
  f4: { dtype: "float32", bytes: 4, make: (n) => new Float32Array(n), get: (view, at, little) => view.getFloat32(at, little) },
  f8: { dtype: "float64", bytes: 8, make: (n) => new Float64Array(n), get: (view, at, little) => view.getFloat64(at, little) },
};

/** The arrays of a file, or those of them that are named in `only`. Throws `Fault("damaged")` or `Fault("too_large")`. */
export function readNpz(file: Uint8Array, only?: readonly string[]): ReadonlyMap<string, NpyArray> {
  const arrays = new Map<string, NpyArray>();
  for (const [member, content] of Object.entries(unpack(file, only))) arrays.set(nameOf(member), readNpy(content));
  return arrays;
}

/** One array (.npy). Throws `Fault("damaged")` or `Fault("too_large")`. */
export function readNpy(content: Uint8Array): NpyArray {
  const { kind, little, fortran, shape, start } = headerOf(content);
  const length = shape.reduce((product, side) => product * side, 1);
  // Before anything is made: a header may promise what is not there.
  if (length * kind.bytes > LARGEST_UNPACKED) throw tooLarge();
  if (length * kind.bytes !== content.length - start) throw damaged("an array has another size than it says");
  const view = new DataView(content.buffer, content.byteOffset + start, content.length - start);
  const read = kind.make(length);
  for (let index = 0; index < length; index++) read[index] = kind.get(view, index * kind.bytes, little);
  const data = fortran && shape.length > 1 ? inCOrder(read, kind.make(length), shape) : read;
  return { dtype: kind.dtype, shape, data };
}

function unpack(file: Uint8Array, only?: readonly string[]): Unzipped {
  let members = 0;
  let total = 0;
  const sizes = new Map<string, number>();
  let unpacked: Unzipped;
  try {
    unpacked = unzipSync(file, {
      filter: ({ name, originalSize }) => {
        members += 1;
        if (members > MOST_MEMBERS) throw tooLarge();
        const wanted = name.endsWith(".npy") && (only?.includes(nameOf(name)) ?? true);
        if (!wanted) return false;
        total += originalSize;
        if (total > LARGEST_UNPACKED) throw tooLarge();
        if (sizes.has(name)) throw damaged("two arrays have the same name");
        sizes.set(name, originalSize);
        return true;
      },
    });
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw damaged("it is no .npz file"); // fflate and the engine have many words for it, which mean the same here
  }
  for (const [name, content] of Object.entries(unpacked)) {
    if (content.length !== sizes.get(name)) throw damaged("an array has another size than it says");
  }
  return unpacked;
}

interface Header {
  readonly kind: Kind;
  readonly little: boolean;
  readonly fortran: boolean;
  readonly shape: readonly number[];
  readonly start: number;
}

function headerOf(content: Uint8Array): Header {
  const latin = (from: number, to: number) => String.fromCharCode(...content.subarray(from, to));
  const major = content[6] ?? 0;
  if (content.length < 12 || latin(0, 6) !== MAGIC || major < 1 || major > 3) throw damaged("an array is no array");
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  const [long, from] = major === 1 ? [view.getUint16(8, true), 10] : [view.getUint32(8, true), 12];
  if (long > LONGEST_HEADER || from + long > content.length) throw damaged("an array has no header");
  const header = latin(from, from + long);
  // Objects (|O), texts, complex numbers and structures have another description, so they are refused here.
  const descr = /'descr': '([<>|=]?)([a-z]\d)'/.exec(header);
  const order = /'fortran_order': (True|False)/.exec(header);
  const shape = /'shape': \(([\d, ]*)\)/.exec(header);
  const kind = descr ? KINDS[descr[2] ?? ""] : undefined;
  if (!descr || !order || !shape || !kind) throw damaged("an array holds something else than numbers");
  const sides = (shape[1] ?? "").split(",").map((side) => side.trim()).filter((side) => side !== "").map(Number);
  if (sides.length > MOST_AXES || !sides.every(Number.isSafeInteger)) throw damaged("an array has a shape that is none");
  return { kind, little: descr[1] !== ">", fortran: order[1] === "True", shape: sides, start: from + long };
}

/** Fortran order has the first axis run fastest. */
function inCOrder(from: Numbers, to: Numbers, shape: readonly number[]): Numbers {
  const place = shape.map(() => 0);
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, side) => product * side, 1));
  for (let index = 0; index < to.length; index++) {
    to[index] = from[place.reduce((sum, at, axis) => sum + at * (strides[axis] ?? 0), 0)] ?? 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (place[axis] ?? 0) + 1;
      place[axis] = next === shape[axis] ? 0 : next;
      if (place[axis] !== 0) break;
    }
  }
  return to;
}

function exact(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw damaged("an array holds numbers that are too large");
  return number;
}

/** IEEE 754 binary16. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return sign * (exponent === 0 ? 2 ** -14 * (fraction / 1024) : 2 ** (exponent - 15) * (1 + fraction / 1024));
}

function nameOf(member: string): string {
  return member.replace(/\.npy$/, "");
}

function damaged(why: string): Fault {
  return new Fault("damaged", `The file is damaged: ${why}.`);
}

function tooLarge(): Fault {
  return new Fault("too_large", "The file unpacks to more than this page can show.");
}
