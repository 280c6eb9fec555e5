// `series.npz` and `findings.npz` of docs/data-model.md. They come from a device and may hold anything.

import type { OpenedRecord } from "../../data/record";
import type { Field } from "../picture/field";
import type { NpArray } from "../thermal/capture";

export interface Window {
  readonly centre: number;
  readonly width: number;
}

/** Millimetres; `null` each where nobody wrote it. */
export interface Spacing {
  readonly slice: number | null;
  readonly row: number | null;
  readonly column: number | null;
}

export interface Volume {
  readonly slices: number;
  readonly rows: number;
  readonly columns: number;
  /** Slice 0 the most inferior, row 0 anterior, column 0 the patient's right. Arbitrary units. */
  readonly voxels: ArrayLike<number>;
  readonly spacing: Spacing;
  /** As it was sent, or worked out from the voxels. */
  readonly window: Window;
  /** Probability × 255 for each voxel; `null`: not there, or not of this series' shape. */
  readonly segmentation: ArrayLike<number> | null;
  readonly residual: ArrayLike<number> | null;
  /** One for each slice; `null`: not assessed. */
  readonly scores: readonly (number | null)[];
}

export class BadSeries extends Error {
  constructor(what: string) {
    super(`The slices cannot be shown: ${what}.`);
    this.name = "BadSeries";
  }
}

const LARGEST_SIDE = 2048;
const MOST_SLICES = 1024;

/** Throws `BadSeries`. Findings that do not fit the series are left out. */
export function volumeOf(series: Readonly<Record<string, NpArray>>, findings: Readonly<Record<string, NpArray>> | null, mri: OpenedRecord["mri"]): Volume {
  const pictures = series.slices;
  if (!pictures) throw new BadSeries("they are missing");
  const [slices = 0, rows = 0, columns = 0] = pictures.shape;
  const fits = pictures.shape.length === 3 && slices >= 1 && rows >= 2 && columns >= 2 && rows <= LARGEST_SIDE && columns <= LARGEST_SIDE && slices <= MOST_SLICES;
  if (!fits || pictures.data.length !== slices * rows * columns) throw new BadSeries("they are no stack of pictures");
  const voxels = pictures.data as ArrayLike<number>;
  const beside = (name: string): ArrayLike<number> | null => {
    const array = findings?.[name];
    return array && array.shape.join() === pictures.shape.join() ? (array.data as ArrayLike<number>) : null;
  };
  return {
    slices,
    rows,
    columns,
    voxels,
    spacing: spacingOf(series.spacing_mm, mri),
    window: windowOf(series.window) ?? automatic(voxels),
    segmentation: beside("segmentation"),
    residual: beside("residual"),
    scores: scoresOf(findings?.slice_scores, mri, slices),
  };
}

function spacingOf(array: NpArray | undefined, mri: OpenedRecord["mri"]): Spacing {
  const length = (value: number | bigint | null | undefined): number | null => {
    const number = Number(value ?? NaN);
    return number > 0 && number < 1000 ? number : null;
  };
  return {
    slice: length(array?.data[0]) ?? length(mri?.sliceSpacingMm),
    row: length(array?.data[1]) ?? length(mri?.rowSpacingMm),
    column: length(array?.data[2]) ?? length(mri?.columnSpacingMm),
  };
}

function windowOf(array: NpArray | undefined): Window | null {
  const [centre, width] = [Number(array?.data[0] ?? NaN), Number(array?.data[1] ?? NaN)];
  return Number.isFinite(centre) && Number.isFinite(width) && width > 0 ? { centre, width } : null;
}

function scoresOf(array: NpArray | undefined, mri: OpenedRecord["mri"], slices: number): readonly (number | null)[] {
  const source = array && array.data.length === slices ? Array.from(array.data as ArrayLike<number>) : (mri?.sliceScores ?? []);
  return Array.from({ length: slices }, (_, slice) => {
    const score = source[slice];
    return typeof score === "number" && score >= 0 && score <= 1 ? score : null;
  });
}

/** From the first to the 99th percentile of what is not background (a sample of the voxels; darkest half of a percent left out). */
export function automatic(voxels: ArrayLike<number>, from = 0, to = voxels.length): Window {
  const step = Math.max(1, Math.floor((to - from) / 20_000));
  const sample: number[] = [];
  for (let index = from; index < to; index += step) sample.push(voxels[index] as number);
  const sorted = Float64Array.from(sample).sort();
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const [low, high] = [at(0.005), at(0.99)];
  return { centre: (low + high) / 2, width: Math.max(1, high - low) };
}

/** The slice that was asked for last, of each stack: window and level need no other. */
const kept = new WeakMap<object, { readonly slice: number; readonly field: Field }>();

/** One slice of `values` as a picture; not to be changed. */
export function sliceOf(volume: Volume, values: ArrayLike<number>, slice: number): Field {
  const known = kept.get(values);
  if (known?.slice === slice) return known.field;
  const size = volume.rows * volume.columns;
  const part = new Float32Array(size);
  for (let index = 0; index < size; index += 1) part[index] = values[slice * size + index] as number;
  const field = { rows: volume.rows, columns: volume.columns, values: part };
  kept.set(values, { slice, field });
  return field;
}

/** Where to begin: the highest score; without scores the largest segmented area; without both the middle. */
export function mostSuspicious(volume: Volume): { readonly slice: number; readonly by: "score" | "segmentation" | "middle" } {
  let best = -1;
  volume.scores.forEach((score, slice) => {
    if (score !== null && (best < 0 || score > (volume.scores[best] ?? -1))) best = slice;
  });
  if (best >= 0) return { slice: best, by: "score" };
  const area = (slice: number): number => {
    const size = volume.rows * volume.columns;
    let count = 0;
    for (let index = slice * size; index < (slice + 1) * size; index += 1) if (((volume.segmentation as ArrayLike<number>)[index] as number) >= 128) count += 1;
    return count;
  };
  if (volume.segmentation) {
    const areas = Array.from({ length: volume.slices }, (_, slice) => area(slice));
    const largest = Math.max(...areas);
    if (largest > 0) return { slice: areas.indexOf(largest), by: "segmentation" };
  }
  return { slice: Math.floor(volume.slices / 2), by: "middle" };
}

/** Width over height of a slice as it is in the patient; square pixels where spacing is not known. */
export function aspectOf({ rows, columns, spacing }: Volume): number {
  return spacing.row !== null && spacing.column !== null ? (columns * spacing.column) / (rows * spacing.row) : columns / rows;
}
