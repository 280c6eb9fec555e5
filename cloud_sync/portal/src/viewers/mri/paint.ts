// A slice as grey values, with what the networks marked laid over it.

import { type Field, resample, type Rendering } from "../picture/field";
import { colourIndex, palette } from "../picture/palette";
import type { Volume, Window } from "./volume";
import { sliceOf } from "./volume";

export interface MriLook {
  /** Against the series' own window: how far the centre is moved (in widths), and by what the width is multiplied. */
  readonly shift: number;
  readonly factor: number;
  readonly rendering: Rendering;
  /** 0 to 1 each; 0: not shown. */
  readonly segmentation: number;
  readonly residual: number;
}

export const PLAIN_LOOK: MriLook = { shift: 0, factor: 1, rendering: "smooth", segmentation: 0.45, residual: 0 };
/** Colour of the segmentation. */
export const SEGMENTED = [64, 220, 245] as const;

export function windowFor(base: Window, look: Pick<MriLook, "shift" | "factor">): Window {
  return { centre: base.centre + look.shift * base.width, width: Math.max(1e-6, base.width * look.factor) };
}

/** DICOM PS3.3 C.11.2.1.2, the linear function, without its half-value corrections (which are below one grey value). */
export function grey(value: number, { centre, width }: Window): number {
  return 255 * Math.min(1, Math.max(0, (value - centre) / width + 0.5));
}

export function renderSlice(volume: Volume, slice: number, look: MriLook, width: number, height: number): Uint8ClampedArray<ArrayBuffer> {
  const drawn = (values: ArrayLike<number>): Float32Array => resample(sliceOf(volume, values, slice), height, width, look.rendering);
  const base = drawn(volume.voxels);
  const segmentation = volume.segmentation && look.segmentation > 0 ? drawn(volume.segmentation) : null;
  const residual = volume.residual && look.residual > 0 ? drawn(volume.residual) : null;
  const window = windowFor(volume.window, look);
  const heat = palette("inferno");
  const pixels = new Uint8ClampedArray(base.length * 4);
  for (let place = 0; place < base.length; place += 1) {
    const value = grey(base[place] as number, window);
    let [red, green, blue] = [value, value, value];
    if (residual) {
      const share = (residual[place] as number) / 255;
      const index = colourIndex(share) * 3;
      const strength = look.residual * Math.min(1, Math.max(0, share * 1.6 - 0.15));
      red += strength * ((heat[index] as number) - red);
      green += strength * ((heat[index + 1] as number) - green);
      blue += strength * ((heat[index + 2] as number) - blue);
    }
    if (segmentation) {
      const strength = look.segmentation * Math.max(0, ((segmentation[place] as number) - 51) / 204); // below a fifth nothing is tinted
      red += strength * (SEGMENTED[0] - red);
      green += strength * (SEGMENTED[1] - green);
      blue += strength * (SEGMENTED[2] - blue);
    }
    pixels[place * 4] = red;
    pixels[place * 4 + 1] = green;
    pixels[place * 4 + 2] = blue;
    pixels[place * 4 + 3] = 255;
  }
  return pixels;
}

/** More edges than this are no outline of anything, and would keep the browser busy. */
const MOST_EDGES = 20_000;

/** The border between pixels at or above `level` and the others, as an SVG path along their edges; empty where it has no end. */
export function contour(image: Field, level: number): string {
  const { rows, columns, values } = image;
  const inside = (row: number, column: number): boolean =>
    row >= 0 && column >= 0 && row < rows && column < columns && (values[row * columns + column] as number) >= level;
  let edges = 0;
  let path = "";
  for (let row = 0; row <= rows; row += 1) {
    for (let column = 0; column <= columns; column += 1) {
      const above = column < columns && inside(row, column) !== inside(row - 1, column);
      const beside = row < rows && inside(row, column) !== inside(row, column - 1);
      if (above) path += `M${column} ${row}h1`;
      if (beside) path += `M${column} ${row}v1`;
      edges += Number(above) + Number(beside);
    }
    if (edges > MOST_EDGES) return "";
  }
  return path;
}
