// Which changes between visits are more than their uncertainty.

import type { Summary } from "../../data/record";

export type Quantity = "difference" | "probability" | "lesion";

export interface Point {
  readonly record: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The time is the cloud's, when the record arrived: the kiosk's clock was not synchronised, or wrote nothing. */
  readonly byArrival: boolean;
  readonly value: number;
  /** Standard uncertainty; `null`: not known. */
  readonly uncertainty: number | null;
  /** Against the measurement before; `null` for the first one. */
  readonly change: Change | null;
}

export interface Change {
  readonly by: number;
  /** Standard uncertainty of the change; `null` where one of the two has none. */
  readonly uncertainty: number | null;
  /** It exceeds twice its uncertainty. Never where that is not known. */
  readonly counts: boolean;
}

/** Coverage factor: about 95 % (JCGM 100:2008, 6.3). */
export const COVERAGE = 2;

function valueOf(summary: Summary, quantity: Quantity): { readonly value: number | null; readonly uncertainty: number | null } {
  if (quantity === "difference") return { value: summary.differenceK, uncertainty: summary.uncertaintyK };
  if (quantity === "lesion") return { value: summary.lesionMl, uncertainty: summary.lesionUncertaintyMl };
  return { value: summary.probability, uncertainty: null };
}

export function timeOf(summary: Summary): { readonly at: number; readonly byArrival: boolean } {
  const captured = summary.capturedAt === null ? NaN : Date.parse(summary.capturedAt);
  const byArrival = !summary.clockSynchronised || Number.isNaN(captured);
  return { at: byArrival ? Date.parse(summary.receivedAt) : captured, byArrival };
}

interface Placed {
  readonly summary: Summary;
  readonly at: number;
  readonly byArrival: boolean;
}

/**
 * In the order of time; those whose time cannot be read are left out. Records of a kiosk whose clock was not set arrive by urgency, but
 * the cloud may know better in which order they were made: they keep the order in which it gave them (a wrong one turns a rise into a fall).
 */
export function inTime(records: readonly Summary[]): readonly Placed[] {
  const placed = records.map((summary) => ({ summary, ...timeOf(summary) })).filter(({ at }) => Number.isFinite(at));
  const arrived = placed.filter(({ byArrival }) => byArrival);
  return [...placed].sort((one, other) => one.at - other.at).map((place) => (place.byArrival ? { ...(arrived.shift() ?? place), at: place.at } : place));
}

/** In the order of time. Records without the quantity are left out, and so are those whose time cannot be read. */
export function pointsOf(records: readonly Summary[], quantity: Quantity): readonly Point[] {
  const measured = inTime(records)
    .map((one) => ({ ...one, ...valueOf(one.summary, quantity) }))
    .filter((one): one is typeof one & { value: number } => one.value !== null && Number.isFinite(one.value));
  return measured.map(({ summary, at, byArrival, value, uncertainty }, index) => {
    const before = measured[index - 1];
    return { record: summary.id, at, byArrival, value, uncertainty, change: before ? changeBetween(before, { value, uncertainty }) : null };
  });
}

interface Measured {
  readonly value: number;
  readonly uncertainty: number | null;
}

/** `after` minus `before`; the two are taken as independent, which is cautious where the same sensor measured both. */
export function changeBetween(before: Measured, after: Measured): Change {
  const by = after.value - before.value;
  if (before.uncertainty === null || after.uncertainty === null) return { by, uncertainty: null, counts: false };
  const uncertainty = Math.hypot(before.uncertainty, after.uncertainty);
  return { by, uncertainty, counts: Math.abs(by) > COVERAGE * uncertainty };
}

/** The last point against the first: a slow change may count although no step of it does. `null` with fewer than three points. */
export function overall(points: readonly Point[]): { readonly first: Point; readonly change: Change } | null {
  const [first, last] = [points[0], points.at(-1)];
  return first && last && points.length > 2 ? { first, change: changeBetween(first, last) } : null;
}
