import { describe, expect, it } from "vitest";
import { extent, resample } from "../../src/viewers/picture/field";
import { paint, strengthOf } from "../../src/viewers/picture/paint";
import { css, ISOTHERM, palette, SEQUENTIAL } from "../../src/viewers/picture/palette";
import { decimalsOf, niceTicks } from "../../src/viewers/picture/ticks";
import { image } from "./making";

describe("a picture drawn larger", () => {
  const ramp = image((row, column) => row + 10 * column, 6, 8);

  it("shows each pixel of the sensor as a square", () => {
    const drawn = resample(ramp, 24, 32, "pixels");
    for (let y = 0; y < 24; y += 1) for (let x = 0; x < 32; x += 1) expect(drawn[y * 32 + x]).toBe(Math.floor(y / 4) + 10 * Math.floor(x / 4));
  });

  it("goes through every measured value where it is smooth, and keeps a ramp a ramp", () => {
    const drawn = resample(ramp, 18, 24, "smooth"); // odd factor: middles of pixels fall on places
    for (let row = 0; row < 6; row += 1) for (let column = 0; column < 8; column += 1) expect(drawn[(row * 3 + 1) * 24 + column * 3 + 1]).toBeCloseTo(row + 10 * column, 4);
    const between = drawn[7 * 24 + 11] as number; // row 2, a third of a pixel right of the middle of column 3
    expect(drawn[7 * 24 + 10]).toBeCloseTo(32, 4);
    expect(between).toBeCloseTo(32 + 10 / 3, 4);
  });

  it("never leaves the range of its neighbours: an edge has no warm rim", () => {
    const edge = image((_, column) => (column < 4 ? 20 : 34 + 0.1 * column), 6, 8);
    const drawn = resample(edge, 60, 80, "smooth");
    expect(extent(drawn)?.map((value) => value.toFixed(3))).toEqual(["20.000", "34.700"]);
    const row = drawn.slice(30 * 80, 31 * 80);
    row.slice(1).forEach((value, index) => expect(value).toBeGreaterThanOrEqual((row[index] as number) - 1e-4));
  });

  it("leaves unknown places unknown, and no more than half around them", () => {
    const hole = image((row, column) => (row === 2 && column === 3 ? NaN : 5), 6, 8);
    const drawn = resample(hole, 60, 80, "smooth");
    expect(drawn[25 * 80 + 35]).toBeNaN();
    expect(drawn[25 * 80 + 42]).toBe(5);
    expect([...drawn].filter(Number.isNaN).length).toBeLessThan(150);
  });
});

describe("colours", () => {
  it("grow lighter without a step back in every palette for temperatures", () => {
    for (const name of SEQUENTIAL) {
      const colours = palette(name);
      const lightness = Array.from({ length: 256 }, (_, index) => 0.2126 * (colours[index * 3] as number) + 0.7152 * (colours[index * 3 + 1] as number) + 0.0722 * (colours[index * 3 + 2] as number));
      lightness.slice(1).forEach((value, index) => expect(value).toBeGreaterThanOrEqual((lightness[index] as number) - 1.5));
    }
  });

  it("begin and end where the published tables do", () => {
    expect(css("viridis", 0)).toBe("rgb(68 1 84)");
    expect(css("viridis", 1)).toBe("rgb(253 231 37)");
    expect(css("inferno", 1)).toBe("rgb(252 255 164)");
    expect(css("cividis", 0)).toBe("rgb(0 34 78)");
  });

  it("mark the isotherm alone, and end at the ends of the range", () => {
    const band = { low: 32, high: 33, colour: ISOTHERM.inferno };
    const drawn = paint(Float32Array.of(20, 32.5, 40, NaN), { low: 30, high: 34 }, "inferno", { band, unknown: [1, 2, 3] });
    expect([...drawn.slice(0, 3)]).toEqual([0, 0, 4]);
    expect([...drawn.slice(4, 7)]).toEqual([...ISOTHERM.inferno]);
    expect([...drawn.slice(8, 11)]).toEqual([252, 255, 164]);
    expect([...drawn.slice(12, 15)]).toEqual([1, 2, 3]);
  });

  it("lay nothing over where an overlay says nothing, and all of it at its end", () => {
    const overlay = { values: Float32Array.of(0, NaN, 2), palette: "vik" as const, limit: 2, opacity: 1 };
    const plain = paint(Float32Array.of(32, 32, 32), { low: 30, high: 34 }, "grey");
    const drawn = paint(Float32Array.of(32, 32, 32), { low: 30, high: 34 }, "grey", { overlay });
    expect([...drawn.slice(0, 8)]).toEqual([...plain.slice(0, 8)]);
    expect([...drawn.slice(8, 11)]).toEqual([0x59, 0x00, 0x08]);
    expect(strengthOf(0)).toBe(0);
    const half = paint(Float32Array.of(32, 32, 32), { low: 30, high: 34 }, "grey", { overlay: { ...overlay, opacity: 0.5 } });
    expect(half[8]).toBeCloseTo(((plain[8] as number) + 0x59) / 2, -1);
  });
});

describe("a scale", () => {
  it("has round values inside its ends", () => {
    expect(niceTicks(29.3, 34.1).map((tick) => tick.toFixed(1))).toEqual(["30.0", "31.0", "32.0", "33.0", "34.0"]);
    expect(niceTicks(-1, 1)).toEqual([-1, -0.5, 0, 0.5, 1]);
    expect(decimalsOf([0, 0.05])).toBe(2);
    expect(decimalsOf([0, 0.5])).toBe(1);
    expect(decimalsOf([0, 5])).toBe(0);
  });
});
