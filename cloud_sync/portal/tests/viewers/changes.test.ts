import { describe, expect, it } from "vitest";
import { changeBetween, overall, pointsOf } from "../../src/viewers/history/changes";
import { summary } from "./making";

const visit = (day: number, differenceK: number | null, uncertaintyK: number | null = 0.1) =>
  summary({ id: `${day}`, capturedAt: `2026-11-${String(day).padStart(2, "0")}T09:00:00Z`, differenceK, uncertaintyK });

describe("a change between visits", () => {
  it("counts where it exceeds twice the combined uncertainty, and not before", () => {
    expect(changeBetween({ value: 0.1, uncertainty: 0.3 }, { value: 1.1, uncertainty: 0.4 })).toEqual({ by: 1, uncertainty: 0.5, counts: false });
    expect(changeBetween({ value: 0.1, uncertainty: 0.3 }, { value: 1.2, uncertainty: 0.4 }).counts).toBe(true);
    expect(changeBetween({ value: 1.2, uncertainty: 0.3 }, { value: 0.1, uncertainty: 0.4 }).counts).toBe(true);
  });

  it("never counts where an uncertainty is not known", () => {
    expect(changeBetween({ value: 0, uncertainty: null }, { value: 9, uncertainty: 0.1 })).toEqual({ by: 9, uncertainty: null, counts: false });
    const [, second] = pointsOf([visit(1, 0), visit(2, 0)], "probability");
    expect(second?.change).toEqual({ by: 0, uncertainty: null, counts: false });
  });
});

describe("a whole history", () => {
  it("may change although no step of it does", () => {
    const slow = pointsOf([1, 2, 3, 4, 5].map((day) => visit(day, 0.2 * day)), "difference");
    expect(slow.some((point) => point.change?.counts)).toBe(false); // 0.2 against 2 · √2 · 0.1
    expect(overall(slow)?.change).toMatchObject({ counts: true });
    expect(overall(slow)?.change.by).toBeCloseTo(0.8, 9);
    expect(overall(slow.slice(0, 2))).toBeNull();
  });
});

describe("the points of a trend", () => {
  it("stand in the order of time and leave out what was not measured", () => {
    const points = pointsOf([visit(9, 0.5), visit(3, 0.1), visit(5, null)], "difference");
    expect(points.map((point) => point.record)).toEqual(["3", "9"]);
    expect(points[0]?.change).toBeNull();
    expect(points[1]?.change).toMatchObject({ counts: true });
  });

  it("keep the cloud's order where the kiosk's clock was not set and the urgent one arrived first", () => {
    const lost = (id: string, differenceK: number, arrived: string) =>
      summary({ id, differenceK, uncertaintyK: 0.1, clockSynchronised: false, receivedAt: `2026-11-20T09:${arrived}:00.000Z` });
    const points = pointsOf([visit(19, 0), lost("earlier", 0.1, "32"), lost("later", 0.9, "31"), visit(21, 0)], "difference");
    expect(points.map((point) => point.record)).toEqual(["19", "earlier", "later", "21"]);
    expect(points[2]?.change?.by).toBeCloseTo(0.8, 9);
    expect(points.map((point) => point.at)).toEqual(points.map((point) => point.at).sort((a, b) => a - b));
  });

  it("take the time of arrival where the kiosk's clock was not synchronised", () => {
    const lost = summary({ capturedAt: "1970-01-01T00:01:00Z", clockSynchronised: false });
    const [point] = pointsOf([lost], "difference");
    expect(point).toMatchObject({ byArrival: true, at: Date.parse("2026-11-20T09:31:00.000Z") });
  });
});
