// Where the body stands in a thermal frame: its outline and its midline, found as the kiosk finds them (device/visit/body.py).

import { type Field, at } from "../picture/field";

/** Skin against room, K: less than this is furniture. */
const LEAST_CONTRAST_K = 2.5;
const SKIN_C = [27, 38] as const;
const LEAST_AREA = 0.08;
/** When even the colder part of the picture is as warm as this, the body fills all of it. */
const ALL_SKIN_C = 28;
/** Rows above it may show chin and arms, which need not be symmetrical. */
const BELOW_CHIN = 4;

export interface Body {
  /** 1 on the body. */
  readonly mask: Uint8Array;
  /** 0 in the room, 1 on the body, between them at the outline. */
  readonly outline: Field;
  /** Column of its plane of symmetry; in the middle of 32 columns it is 15.5. */
  readonly midline: number;
  readonly skinC: number;
}

export function findBody(celsius: Field): Body | null {
  const smooth = smoothed(celsius);
  if (smooth.values.some((value) => !Number.isFinite(value))) return null;
  const { threshold, coldC, warmC } = otsu(smooth.values);
  const middle = (celsius.columns - 1) / 2;
  if (coldC >= ALL_SKIN_C && warmC <= SKIN_C[1]) {
    const all = new Uint8Array(smooth.values.length).fill(1);
    return { mask: all, outline: { ...celsius, values: Float32Array.from(all) }, midline: middle, skinC: mean(smooth.values, all) };
  }
  const mask = Uint8Array.from(smooth.values, (value) => (value > threshold ? 1 : 0));
  const area = mask.reduce((sum, value) => sum + value, 0) / mask.length;
  if (warmC - coldC < LEAST_CONTRAST_K || warmC < SKIN_C[0] || warmC > SKIN_C[1] || area < LEAST_AREA) return null;
  // Half way to skin counts as skin, so that a side that is 1 K cooler hardly shifts the midline.
  const outline = { ...celsius, values: smooth.values.map((value) => Math.min(1, Math.max(0, (2 * (value - coldC)) / (warmC - coldC)))) };
  return { mask, outline, midline: findMidline(outline), skinC: mean(smooth.values, mask) };
}

/** Averaged over 3×3 places; the edge is repeated outwards, unknown places are left out. */
export function smoothed(image: Field): Field {
  const { rows, columns } = image;
  const values = new Float32Array(rows * columns);
  const inside = (place: number, size: number): number => Math.min(size - 1, Math.max(0, place));
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      let sum = 0;
      let count = 0;
      for (let dy = -1; dy <= 1; dy += 1) {
        for (let dx = -1; dx <= 1; dx += 1) {
          const value = at(image, inside(row + dy, rows), inside(column + dx, columns));
          if (Number.isNaN(value)) continue;
          sum += value;
          count += 1;
        }
      }
      values[row * columns + column] = sum / count;
    }
  }
  return { rows, columns, values };
}

/** `image` reflected about column `midline`, linearly interpolated; NaN where that lies outside. */
export function mirrored(image: Field, midline: number): Field {
  const { rows, columns } = image;
  const values = new Float32Array(rows * columns).fill(NaN);
  for (let column = 0; column < columns; column += 1) {
    const source = 2 * midline - column;
    if (source < 0 || source > columns - 1) continue;
    const left = Math.min(Math.floor(source), columns - 2);
    const share = source - left;
    for (let row = 0; row < rows; row += 1) {
      values[row * columns + column] = at(image, row, left) * (1 - share) + at(image, row, left + 1) * share;
    }
  }
  return { rows, columns, values };
}

function mean(values: Float32Array, mask: Uint8Array): number {
  let sum = 0;
  let count = 0;
  values.forEach((value, index) => {
    if (mask[index]) {
      sum += value;
      count += 1;
    }
  });
  return sum / count;
}

// The threshold that parts the values best (N. Otsu, IEEE Trans. SMC 9(1):62-66, 1979), and the means below and above it.
function otsu(values: Float32Array): { readonly threshold: number; readonly coldC: number; readonly warmC: number } {
  const ordered = Float64Array.from(values).sort();
  const total = ordered.reduce((sum, value) => sum + value, 0);
  let best = { spread: -1, threshold: NaN, coldC: NaN, warmC: NaN };
  let below = 0;
  for (let count = 1; count < ordered.length; count += 1) {
    below += ordered[count - 1] as number;
    const coldC = below / count;
    const warmC = (total - below) / (ordered.length - count);
    const spread = count * (ordered.length - count) * (warmC - coldC) ** 2;
    if (spread > best.spread) best = { spread, threshold: ((ordered[count - 1] as number) + (ordered[count] as number)) / 2, coldC, warmC };
  }
  return best;
}

// The column about which the outline is most like its own mirror image.
function findMidline(outline: Field): number {
  const { rows, columns } = outline;
  const middle = (columns - 1) / 2;
  let weight = 0;
  let moment = 0;
  for (let row = BELOW_CHIN; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      weight += at(outline, row, column);
      moment += at(outline, row, column) * column;
    }
  }
  const centroid = weight > 0 ? moment / weight : middle;
  const reach = Math.round(columns * 0.171875 * 4) / 4; // 5.5 of 32 columns
  const candidates: number[] = [];
  for (let candidate = middle - reach; candidate <= middle + reach + 0.01; candidate += 0.25) candidates.push(candidate);
  const costs = candidates.map((candidate) => asymmetryOf(outline, candidate));
  const best = costs.indexOf(Math.min(...costs));
  const here = candidates[best] as number;
  if (best === 0 || best === candidates.length - 1 || Math.abs(here - centroid) > 4) return centroid;
  const [before, at0, after] = [costs[best - 1] as number, costs[best] as number, costs[best + 1] as number];
  const bend = before - 2 * at0 + after;
  return here + (bend > 0 ? (0.125 * (before - after)) / bend : 0);
}

function asymmetryOf(outline: Field, midline: number): number {
  const reflection = mirrored(outline, midline);
  let sum = 0;
  let count = 0;
  for (let row = BELOW_CHIN; row < outline.rows; row += 1) {
    for (let column = 0; column < outline.columns; column += 1) {
      const other = at(reflection, row, column);
      if (Number.isNaN(other)) continue;
      sum += (at(outline, row, column) - other) ** 2;
      count += 1;
    }
  }
  return sum / count;
}

/** Each place minus its mirrored place, K, where both are on the body; for a record without the kiosk's own. */
export function differenceField(celsius: Field, body: Body): Field {
  const reflection = mirrored(celsius, body.midline);
  const facing = mirrored({ ...celsius, values: Float32Array.from(body.mask) }, body.midline);
  const values = celsius.values.map((value, index) => (body.mask[index] && (facing.values[index] as number) > 0.999 ? value - (reflection.values[index] as number) : NaN));
  return { ...celsius, values };
}
