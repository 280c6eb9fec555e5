// The lines of the worklist that are known so far: pages that were asked for one after the other, and the first page again whenever something changed.

import type { Page } from "./data/cloud";
import type { Summary, Urgency } from "./data/record";

const RANK: Readonly<Record<Urgency, number>> = { look_first: 0, not_assessed: 1, routine: 2 };

/** Urgent first, then the newest: the order in which the cloud gives them. */
export function inOrder(a: Summary, b: Summary): number {
  return RANK[a.urgency] - RANK[b.urgency] || (a.receivedAt < b.receivedAt ? 1 : a.receivedAt > b.receivedAt ? -1 : 0);
}

export interface Merged {
  readonly lines: readonly Summary[];
  /** Lines that nobody had seen before. */
  readonly arrived: readonly Summary[];
}

/**
 * `known` with a page that was read anew. `after`: the last line before that page, `null` for the first page. A known line within the
 * page's reach that the page lacks no longer answers the query and goes, except `kept`, the one that is being read.
 */
export function merge(known: readonly Summary[], page: Page<Summary>, after: Summary | null, kept: string | null): Merged {
  const fresh = new Map(page.items.map((line) => [line.id, line]));
  const end = page.next === null ? null : (page.items.at(-1) ?? null);
  const before = new Set(known.map((line) => line.id));
  const reached = (line: Summary): boolean => (after === null || inOrder(after, line) < 0) && (end === null || inOrder(line, end) < 0);
  const rest = known.filter((line) => !fresh.has(line.id) && (line.id === kept || !reached(line)));
  const lines = [...page.items, ...rest].sort(inOrder);
  return { lines, arrived: page.items.filter((line) => !before.has(line.id)) };
}

/** `known` with the page that follows it. Lines that arrived in between may be known already, and are then where they belong. */
export function append(known: readonly Summary[], page: Page<Summary>, kept: string | null): readonly Summary[] {
  const last = known.at(-1) ?? null;
  const [first] = page.items;
  const follows = first === undefined || last === null || inOrder(last, first) < 0;
  return follows ? [...known, ...page.items] : merge(known, page, last, kept).lines;
}

/** By how many lines the line at `index` of `before` was moved down in `after`; if it is gone, the next one that is left counts. */
export function shift(before: readonly Summary[], after: readonly Summary[], index: number): number {
  if (before[index] && before[index]?.id === after[index]?.id) return 0;
  const places = new Map(after.map((line, at) => [line.id, at]));
  for (let at = index; at < before.length; at += 1) {
    const now = places.get(before[at]?.id ?? "");
    if (now !== undefined) return now - at;
  }
  return 0;
}
