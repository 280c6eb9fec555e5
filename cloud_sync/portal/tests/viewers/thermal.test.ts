import { describe, expect, it } from "vitest";
import { findBody, mirrored } from "../../src/viewers/thermal/body";
import { BadCapture, bodyRange, captureOf } from "../../src/viewers/thermal/capture";
import { changeOf, touching } from "../../src/viewers/thermal/change";
import { toCsv } from "../../src/viewers/thermal/csv";
import { isJpeg } from "../../src/viewers/thermal/jpeg";
import { correlationOf, mapped, register, unmapped } from "../../src/viewers/thermal/register";
import { readingAt } from "../../src/viewers/thermal/reading";
import { adjusted, boxBetween, difference, measure, opposite, pixelsIn } from "../../src/viewers/thermal/regions";
import { absolute, budgetOf, emissivityU, exceeds, ofDifference, withinPicture } from "../../src/viewers/thermal/uncertainty";
import { captureOfField, COLUMNS, image, measured, ROWS, torso } from "./making";

describe("a region", () => {
  const ramp = image((row, column) => 30 + 0.1 * row + 0.01 * column);

  it("holds the pixels whose centres lie inside", () => {
    expect(pixelsIn({ left: 2, top: 1, width: 3, height: 2 }, "rectangle", ROWS, COLUMNS)).toEqual([34, 35, 36, 66, 67, 68]);
    expect(pixelsIn({ left: 2.6, top: 1, width: 2, height: 1 }, "rectangle", ROWS, COLUMNS)).toEqual([35, 36]);
    const round = pixelsIn({ left: 0, top: 0, width: 10, height: 10 }, "ellipse", ROWS, COLUMNS);
    expect(round).toHaveLength(80); // centres within 5 pixels of (5, 5), counted by hand: 4 + 8 + 8 + 10 + 10, twice
    expect(round).not.toContain(0);
  });

  it("says mean, extremes and area of its pixels, worked out by hand", () => {
    const box = { left: 10, top: 4, width: 2, height: 3 };
    const found = measure("A", "rectangle", box, captureOfField(ramp), budgetOf(measured(0.12)));
    expect(found).toMatchObject({ pixels: 6, name: "A" });
    expect(found?.meanC).toBeCloseTo(30 + 0.5 + 0.105, 5); // rows 4, 5, 6; columns 10, 11
    expect(found?.minC).toBeCloseTo(30.5, 5);
    expect(found?.maxC).toBeCloseTo(30.71, 5);
    expect(found?.uncertaintyK).toBeCloseTo(Math.sqrt(0.12 ** 2 / 6 + 0.5 ** 2 / 3), 6);
  });

  it("leaves broken pixels out, and is nothing where there are no others", () => {
    const box = { left: 10, top: 4, width: 2, height: 1 };
    expect(measure("A", "rectangle", box, captureOfField(ramp, [4 * 32 + 11]), budgetOf(measured()))?.pixels).toBe(1);
    expect(measure("A", "rectangle", box, captureOfField(ramp, [4 * 32 + 10, 4 * 32 + 11]), budgetOf(measured()))).toBeNull();
  });

  it("stays in the picture however it is drawn or moved", () => {
    expect(boxBetween(8, 5, 3, 2, ROWS, COLUMNS)).toEqual({ left: 3, top: 2, width: 5, height: 3 });
    expect(boxBetween(40, 40, 31.5, 30, ROWS, COLUMNS)).toEqual({ left: 31, top: 23, width: 1, height: 1 });
    expect(adjusted({ left: 28, top: 0, width: 4, height: 2 }, [3, -1], [0, 0], ROWS, COLUMNS)).toEqual({ left: 28, top: 0, width: 4, height: 2 });
    expect(adjusted({ left: 3, top: 3, width: 1, height: 1 }, [0, 0], [-1, 2], ROWS, COLUMNS)).toEqual({ left: 3, top: 3, width: 1, height: 3 });
  });

  it("has its counterpart on the other side of the midline", () => {
    const box = { left: 20, top: 10, width: 4, height: 3 };
    const other = opposite(box, 15.5);
    expect(other).toEqual({ left: 8, top: 10, width: 4, height: 3 });
    expect(opposite(other, 15.5)).toEqual(box);
  });

  it("is compared with another by noise and non-uniformity, without the accuracy that both share", () => {
    const budget = budgetOf(measured(0.2));
    const a = measure("A", "rectangle", { left: 0, top: 8, width: 4, height: 1 }, captureOfField(ramp), budget);
    const b = measure("B", "rectangle", { left: 0, top: 0, width: 4, height: 1 }, captureOfField(ramp), budget);
    if (!a || !b) throw new Error("no region");
    const found = difference(a, b, budget);
    expect(found.differenceK).toBeCloseTo(0.8, 5);
    expect(found.uncertaintyK).toBeCloseTo(Math.sqrt(0.04 / 4 + 0.04 / 4 + 0.25 / 3), 6);
    expect(exceeds(0.8, found.uncertaintyK as number)).toBe(true);
    expect(exceeds(0.6, found.uncertaintyK as number)).toBe(false);
  });
});

describe("a place", () => {
  it("says its temperature, how sure that is, and the other side", () => {
    const celsius = image((row, column) => 30 + (column > 15 ? 1 : 0) + 0.1 * row);
    const capture = { ...captureOfField(celsius, [70]), map: image(() => 0.25) };
    const budget = budgetOf(measured(0.1));
    const found = readingAt(capture, mirrored(celsius, 15.5), budget, 2, 20);
    expect(found).toMatchObject({ row: 2, column: 20, bad: false, map: 0.25, withinK: withinPicture(budget, 1), absoluteK: absolute(budget, 1) });
    expect(found.celsius).toBeCloseTo(31.2, 5);
    expect(found.otherSide?.differenceK).toBeCloseTo(1, 5);
    expect(found.otherSide?.uncertaintyK).toBeCloseTo(Math.sqrt(2 * 0.01 + 0.25 / 3), 9);
    expect(readingAt(capture, null, budget, 2, 6)).toMatchObject({ bad: true, otherSide: null });
    expect(readingAt(captureOfField(image(() => NaN)), null, budget, 0, 0)).toMatchObject({ celsius: null, map: null });
  });
});

describe("uncertainty", () => {
  it("adds noise, non-uniformity, accuracy and emissivity by squares", () => {
    const budget = budgetOf(measured(0.1), 33);
    // By hand: (306.15⁴ − 295.15⁴) / (4 · 306.15³ · 0.98) · 0.01/√3
    expect(budget.emissivityK).toBeCloseTo(emissivityU(0.98, 33, 22), 9);
    expect(budget.emissivityK).toBeCloseTo(0.06143, 4);
    expect(withinPicture(budget, 1)).toBeCloseTo(Math.sqrt(0.01 + 0.25 / 3), 9);
    expect(absolute(budget, 1)).toBeCloseTo(Math.sqrt(0.01 + 0.25 / 3 + 1 / 3 + 0.06143 ** 2), 4);
    expect(ofDifference(budget, 1, 1)).toBeCloseTo(Math.sqrt(0.02 + 0.25 / 3), 9);
  });

  it("knows a flat field by the kiosk's own uncertainty", () => {
    expect(budgetOf(measured(0.1, 0.12)).nonUniformityK).toBe(0.05);
    expect(budgetOf(measured(0.1, 0.31)).nonUniformityK).toBeCloseTo(0.2887, 4);
    expect(budgetOf(measured(0.1, null)).nonUniformityK).toBeCloseTo(0.2887, 4);
  });

  it("is unknown where the record says nothing of noise", () => {
    const budget = budgetOf({ ...measured(), quality: {} });
    expect([withinPicture(budget, 4), absolute(budget, 4), ofDifference(budget, 4, 4)]).toEqual([null, null, null]);
  });
});

describe("a capture", () => {
  const celsius = { shape: [24, 32], data: torso().values };

  it("is read, and a map of another shape or without a number is not there", () => {
    const capture = captureOf({ celsius, map: { shape: [24, 32], data: new Float32Array(768).fill(NaN) }, asymmetry: { shape: [2, 2], data: [1, 2, 3, 4] }, bad: { shape: [24, 32], data: Uint8Array.from({ length: 768 }, (_, i) => (i === 5 ? 1 : 0)) } });
    expect([capture.map, capture.asymmetry, capture.bad[5], capture.bad[6]]).toEqual([null, null, 1, 0]);
  });

  it("is refused where its temperatures are missing, misshapen, too large or no numbers", () => {
    expect(() => captureOf({})).toThrow(BadCapture);
    expect(() => captureOf({ celsius: { shape: [24, 32, 1], data: celsius.data } })).toThrow(BadCapture);
    expect(() => captureOf({ celsius: { shape: [4000, 4000], data: [] } })).toThrow(BadCapture);
    expect(() => captureOf({ celsius: { shape: [24, 32], data: [1, 2] } })).toThrow(BadCapture);
    expect(() => captureOf({ celsius: { shape: [2, 2], data: [NaN, Infinity, 1e9, NaN] } })).toThrow(BadCapture);
  });

  it("has a scale of at least one kelvin", () => {
    expect(bodyRange(captureOfField(image(() => 33)))).toEqual({ low: 32.5, high: 33.5 });
    const { low, high } = bodyRange(captureOfField(torso()), true);
    expect(low).toBeCloseTo(22, 1);
    expect(high).toBeGreaterThan(32.5);
  });

  it("becomes a table with a line for each pixel", () => {
    const lines = toCsv(captureOfField(image((row, column) => row + column / 100), [33])).trimEnd().split("\r\n");
    expect(lines).toHaveLength(769);
    expect(lines[0]).toBe("row,column,celsius,left_minus_right_k,map,bad");
    expect(lines[34]).toBe("1,1,1.0100,,,1");
  });
});

it("a photograph is shown only where its first bytes are those of a JPEG", () => {
  expect(isJpeg(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0))).toBe(true);
  expect(isJpeg(new TextEncoder().encode("<svg onload=alert(1)>"))).toBe(false);
});

describe("a body", () => {
  it("is found with its midline", () => {
    for (const x of [13, 15.5, 17.25]) expect(findBody(torso({ x }))?.midline).toBeCloseTo(x, 0);
    expect(findBody(image(() => 22))).toBeNull();
  });

  it("is mirrored about it", () => {
    const mirror = mirrored(image((_, column) => column), 15);
    expect(mirror.values[10]).toBe(20);
    expect(mirror.values[31]).toBeNaN();
  });
});

describe("registration", () => {
  it("finds a known shift, turn and size", () => {
    const found = register(torso(), torso({ x: 18, y: 1.5, turn: 0.07, scale: 1.06 }));
    if (!found.ok) throw new Error(found.reason);
    expect(found.transform.dx).toBeCloseTo(2.5, 0);
    expect(found.transform.dy).toBeCloseTo(1.5, 0);
    expect(found.transform.turn).toBeCloseTo(0.07, 1);
    expect(found.transform.scale).toBeCloseTo(1.06, 1);
    expect(found.correlation).toBeGreaterThan(0.99);
    expect(found.correlation).toBeGreaterThan(found.before);
    expect(found.overlap).toBeGreaterThan(0.95);
    expect(found.residualK).toBeLessThan(0.25);
  });

  it("says that it failed where one picture shows no body, or something else", () => {
    expect(register(torso(), image(() => 22))).toMatchObject({ ok: false, reason: "no_body" });
    const ball = image((row, column) => 22 + 11 / (1 + Math.exp(Math.hypot(row - 18, column - 27) - 5)));
    expect(register(torso(), ball).ok).toBe(false);
  });

  it("maps places there and back", () => {
    const transform = { dx: 2, dy: -1, turn: 0.1, scale: 1.1 };
    const [x, y] = mapped(transform, 7, 19, COLUMNS, ROWS);
    const [u, v] = unmapped(transform, x, y, COLUMNS, ROWS);
    expect(u).toBeCloseTo(7, 9);
    expect(v).toBeCloseTo(19, 9);
  });

  it("measures likeness whatever the offset and gain", () => {
    const a = torso();
    expect(correlationOf(a, { ...a, values: a.values.map((value) => 2 * value + 3) })).toBeCloseTo(1, 4);
  });

  it("marks a new warm spot and nothing else, and takes the body's mean change away", () => {
    const before = torso();
    const after = torso({ x: 17, spotK: 3, warmerK: 0.6 });
    const found = register(before, after);
    if (!found.ok) throw new Error(found.reason);
    const change = changeOf(before, found, budgetOf(measured(0.1, 0.12)), budgetOf(measured(0.1, 0.12)));
    expect(change.shiftK).toBeGreaterThan(0.6);
    expect(change.shiftK).toBeLessThan(1);
    const spot = 13 * COLUMNS + 20;
    expect(change.difference.values[spot]).toBeGreaterThan(2);
    expect(change.marked[spot]).toBe(1);
    expect(change.marked[12 * COLUMNS + 10]).toBe(0);
    expect(change.marked.reduce((sum, one) => sum + one, 0)).toBeLessThan(40);
    expect(change.uncertainty?.values[spot]).toBeGreaterThanOrEqual(Math.hypot(0.1, 0.1, 0.05, 0.05) - 1e-6);
  });

  it("marks only places that touch", () => {
    const mask = Uint8Array.of(1, 0, 0, 1, 0, 1, 1, 0, 0, 0, 1, 1); // 3 × 4: a single place, one at the row's end, and four that touch
    expect([...touching(mask, 4, 3)]).toEqual([0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1, 1]);
    expect([...touching(Uint8Array.of(0, 0, 0, 1, 1, 1, 0, 0), 4, 3)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]); // the row's end is no neighbour of the next row
    expect([...touching(Uint8Array.of(0, 0, 1, 1, 0, 0, 1, 0), 4, 3)]).toEqual([0, 0, 1, 1, 0, 0, 1, 0]);
  });

  it("marks nothing where nothing changed, or where noise is not known", () => {
    const found = register(torso(), torso({ x: 16.5, spotK: 3 }));
    const same = register(torso(), torso({ x: 16.5 }));
    if (!found.ok || !same.ok) throw new Error("not registered");
    expect(changeOf(torso(), same, budgetOf(measured()), budgetOf(measured())).marked.some(Boolean)).toBe(false);
    const silent = changeOf(torso(), found, budgetOf({ ...measured(), quality: {} }), budgetOf(measured()));
    expect(silent.uncertainty).toBeNull();
    expect(silent.marked.some(Boolean)).toBe(false);
  });
});
