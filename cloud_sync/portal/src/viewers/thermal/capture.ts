// `capture.npz` of docs/record.md as pictures. It comes from a device and may hold anything.

import { type Field, field } from "../picture/field";
import { findBody } from "./body";

export interface Capture {
  /** °C. */
  readonly celsius: Field;
  /** Each place minus its mirrored place, K; NaN off the body. `null`: the kiosk found no body. */
  readonly asymmetry: Field | null;
  /** By how much the model's probability falls when the place is covered. `null`: no model was run. */
  readonly map: Field | null;
  /** 1: the sensor's pixel is broken, its value was filled in from its neighbours. */
  readonly bad: Uint8Array;
}

/** One array of a `.npz` file. */
export interface NpArray {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number | bigint>;
}

export class BadCapture extends Error {
  constructor(readonly kind: "missing" | "shape" | "numbers") {
    super(`The picture cannot be shown: its temperatures are ${kind === "missing" ? "missing" : kind === "shape" ? "not a picture" : "not numbers"}.`);
    this.name = "BadCapture";
  }
}

/** The sensor has 24 × 32; far more would only keep the page busy. */
const LARGEST_SIDE = 128;

/** Throws `BadCapture`. A map of another shape, or without a single number, counts as not there. */
export function captureOf(arrays: Readonly<Record<string, NpArray>>): Capture {
  const temperatures = arrays.celsius;
  if (!temperatures) throw new BadCapture("missing");
  const [rows = 0, columns = 0] = temperatures.shape;
  if (temperatures.shape.length !== 2 || rows < 2 || columns < 2 || rows > LARGEST_SIDE || columns > LARGEST_SIDE) throw new BadCapture("shape");
  const celsius = field(rows, columns, finite(temperatures.data));
  if (celsius.values.length !== rows * columns) throw new BadCapture("shape");
  if (celsius.values.every(Number.isNaN)) throw new BadCapture("numbers");
  const beside = (name: string): Field | null => {
    const array = arrays[name];
    if (!array || array.shape.length !== 2 || array.shape[0] !== rows || array.shape[1] !== columns) return null;
    const image = field(rows, columns, finite(array.data));
    return image.values.every(Number.isNaN) ? null : image;
  };
  const bad = beside("bad");
  return {
    celsius,
    asymmetry: beside("asymmetry"),
    map: beside("map"),
    bad: bad ? Uint8Array.from(bad.values, (value) => (value ? 1 : 0)) : new Uint8Array(rows * columns),
  };
}

function finite(data: ArrayLike<number | bigint>): Float32Array {
  return Float32Array.from(data as ArrayLike<number>, (value) => {
    const number = Number(value);
    return Number.isFinite(number) && Math.abs(number) < 1e6 ? number : NaN;
  });
}

/** Lowest and highest temperature for the scale: of the body where it is known, or of everything; at least 1 K apart. */
export function bodyRange(capture: Capture, whole = false): { low: number; high: number } {
  const { celsius, asymmetry } = capture;
  const mask = asymmetry || whole ? null : findBody(celsius)?.mask;
  const known = celsius.values.filter((value) => !Number.isNaN(value));
  const onBody = celsius.values.filter((value, index) => !Number.isNaN(value) && (asymmetry ? !Number.isNaN(asymmetry.values[index] as number) : mask?.[index] === 1));
  const values = (whole || onBody.length < 20 ? known : onBody).sort();
  const quantile = (share: number): number => values[Math.round(share * (values.length - 1))] as number;
  const [low, high] = whole ? [quantile(0), quantile(1)] : [quantile(0.01), quantile(0.99)];
  return high - low >= 1 ? { low, high } : { low: (low + high) / 2 - 0.5, high: (low + high) / 2 + 0.5 };
}

/** Value at the ends of a scale with a sign. `least`: noise alone must not fill the scale. */
export function limitOf(image: Field, least: number): number {
  return image.values.reduce((largest, value) => (Number.isNaN(value) ? largest : Math.max(largest, Math.abs(value))), least);
}
