// What changed between two registered thermograms, and how sure that is.

import { type Field, at } from "../picture/field";
import type { Registered } from "./register";
import { type Budget, exceeds } from "./uncertainty";

/** Standard uncertainty of where a place lies after registration, pixels of the sensor, along each axis. */
export const PLACEMENT_U_PX = 0.5;

/**
 * So many marked pixels must touch. One in twenty exceeds twice its uncertainty by chance alone: of 100 pairs of one real thermogram each
 * (DMR-IR, seen from two places, with noise), 96 had such a pixel and 5 had four that touch; of 60 simulated pairs with a new warm spot
 * of 2 K all had four.
 */
export const FEWEST_TOUCHING = 4;

export interface Change {
  /** B minus A on both bodies, the body's own mean change taken away, K; NaN elsewhere. */
  readonly difference: Field;
  /** Its standard uncertainty, K; `null` where a record does not say how noisy it is. */
  readonly uncertainty: Field | null;
  /** 1 where the difference exceeds twice its uncertainty in at least `FEWEST_TOUCHING` places that touch. */
  readonly marked: Uint8Array;
  /** Mean change of the body, K, and its standard uncertainty: the sensor's accuracy counts twice. */
  readonly shiftK: number;
  readonly shiftUncertaintyK: number;
}

/**
 * Uncertainty of a place: noise of both, non-uniformity at two places of the sensor (or of two sensors), and what a shift by
 * `PLACEMENT_U_PX` does where the temperature is steep. Accuracy and emissivity are common to a whole picture and go with the mean.
 */
export function changeOf(a: Field, registered: Registered, budgetA: Budget, budgetB: Budget): Change {
  const { rows, columns } = a;
  const difference = new Float32Array(rows * columns).fill(NaN);
  const uncertainty = new Float32Array(rows * columns).fill(NaN);
  const beyond = new Uint8Array(rows * columns);
  const known = budgetA.noiseK !== null && budgetB.noiseK !== null;
  const flat = Math.hypot(budgetA.noiseK ?? 0, budgetB.noiseK ?? 0, budgetA.nonUniformityK, budgetB.nonUniformityK);
  registered.common.forEach((on, index) => {
    if (!on) return;
    const value = (registered.moved.values[index] as number) - (a.values[index] as number) - registered.shiftK;
    if (!Number.isFinite(value)) return;
    difference[index] = value;
    if (!known) return;
    uncertainty[index] = Math.hypot(flat, PLACEMENT_U_PX * steepness(a, Math.floor(index / columns), index % columns));
    beyond[index] = exceeds(value, uncertainty[index] as number) ? 1 : 0;
  });
  return {
    difference: { rows, columns, values: difference },
    uncertainty: known ? { rows, columns, values: uncertainty } : null,
    marked: touching(beyond, columns, FEWEST_TOUCHING),
    shiftK: registered.shiftK,
    shiftUncertaintyK: Math.hypot(budgetA.accuracyK, budgetB.accuracyK, budgetA.emissivityK, budgetB.emissivityK),
  };
}

// Length of the gradient, K per pixel, by central differences (one-sided at the edge).
function steepness(image: Field, row: number, column: number): number {
  const slope = (before: number, after: number, distance: number): number => (Number.isFinite(after - before) && distance > 0 ? (after - before) / distance : 0);
  const [left, right] = [Math.max(0, column - 1), Math.min(image.columns - 1, column + 1)];
  const [top, bottom] = [Math.max(0, row - 1), Math.min(image.rows - 1, row + 1)];
  return Math.hypot(slope(at(image, row, left), at(image, row, right), right - left), slope(at(image, top, column), at(image, bottom, column), bottom - top));
}

/** `mask` without groups of fewer than `fewest` places that touch by an edge. */
export function touching(mask: Uint8Array, columns: number, fewest: number): Uint8Array {
  const kept = new Uint8Array(mask.length);
  const seen = new Uint8Array(mask.length);
  for (let start = 0; start < mask.length; start += 1) {
    if (!mask[start] || seen[start]) continue;
    const group = [start];
    seen[start] = 1;
    for (let place = 0; place < group.length; place += 1) {
      for (const next of neighbours(group[place] as number, columns, mask.length)) {
        if (!mask[next] || seen[next]) continue;
        seen[next] = 1;
        group.push(next);
      }
    }
    if (group.length >= fewest) for (const index of group) kept[index] = 1;
  }
  return kept;
}

function neighbours(index: number, columns: number, length: number): number[] {
  const column = index % columns;
  const found = [index - columns, index + columns].filter((next) => next >= 0 && next < length);
  if (column > 0) found.push(index - 1);
  if (column < columns - 1) found.push(index + 1);
  return found;
}
