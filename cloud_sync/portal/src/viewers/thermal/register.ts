// Two thermograms of one person laid over each other. A similarity (shift, turn, size) found by the bodies' moments and refined by the
// normalised correlation of the pictures; refused where the result isn't credible.

import { type Field, at } from "../picture/field";
import { type Body, findBody, smoothed } from "./body";

/** A place (x, y) of picture A lies at `scale`·R(`turn`)·((x, y) − centre) + centre + (`dx`, `dy`) in picture B. Pixels, radians. */
export interface Similarity {
  readonly dx: number;
  readonly dy: number;
  readonly turn: number;
  readonly scale: number;
}

export const IDENTITY: Similarity = { dx: 0, dy: 0, turn: 0, scale: 1 };

export interface Registered {
  readonly ok: true;
  readonly transform: Similarity;
  /** Normalised correlation of the two pictures where both are known, before and after. */
  readonly before: number;
  readonly correlation: number;
  /** Share of both bodies that lies on each other (Dice), 0 to 1. */
  readonly overlap: number;
  /** Root mean square of what differs on both bodies once the mean change is taken away, K. */
  readonly residualK: number;
  /** Mean change of the common body, B minus A, K. */
  readonly shiftK: number;
  /** B as seen in A's place; NaN outside. */
  readonly moved: Field;
  /** 1 where both show skin and nothing else: a place at an outline mixes skin and room. */
  readonly common: Uint8Array;
}

export interface NotRegistered {
  readonly ok: false;
  readonly reason: "no_body" | "too_different" | "too_little_overlap" | "out_of_reach";
  readonly correlation: number | null;
  readonly overlap: number | null;
}

const LEAST_CORRELATION = 0.85;
const LEAST_OVERLAP = 0.8;
const LEAST_COMMON = 60;
/** People stand where the outline on the kiosk's screen says: more than this is another person or another pose. */
const REACH = { shift: 8, turn: (15 * Math.PI) / 180, scale: [0.75, 1.33] } as const;

export function register(a: Field, b: Field): Registered | NotRegistered {
  const bodyA = findBody(a);
  const bodyB = findBody(b);
  if (!bodyA || !bodyB) return { ok: false, reason: "no_body", correlation: null, overlap: null };
  const from = smoothed(a);
  const to = smoothed(b);
  const score = (transform: Similarity): number => correlationOf(from, warp(to, transform));
  const before = score(IDENTITY);
  const starts = [IDENTITY, byMoments(bodyA, bodyB, a)];
  const transform = starts.map((start) => climb(score, start)).reduce((best, one) => (score(one) > score(best) ? one : best));
  return judge(a, b, bodyA, bodyB, transform, before, score(transform));
}

function judge(a: Field, b: Field, bodyA: Body, bodyB: Body, transform: Similarity, before: number, correlation: number): Registered | NotRegistered {
  const movedMask = warp({ ...b, values: Float32Array.from(bodyB.mask) }, transform);
  const common = commonSkin(bodyA, bodyB, a, transform);
  let sizeA = 0;
  let sizeB = 0;
  let both = 0;
  movedMask.values.forEach((value, index) => {
    if (Number.isNaN(value)) return; // outside B's picture: neither for nor against
    const onA = bodyA.mask[index] === 1;
    const onB = value >= 0.5;
    sizeA += onA ? 1 : 0;
    sizeB += onB ? 1 : 0;
    both += onA && onB ? 1 : 0;
  });
  const overlap = sizeA + sizeB > 0 ? (2 * both) / (sizeA + sizeB) : 0;
  const refused = (reason: NotRegistered["reason"]): NotRegistered => ({ ok: false, reason, correlation, overlap });
  if (atEdge(transform)) return refused("out_of_reach");
  if (!(correlation >= LEAST_CORRELATION)) return refused("too_different");
  if (overlap < LEAST_OVERLAP || common.filter(Boolean).length < LEAST_COMMON) return refused("too_little_overlap");
  const moved = warp(b, transform);
  const changes = differences(a, moved, common);
  const shiftK = changes.reduce((sum, value) => sum + value, 0) / changes.length;
  const residualK = Math.sqrt(changes.reduce((sum, value) => sum + (value - shiftK) ** 2, 0) / changes.length);
  return { ok: true, transform, before, correlation, overlap, residualK, shiftK, moved, common };
}

function commonSkin(bodyA: Body, bodyB: Body, size: Field, transform: Similarity): Uint8Array {
  const inner = (body: Body): Field => smoothed({ ...size, values: Float32Array.from(body.mask) });
  const innerB = warp({ ...size, values: inner(bodyB).values.map((value) => (value > 0.999 ? 1 : 0)) }, transform);
  return Uint8Array.from(inner(bodyA).values, (value, index) => (value > 0.999 && (innerB.values[index] as number) > 0.999 ? 1 : 0));
}

function differences(a: Field, moved: Field, common: Uint8Array): number[] {
  const found: number[] = [];
  common.forEach((on, index) => {
    const value = (moved.values[index] as number) - (a.values[index] as number);
    if (on && Number.isFinite(value)) found.push(value);
  });
  return found;
}

function atEdge({ dx, dy, turn, scale }: Similarity): boolean {
  return Math.hypot(dx, dy) > REACH.shift || Math.abs(turn) > REACH.turn || scale < REACH.scale[0] || scale > REACH.scale[1];
}

/** Where a place of A lies in B. */
export function mapped(transform: Similarity, x: number, y: number, columns: number, rows: number): readonly [number, number] {
  const centreX = (columns - 1) / 2;
  const centreY = (rows - 1) / 2;
  const cosine = Math.cos(transform.turn) * transform.scale;
  const sine = Math.sin(transform.turn) * transform.scale;
  const u = x - centreX;
  const v = y - centreY;
  return [cosine * u - sine * v + centreX + transform.dx, sine * u + cosine * v + centreY + transform.dy];
}

/** And back. */
export function unmapped(transform: Similarity, x: number, y: number, columns: number, rows: number): readonly [number, number] {
  const centreX = (columns - 1) / 2;
  const centreY = (rows - 1) / 2;
  const cosine = Math.cos(transform.turn) / transform.scale;
  const sine = Math.sin(transform.turn) / transform.scale;
  const u = x - centreX - transform.dx;
  const v = y - centreY - transform.dy;
  return [cosine * u + sine * v + centreX, -sine * u + cosine * v + centreY];
}

/** B sampled at A's places, linearly; NaN outside B or beside an unknown place. */
export function warp(b: Field, transform: Similarity): Field {
  const { rows, columns } = b;
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const [x, y] = mapped(transform, column, row, columns, rows);
      values[row * columns + column] = linearAt(b, x, y);
    }
  }
  return { rows, columns, values };
}

export function linearAt(image: Field, x: number, y: number): number {
  if (x < -1e-6 || y < -1e-6 || x > image.columns - 1 + 1e-6 || y > image.rows - 1 + 1e-6) return NaN;
  const left = Math.min(image.columns - 2, Math.max(0, Math.floor(x)));
  const top = Math.min(image.rows - 2, Math.max(0, Math.floor(y)));
  const u = x - left;
  const v = y - top;
  const upper = at(image, top, left) * (1 - u) + at(image, top, left + 1) * u;
  const lower = at(image, top + 1, left) * (1 - u) + at(image, top + 1, left + 1) * u;
  return upper * (1 - v) + lower * v;
}

/** Pearson's correlation where both are known; −1 where less than half of the picture is. */
export function correlationOf(a: Field, b: Field): number {
  let count = 0;
  let sumA = 0;
  let sumB = 0;
  let squareA = 0;
  let squareB = 0;
  let product = 0;
  a.values.forEach((valueA, index) => {
    const valueB = b.values[index] as number;
    if (Number.isNaN(valueA) || Number.isNaN(valueB)) return;
    count += 1;
    sumA += valueA;
    sumB += valueB;
    squareA += valueA * valueA;
    squareB += valueB * valueB;
    product += valueA * valueB;
  });
  if (count < a.values.length / 2) return -1;
  const spread = (squareA - (sumA * sumA) / count) * (squareB - (sumB * sumB) / count);
  return spread > 0 ? (product - (sumA * sumB) / count) / Math.sqrt(spread) : -1;
}

// Centre of the outline, its extent sideways (a torso is cut off below, so height says nothing) and the lean of its middle line.
function byMoments(a: Body, b: Body, size: Field): Similarity {
  const [ma, mb] = [momentsOf(a.outline), momentsOf(b.outline)];
  const scale = Math.min(1.25, Math.max(0.8, mb.spread / ma.spread));
  const turn = Math.min(0.2, Math.max(-0.2, ma.lean - mb.lean));
  const [x, y] = mapped({ dx: 0, dy: 0, turn, scale }, ma.x, ma.y, size.columns, size.rows);
  const within = (value: number): number => Math.min(6, Math.max(-6, value));
  return { dx: within(mb.x - x), dy: within(mb.y - y), turn, scale };
}

function momentsOf(outline: Field): { readonly x: number; readonly y: number; readonly spread: number; readonly lean: number } {
  let weight = 0;
  let x = 0;
  let y = 0;
  const each = (visit: (value: number, column: number, row: number) => void): void => {
    for (let row = 0; row < outline.rows; row += 1) for (let column = 0; column < outline.columns; column += 1) visit(at(outline, row, column), column, row);
  };
  each((value, column, row) => {
    weight += value;
    x += value * column;
    y += value * row;
  });
  x /= weight;
  y /= weight;
  let xx = 0;
  let xy = 0;
  let yy = 0;
  each((value, column, row) => {
    xx += value * (column - x) ** 2;
    xy += value * (column - x) * (row - y);
    yy += value * (row - y) ** 2;
  });
  return { x, y, spread: Math.sqrt(xx / weight), lean: Math.atan2(xy, yy) };
}

// Uphill by steps along each parameter that halve when none helps: four numbers, one smooth hill, no gradient needed.
function climb(score: (transform: Similarity) => number, start: Similarity): Similarity {
  const steps: Record<keyof Similarity, number> = { dx: 1.5, dy: 1.5, turn: 0.06, scale: 0.06 };
  let here = start;
  let value = score(here);
  for (let round = 0; round < 120 && steps.dx > 0.01; round += 1) {
    let moved = false;
    for (const name of Object.keys(steps) as (keyof Similarity)[]) {
      for (const direction of [1, -1]) {
        const there = { ...here, [name]: here[name] + direction * steps[name] };
        const reached = score(there);
        if (reached > value + 1e-9) {
          here = there;
          value = reached;
          moved = true;
          break;
        }
      }
    }
    if (!moved) for (const name of Object.keys(steps) as (keyof Similarity)[]) steps[name] /= 2;
  }
  return here;
}
