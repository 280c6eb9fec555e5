// What is known of one place of a thermogram.

import { at, type Field } from "../picture/field";
import type { Capture } from "./capture";
import { absolute, type Budget, ofDifference, withinPicture } from "./uncertainty";

export interface Reading {
  readonly row: number;
  readonly column: number;
  /** °C; `null` where the picture has no value. */
  readonly celsius: number | null;
  /** Standard uncertainties, K; `null` where the record does not say how noisy the picture is. */
  readonly withinK: number | null;
  readonly absoluteK: number | null;
  readonly bad: boolean;
  /** This place minus the same place on the other side of the body, K, with its standard uncertainty. */
  readonly otherSide: { readonly differenceK: number; readonly uncertaintyK: number | null } | null;
  readonly map: number | null;
}

/** `reflection`: the picture mirrored about the body's midline, `null` where no body was found. */
export function readingAt(capture: Capture, reflection: Field | null, budget: Budget, row: number, column: number): Reading {
  const index = row * capture.celsius.columns + column;
  const value = at(capture.celsius, row, column);
  const other = reflection ? at(reflection, row, column) : NaN;
  const map = capture.map?.values[index] ?? NaN;
  const difference = value - other;
  return {
    row,
    column,
    celsius: Number.isNaN(value) ? null : value,
    withinK: withinPicture(budget, 1),
    absoluteK: absolute(budget, 1),
    bad: capture.bad[index] === 1,
    otherSide: Number.isNaN(difference) ? null : { differenceK: difference, uncertaintyK: ofDifference(budget, 1, 1) },
    map: Number.isNaN(map) ? null : map,
  };
}
