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
 * "pixels": each as a square, as measured. "smooth": cubic curves through the measured ones that never go beyond two neighbours
 * (an ordinary bicubic overshoots and draws a warm rim around a body that has none).
 */
export type Rendering = "pixels" | "smooth";

interface Drawn {
  readonly key: string;
  readonly values: Float32Array;
}

/** The last drawing of each picture: another palette or range needs no new one. */
const kept = new WeakMap<Float32Array, Drawn>();

/**
 * `image` drawn at `height`×`width` places; not to be changed. NaN where a smooth picture would lean on unknown pixels by more than half.
 */
export function resample(image: Field, height: number, width: number, rendering: Rendering): Float32Array {
  const key = `${height} ${width} ${rendering} ${image.columns}`;
  const known = kept.get(image.values);
  if (known?.key === key) return known.values;
  const values = drawnAnew(image, height, width, rendering);
  kept.set(image.values, { key, values });
  return values;
}

function drawnAnew(image: Field, height: number, width: number, rendering: Rendering): Float32Array {
  if (rendering === "pixels") return nearest(image, height, width);
  if (image.values.some(Number.isNaN)) return linear(image, height, width);
  const wide = alongRows(image.values, image.rows, image.columns, width, true);
  return transposed(alongRows(transposed(wide, image.rows, width), width, image.rows, height, true), width, height);
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
  const drawn = (values: Float32Array): Float32Array => {
    const wide = alongRows(values, image.rows, image.columns, width, false);
    return transposed(alongRows(transposed(wide, image.rows, width), width, image.rows, height, false), width, height);
  };
  const weights = drawn(Float32Array.from(image.values, (value) => (Number.isNaN(value) ? 0 : 1)));
  const sums = drawn(Float32Array.from(image.values, (value) => (Number.isNaN(value) ? 0 : value)));
  return sums.map((sum, index) => ((weights[index] as number) >= 0.5 ? sum / (weights[index] as number) : NaN));
}

/** Each of `rows` rows of `size` values drawn at `target` places, the ends repeated outwards. */
function alongRows(values: Float32Array, rows: number, size: number, target: number, curved: boolean): Float32Array {
  const drawn = new Float32Array(rows * target);
  const before = new Int32Array(target);
  const share = new Float32Array(target);
  for (let place = 0; place < target; place += 1) {
    const source = Math.min(size - 1, Math.max(0, ((place + 0.5) / target) * size - 0.5));
    before[place] = Math.min(size - 2, Math.floor(source));
    share[place] = source - (before[place] as number);
  }
  const slopes = new Float32Array(size);
  for (let row = 0; row < rows; row += 1) {
    const start = row * size;
    if (curved) monotoneSlopes(values, start, size, slopes);
    for (let place = 0; place < target; place += 1) {
      const left = before[place] as number;
      const t = share[place] as number;
      const one = values[start + left] as number;
      const rise = (values[start + left + 1] as number) - one;
      // Hermite's cubic between two neighbours with the slopes at both.
      const bend = curved ? t * (1 - t) * ((1 - t) * ((slopes[left] as number) - rise) + t * (rise - (slopes[left + 1] as number))) : 0;
      drawn[row * target + place] = one + t * rise + bend;
    }
  }
  return drawn;
}

// F. N. Fritsch, J. Butland, SIAM J. Sci. Stat. Comput. 5(2):300-304, 1984: the harmonic mean of the differences to both sides, or
// none at an extreme. The curve through them is monotone wherever the values are.
function monotoneSlopes(values: Float32Array, start: number, size: number, slopes: Float32Array): void {
  slopes[0] = (values[start + 1] as number) - (values[start] as number);
  slopes[size - 1] = (values[start + size - 1] as number) - (values[start + size - 2] as number);
  for (let index = 1; index < size - 1; index += 1) {
    const left = (values[start + index] as number) - (values[start + index - 1] as number);
    const right = (values[start + index + 1] as number) - (values[start + index] as number);
    slopes[index] = left * right > 0 ? (2 * left * right) / (left + right) : 0;
  }
}

function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row += 1) for (let column = 0; column < columns; column += 1) turned[column * rows + row] = values[row * columns + column] as number;
  return turned;
}
