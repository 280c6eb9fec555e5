// Lengths on a slice.

import type { Spacing } from "./volume";

/** Ends in pixels: (0, 0) is the corner of the first pixel, its centre is (0.5, 0.5). */
export interface Line {
  readonly name: string;
  readonly slice: number;
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

export interface Length {
  /** `null` where the spacing within the slice is not known. */
  readonly mm: number | null;
  /** Standard uncertainty from setting both ends to within half a pixel (rectangular), mm. */
  readonly uncertaintyMm: number | null;
  readonly pixels: number;
}

export function lengthOf(line: Line, spacing: Spacing): Length {
  const [dx, dy] = [line.x1 - line.x0, line.y1 - line.y0];
  const pixels = Math.hypot(dx, dy);
  if (spacing.row === null || spacing.column === null) return { mm: null, uncertaintyMm: null, pixels };
  const [x, y] = [dx * spacing.column, dy * spacing.row];
  const mm = Math.hypot(x, y);
  // Each end ±½ pixel along each axis: u = ½/√3 pixels; both ends: √2 times that; along the line by its direction.
  const step = Math.SQRT2 * (0.5 / Math.sqrt(3));
  const uncertaintyMm = mm > 0 ? Math.hypot((x / mm) * step * spacing.column, (y / mm) * step * spacing.row) : step * Math.max(spacing.column, spacing.row);
  return { mm, uncertaintyMm, pixels };
}
