// Pictures for made-up records: a warm torso, and a head of ellipsoids with a bright spot.

import { type NpyArray, npz } from "./sample-npz";

export type Random = () => number;

/** mulberry32: the same numbers from the same seed. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const normal = (random: Random): number => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
const f4 = (shape: readonly number[], data: Float32Array): NpyArray => ({ type: "<f4", shape, data });

export const ROWS = 24;
export const COLUMNS = 32;

/** `capture.npz` as docs/record.md has it; `warmK`: how much warmer the patient's left is. */
export function capture(random: Random, warmK: number, frames = 4): Uint8Array {
  const size = ROWS * COLUMNS;
  const [celsius, map, asymmetry] = [new Float32Array(size), new Float32Array(size), new Float32Array(size)];
  const bad = new Uint8Array(size);
  const on = (row: number, column: number): boolean => ((column - 15.5) / 12) ** 2 + ((row - 15) / 13) ** 2 < 1;
  for (let row = 0; row < ROWS; row += 1) {
    for (let column = 0; column < COLUMNS; column += 1) {
      const at = row * COLUMNS + column;
      const spot = Math.exp(-((column - 21) ** 2 + (row - 13) ** 2) / 8);
      celsius[at] = on(row, column) ? 33.2 - 0.05 * Math.abs(row - 10) + warmK * spot + 0.08 * normal(random) : 22.5 + 0.1 * normal(random);
      map[at] = on(row, column) ? 0.3 * spot * Math.sign(warmK) + 0.01 * normal(random) : 0;
    }
  }
  for (let at = 0; at < size; at += 1) {
    const [row, column] = [Math.floor(at / COLUMNS), at % COLUMNS];
    asymmetry[at] = on(row, column) ? (celsius[at] ?? 0) - (celsius[row * COLUMNS + (COLUMNS - 1 - column)] ?? 0) : Number.NaN;
  }
  bad[3 * COLUMNS + 5] = 1;
  const raw = new Uint16Array(frames * 2 * 834).map(() => Math.floor(random() * 65_536));
  const shape = [ROWS, COLUMNS];
  return npz({
    celsius: f4(shape, celsius),
    map: f4(shape, map),
    asymmetry: f4(shape, asymmetry),
    bad: { type: "|b1", shape, data: bad },
    raw: { type: "<u2", shape: [frames, 2, 834], data: raw },
    eeprom: { type: "<u2", shape: [832], data: new Uint16Array(832).map((_, at) => at) },
  });
}

export const SLICES = 24;
export const SIDE = 96;
export const SPACING_MM = [5, 1.8, 1.8] as const;

interface Head {
  readonly series: Uint8Array;
  readonly findings: Uint8Array;
  readonly scores: readonly (number | null)[];
  readonly lesionMl: number;
}

/** `series.npz` and `findings.npz` as docs/data-model.md has them. */
export function head(random: Random, radiusMm: number): Head {
  const shape = [SLICES, SIDE, SIDE];
  const size = SLICES * SIDE * SIDE;
  const [slices, segmentation, residual] = [new Uint16Array(size), new Uint8Array(size), new Uint8Array(size)];
  const scores: (number | null)[] = [];
  let voxels = 0;
  for (let slice = 0; slice < SLICES; slice += 1) {
    let largest = 0;
    for (let row = 0; row < SIDE; row += 1) {
      for (let column = 0; column < SIDE; column += 1) {
        const [x, y, z] = [(column - 47.5) * 1.8, (row - 47.5) * 1.8, (slice - 11.5) * 5];
        const skull = Math.hypot(x / 66, y / 80, z / 62);
        const lesion = Math.hypot(x - 22, y + 14, z - 10) / radiusMm;
        const at = (slice * SIDE + row) * SIDE + column;
        const tissue = skull > 1 ? 12 : skull > 0.92 ? 900 : skull > 0.86 ? 90 : 420 + 90 * Math.cos(x / 6) * Math.cos(y / 7);
        const seen = 1 / (1 + Math.exp(8 * (lesion - 1)));
        slices[at] = Math.max(0, tissue + 330 * seen + 14 * normal(random));
        segmentation[at] = Math.round(255 * seen);
        residual[at] = Math.min(255, Math.abs(Math.round(200 * seen + 16 * normal(random))));
        largest = Math.max(largest, seen);
        if (seen > 0.5) voxels += 1;
      }
    }
    scores.push(slice < 2 ? null : Math.min(0.99, Math.max(0.01, largest * 0.95 + 0.03 * random())));
  }
  const window = f4([2], Float32Array.of(450, 800));
  return {
    series: npz({ slices: { type: "<u2", shape, data: slices }, spacing_mm: f4([3], Float32Array.from(SPACING_MM)), window }),
    findings: npz({
      segmentation: { type: "|u1", shape, data: segmentation },
      residual: { type: "|u1", shape, data: residual },
      slice_scores: f4([SLICES], Float32Array.from(scores.map((score) => score ?? Number.NaN))),
    }),
    scores,
    lesionMl: (voxels * SPACING_MM[0] * SPACING_MM[1] * SPACING_MM[2]) / 1000,
  };
}

/** A JPEG over the thermal frame, drawn by the browser; `null` where there is no canvas (Node). */
export async function photo(): Promise<Uint8Array | null> {
  if (typeof OffscreenCanvas === "undefined") return null;
  const canvas = new OffscreenCanvas(640, 480);
  const context = canvas.getContext("2d");
  if (!context) return null;
  context.fillStyle = "#8a97a3";
  context.fillRect(0, 0, 640, 480);
  context.fillStyle = "#c9a58a";
  context.beginPath();
  context.ellipse(320, 310, 240, 260, 0, 0, 2 * Math.PI);
  context.fill();
  return new Uint8Array(await (await canvas.convertToBlob({ type: "image/jpeg", quality: 0.8 })).arrayBuffer());
}
