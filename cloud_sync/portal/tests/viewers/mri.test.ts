import { describe, expect, it } from "vitest";
import { heightMm, linkedSlice, linkKind } from "../../src/viewers/mri/link";
import { lengthOf } from "../../src/viewers/mri/measure";
import { contour, grey, PLAIN_LOOK, renderSlice, windowFor } from "../../src/viewers/mri/paint";
import { isLackingSome } from "../../src/viewers/mri/read";
import { aspectOf, automatic, BadSeries, mostSuspicious, sliceOf, volumeOf } from "../../src/viewers/mri/volume";
import { image } from "./making";

const SHAPE = [3, 4, 5];
const voxels = Uint16Array.from({ length: 60 }, (_, index) => index);
const series = { slices: { shape: SHAPE, data: voxels }, spacing_mm: { shape: [3], data: [5, 2, 1] }, window: { shape: [2], data: [30, 60] } };
const mri = { slices: 3, rowSpacingMm: 9, columnSpacingMm: 9, sliceSpacingMm: 9, sliceScores: [0.1, 0.9, null], description: null };

describe("a series", () => {
  it("is read with its spacing, window and scores", () => {
    const volume = volumeOf(series, { slice_scores: { shape: [3], data: [0.2, NaN, 0.7] } }, mri);
    expect(volume).toMatchObject({ slices: 3, rows: 4, columns: 5, spacing: { slice: 5, row: 2, column: 1 }, window: { centre: 30, width: 60 } });
    expect(volume.scores).toEqual([0.2, null, 0.7]);
    expect([...sliceOf(volume, volume.voxels, 1).values]).toEqual([...voxels.slice(20, 40)]);
    expect(aspectOf(volume)).toBeCloseTo(5 / 8);
  });

  it("takes the document's spacing and scores where the file has none, and says when nobody has", () => {
    const { slices } = series;
    expect(volumeOf({ slices }, null, mri)).toMatchObject({ spacing: { slice: 9, row: 9, column: 9 }, scores: [0.1, 0.9, null] });
    const bare = volumeOf({ slices, spacing_mm: { shape: [3], data: [NaN, 0, -1] } }, null, null);
    expect(bare).toMatchObject({ spacing: { slice: null, row: null, column: null }, scores: [null, null, null] });
    expect(aspectOf(bare)).toBe(5 / 4);
    expect(bare.window.width).toBeGreaterThan(1);
  });

  it("is refused where it is no stack, and findings of another shape are left out", () => {
    expect(() => volumeOf({}, null, null)).toThrow(BadSeries);
    expect(() => volumeOf({ slices: { shape: [4, 5], data: voxels } }, null, null)).toThrow(BadSeries);
    expect(() => volumeOf({ slices: { shape: [3, 4, 6], data: voxels } }, null, null)).toThrow(BadSeries);
    expect(volumeOf(series, { segmentation: { shape: [3, 5, 4], data: voxels } }, null).segmentation).toBeNull();
  });

  it("is said to lack findings that do not belong to it, and that cannot be read", () => {
    const fits = { segmentation: { shape: SHAPE, data: voxels }, slice_scores: { shape: [3], data: [0, 0, 0] } };
    const lacks = (found: Parameters<typeof volumeOf>[1]) => isLackingSome(volumeOf(series, found, null), found);
    expect(lacks(fits)).toBe(false);
    expect(lacks({ ...fits, residual: { shape: [3, 5, 4], data: voxels } })).toBe(true);
    expect(lacks({ ...fits, slice_scores: { shape: [4], data: [0, 0, 0, 0] } })).toBe(true);
  });

  it("begins with the most suspicious slice", () => {
    expect(mostSuspicious(volumeOf(series, null, mri))).toEqual({ slice: 1, by: "score" });
    const segmentation = { shape: SHAPE, data: Uint8Array.from({ length: 60 }, (_, index) => (index > 45 ? 255 : index === 3 ? 255 : 0)) };
    expect(mostSuspicious(volumeOf(series, { segmentation }, null))).toEqual({ slice: 2, by: "segmentation" });
    expect(mostSuspicious(volumeOf(series, null, null))).toEqual({ slice: 1, by: "middle" });
  });
});

describe("a window", () => {
  it("maps its ends to black and white and its centre to the middle", () => {
    const window = { centre: 100, width: 50 };
    expect([grey(75, window), grey(100, window), grey(125, window), grey(0, window), grey(999, window)]).toEqual([0, 127.5, 255, 0, 255]);
    expect(windowFor(window, { shift: 0.5, factor: 2 })).toEqual({ centre: 125, width: 100 });
    expect(automatic(Float32Array.from({ length: 1001 }, (_, index) => index))).toEqual({ centre: 497.5, width: 985 });
  });

  it("draws the slice as grey, and tints what is segmented alone", () => {
    const segmentation = { shape: SHAPE, data: Uint8Array.from({ length: 60 }, (_, index) => (index === 20 ? 255 : 0)) };
    const volume = volumeOf(series, { segmentation }, null);
    const drawn = renderSlice(volume, 1, { ...PLAIN_LOOK, rendering: "pixels", segmentation: 1 }, 5, 4);
    expect([...drawn.slice(0, 4)]).toEqual([64, 220, 245, 255]);
    const plain = Math.round(grey(21, volume.window));
    expect([...drawn.slice(4, 8)]).toEqual([plain, plain, plain, 255]);
  });

  it("outlines what is at or above a level along the pixels' edges", () => {
    const one = image((row, column) => (row === 1 && column === 2 ? 200 : 0), 3, 4);
    expect(contour(one, 128).match(/M/g)).toHaveLength(4);
    expect(contour(one, 128)).toContain("M2 1h1");
    expect(contour(one, 201)).toBe("");
  });
});

describe("a length", () => {
  const line = { name: "1", slice: 0, x0: 10, y0: 10, x1: 13, y1: 14 };

  it("follows the spacing along each axis", () => {
    const found = lengthOf(line, { slice: 5, row: 2, column: 1 }); // 3 × 1 mm across, 4 × 2 mm down
    expect(found.mm).toBeCloseTo(Math.sqrt(9 + 64), 9);
    expect(found.pixels).toBe(5);
    // By hand: √(1/6) pixel along the line: (3/√73 · 1, 8/√73 · 2) mm
    expect(found.uncertaintyMm).toBeCloseTo(Math.sqrt(1 / 6) * Math.hypot(3 / Math.sqrt(73), 16 / Math.sqrt(73)), 9);
  });

  it("is said in pixels alone where the spacing is not known", () => {
    expect(lengthOf(line, { slice: 5, row: null, column: 1 })).toEqual({ mm: null, uncertaintyMm: null, pixels: 5 });
  });
});

describe("two series", () => {
  const stack = (slices: number, slice: number | null) => ({ slices, spacing: { slice, row: 1, column: 1 } });

  it("are linked by the distance from the middle slice", () => {
    const [a, b] = [stack(21, 5), stack(41, 2.5)];
    expect(linkKind(a, b)).toBe("mm");
    expect([0, 10, 20].map((slice) => linkedSlice(a, b, slice, 0))).toEqual([0, 20, 40]);
    expect(linkedSlice(a, b, 10, 3)).toBe(23);
    expect(linkedSlice(stack(31, 5), stack(11, 5), 0, 0)).toBe(-10); // B does not reach so far down
  });

  it("are linked by their share of the stack where a spacing is not known", () => {
    const [a, b] = [stack(21, null), stack(11, 5)];
    expect(linkKind(a, b)).toBe("share");
    expect([0, 10, 20].map((slice) => linkedSlice(a, b, slice, 0))).toEqual([0, 5, 10]);
    expect([heightMm(a, 4), heightMm(b, 4)]).toEqual([null, 20]);
  });
});
