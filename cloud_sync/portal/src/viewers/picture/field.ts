// A picture as numbers, and the same picture with more places than were measured.

/** `values[row * columns + column]`; NaN where nothing is known. */
export interface Field {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

export function field(rows: number, columns: number, values: ArrayLike<number>): Field {
  return { rows, columns, values: Float32Array.from(values) };
}

export function at(image: Field, row: number, column: number): number {
  return image.values[row * image.columns + column] ?? NaN;
}

/** Lowest and highest value, broken ones left out; `null` where there is none. */
export function extent(values: Float32Array): readonly [number, number] | null {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high && Number.isFinite(low) && Number.isFinite(high) ? [low, high] : null;
}

/**
 * "pixels": each as a square, as measured. "smooth": Catmull-Rom splines through the measured ones, nowhere beyond the two neighbours:
 * a spline that overshoots draws a warm rim around a body that has none.
 */
export type Rendering = "pixels" | "smooth";

/** `image` drawn at `height`×`width` places. NaN where a smooth picture would lean on unknown pixels by more than half. */
export function resample(image: Field, height: number, width: number, rendering: Rendering): Float32Array {
  if (rendering === "pixels") return nearest(image, height, width);
  if (image.values.some(Number.isNaN)) return linear(image, height, width);
  return separable(image.values, image.rows, image.columns, height, width, cubicTaps);
}

function nearest(image: Field, height: number, width: number): Float32Array {
  const drawn = new Float32Array(height * width);
  for (let y = 0; y < height; y += 1) {
    const row = Math.min(image.rows - 1, Math.floor(((y + 0.5) / height) * image.rows));
    for (let x = 0; x < width; x += 1) {
      const column = Math.min(image.columns - 1, Math.floor(((x + 0.5) / width) * image.columns));
      drawn[y * width + x] = image.values[row * image.columns + column] as number;
    }
  }
  return drawn;
}

function linear(image: Field, height: number, width: number): Float32Array {
  const weight = Float32Array.from(image.values, (value) => (Number.isNaN(value) ? 0 : 1));
  const known = Float32Array.from(image.values, (value) => (Number.isNaN(value) ? 0 : value));
  const weights = separable(weight, image.rows, image.columns, height, width, linearTaps);
  const sums = separable(known, image.rows, image.columns, height, width, linearTaps);
  return sums.map((sum, index) => ((weights[index] as number) >= 0.5 ? sum / (weights[index] as number) : NaN));
}

/** Four neighbours of each place and their weights. */
interface Taps {
  readonly index: Int32Array;
  readonly weight: Float32Array;
}

function taps(size: number, target: number, weights: (share: number) => readonly [number, number, number, number]): Taps {
  const index = new Int32Array(target * 4);
  const weight = new Float32Array(target * 4);
  for (let place = 0; place < target; place += 1) {
    const source = ((place + 0.5) / target) * size - 0.5;
    const first = Math.floor(source);
    weights(source - first).forEach((value, tap) => {
      index[place * 4 + tap] = Math.min(size - 1, Math.max(0, first + tap - 1));
      weight[place * 4 + tap] = value;
    });
  }
  return { index, weight };
}

// R. Keys, IEEE Trans. ASSP 29(6):1153-1160, 1981, a = -1/2.
function cubicTaps(size: number, target: number): Taps {
  return taps(size, target, (t) => [
    ((-0.5 * t + 1) * t - 0.5) * t,
    (1.5 * t - 2.5) * t * t + 1,
    ((-1.5 * t + 2) * t + 0.5) * t,
    (0.5 * t - 0.5) * t * t,
  ]);
}

function linearTaps(size: number, target: number): Taps {
  return taps(size, target, (t) => [0, 1 - t, t, 0]);
}

function separable(
  values: Float32Array,
  rows: number,
  columns: number,
  height: number,
  width: number,
  make: (size: number, target: number) => Taps,
): Float32Array {
  const across = make(columns, width);
  const down = make(rows, height);
  const wide = new Float32Array(rows * width);
  for (let row = 0; row < rows; row += 1) {
    const start = row * columns;
    for (let x = 0; x < width; x += 1) {
      const tap = x * 4;
      const before = values[start + (across.index[tap + 1] as number)] as number;
      const after = values[start + (across.index[tap + 2] as number)] as number;
      const sum =
        (across.weight[tap] as number) * (values[start + (across.index[tap] as number)] as number) +
        (across.weight[tap + 1] as number) * before +
        (across.weight[tap + 2] as number) * after +
        (across.weight[tap + 3] as number) * (values[start + (across.index[tap + 3] as number)] as number);
      wide[row * width + x] = between(sum, before, after);
    }
  }
  const drawn = new Float32Array(height * width);
  for (let y = 0; y < height; y += 1) {
    const [w0, w1, w2, w3] = down.weight.subarray(y * 4, y * 4 + 4) as unknown as readonly [number, number, number, number];
    const [r0, r1, r2, r3] = down.index.subarray(y * 4, y * 4 + 4).map((row) => row * width) as unknown as readonly [number, number, number, number];
    for (let x = 0; x < width; x += 1) {
      const before = wide[r1 + x] as number;
      const after = wide[r2 + x] as number;
      const sum = w0 * (wide[r0 + x] as number) + w1 * before + w2 * after + w3 * (wide[r3 + x] as number);
      drawn[y * width + x] = between(sum, before, after);
    }
  }
  return drawn;
}

function between(value: number, one: number, other: number): number {
  return one < other ? Math.min(other, Math.max(one, value)) : Math.min(one, Math.max(other, value));
}
