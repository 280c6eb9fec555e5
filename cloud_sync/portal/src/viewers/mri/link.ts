// Two series of one patient side by side: which slice of one goes with a slice of the other.

import type { Volume } from "./volume";

type Stack = Pick<Volume, "slices" | "spacing">;

/** "mm": by distance from the middle slice. "share": by the share of the stack, where a spacing is not known. */
export function linkKind(a: Stack, b: Stack): "mm" | "share" {
  return a.spacing.slice !== null && b.spacing.slice !== null ? "mm" : "share";
}

/** The slice of B beside slice `slice` of A; `offset`: how many slices of B further up, set by hand. It may lie outside of B. */
export function linkedSlice(a: Stack, b: Stack, slice: number, offset: number): number {
  const fromMiddle = slice - (a.slices - 1) / 2;
  const middle = (b.slices - 1) / 2;
  const place =
    linkKind(a, b) === "mm"
      ? middle + (fromMiddle * (a.spacing.slice as number)) / (b.spacing.slice as number)
      : middle + (a.slices > 1 ? (fromMiddle / (a.slices - 1)) * (b.slices - 1) : 0);
  return Math.round(place) + offset;
}

/** Height of a slice above the lowest one, mm; `null` where the spacing is not known. */
export function heightMm(volume: Stack, slice: number): number | null {
  return volume.spacing.slice === null ? null : slice * volume.spacing.slice;
}
