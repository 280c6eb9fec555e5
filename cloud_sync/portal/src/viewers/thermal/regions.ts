// Regions that a doctor draws: which pixels lie in them, and what those say.

import type { Box, Measurement, Shape } from "../types";
import type { Capture } from "./capture";
import { type Budget, ofDifference, withinPicture } from "./uncertainty";

/** Indices of the pixels whose centres lie in the shape. A box from 2 to 5 holds the centres 2.5, 3.5 and 4.5. */
export function pixelsIn(box: Box, shape: Shape, rows: number, columns: number): number[] {
  const inside: number[] = [];
  const middleX = box.left + box.width / 2;
  const middleY = box.top + box.height / 2;
  for (let row = Math.max(0, Math.floor(box.top)); row < Math.min(rows, Math.ceil(box.top + box.height)); row += 1) {
    for (let column = Math.max(0, Math.floor(box.left)); column < Math.min(columns, Math.ceil(box.left + box.width)); column += 1) {
      const x = column + 0.5;
      const y = row + 0.5;
      const within =
        shape === "rectangle"
          ? x >= box.left && x <= box.left + box.width && y >= box.top && y <= box.top + box.height
          : ((x - middleX) / (box.width / 2)) ** 2 + ((y - middleY) / (box.height / 2)) ** 2 <= 1;
      if (within) inside.push(row * columns + column);
    }
  }
  return inside;
}

/** `null` where no measured pixel lies in the region. Broken pixels are left out: their value is a guess from their neighbours. */
export function measure(name: string, shape: Shape, box: Box, capture: Capture, budget: Budget): Measurement | null {
  const { rows, columns, values } = capture.celsius;
  const counted = pixelsIn(box, shape, rows, columns).filter((index) => !capture.bad[index] && Number.isFinite(values[index] as number));
  if (counted.length === 0) return null;
  let sum = 0;
  let minC = Infinity;
  let maxC = -Infinity;
  for (const index of counted) {
    const value = values[index] as number;
    sum += value;
    minC = Math.min(minC, value);
    maxC = Math.max(maxC, value);
  }
  return { name, shape, box, pixels: counted.length, meanC: sum / counted.length, uncertaintyK: withinPicture(budget, counted.length), minC, maxC };
}

export interface Difference {
  readonly differenceK: number;
  readonly uncertaintyK: number | null;
}

/** Mean of `a` minus mean of `b`, with its standard uncertainty. */
export function difference(a: Measurement, b: Measurement, budget: Budget): Difference {
  return { differenceK: a.meanC - b.meanC, uncertaintyK: ofDifference(budget, a.pixels, b.pixels) };
}

/** The same region on the other side of the body, about the column `midline` (in pixel centres). */
export function opposite(box: Box, midline: number): Box {
  return { ...box, left: 2 * (midline + 0.5) - box.left - box.width };
}

/** A box between two corners, whichever was first, kept in the picture and at least one pixel wide and high. */
export function boxBetween(x0: number, y0: number, x1: number, y1: number, rows: number, columns: number): Box {
  const clamp = (value: number, size: number): number => Math.min(size, Math.max(0, value));
  const left = Math.min(clamp(x0, columns), clamp(x1, columns), columns - 1);
  const top = Math.min(clamp(y0, rows), clamp(y1, rows), rows - 1);
  return {
    left,
    top,
    width: Math.max(1, Math.max(clamp(x0, columns), clamp(x1, columns)) - left),
    height: Math.max(1, Math.max(clamp(y0, rows), clamp(y1, rows)) - top),
  };
}

/** Moved and resized by whole pixels, kept in the picture. */
export function adjusted(box: Box, move: readonly [number, number], grow: readonly [number, number], rows: number, columns: number): Box {
  const width = Math.min(columns, Math.max(1, box.width + grow[0]));
  const height = Math.min(rows, Math.max(1, box.height + grow[1]));
  return {
    left: Math.min(columns - width, Math.max(0, box.left + move[0])),
    top: Math.min(rows - height, Math.max(0, box.top + move[1])),
    width,
    height,
  };
}
