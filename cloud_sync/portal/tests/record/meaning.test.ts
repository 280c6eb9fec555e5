import { describe, expect, it } from "vitest";
import { counted, exceeds, meaning } from "../../src/record/meaning";
import { prediction } from "./made";

const site = { id: "home", name: "Home", prevalence: { breast: 0.01 } };

describe("what an answer means at a site", () => {
  it("is the kiosk's own calculation, per thousand, with its interval rounded outwards", () => {
    expect(meaning(prediction({ illHere: [0.0094, 0.0061, 0.0127] }), null)).toEqual({ kind: "with_this_answer", n: 9, low: 6, high: 13, examined: 6 });
  });

  it("does not let binary fractions widen the interval", () => {
    expect(meaning(prediction(), null)).toMatchObject({ n: 9, low: 6, high: 13 });
  });

  it("is only the share of all examined where the kiosk calculated nothing", () => {
    expect(meaning(prediction({ illHere: null, prevalence: null }), site)).toEqual({ kind: "examined_only", examined: 10 });
  });

  it.each([
    ["nobody told the share", prediction({ illHere: null, prevalence: null, model: "other" })],
    ["a model is named like a method", prediction({ illHere: null, prevalence: null, model: "constructor" })],
    ["there is no model", prediction({ illHere: null, prevalence: null, model: null })],
    ["the shares are none", prediction({ illHere: null, prevalence: 7 })],
  ])("is unknown where %s", (_why, found) => {
    expect(meaning(found, { ...site, prevalence: {} })).toEqual({ kind: "unknown" });
  });

  it.each([[[0.01, 0.02, 0.03]], [[0.5, -1, 2]], [[Number.NaN, 0, 1]]])("does not believe an interval %j that cannot be one", (illHere) => {
    expect(meaning(prediction({ illHere: illHere as [number, number, number] }), null).kind).toBe("examined_only");
  });

  it("says less than one of a thousand as such", () => {
    const found = meaning(prediction({ illHere: [0.0004, 0.0001, 0.0021] }), null);
    expect(found).toMatchObject({ low: 0, high: 3 });
    expect(counted(found.kind === "with_this_answer" ? found.n : 0)).toBe("<1");
    expect([counted(0), counted(1.4)]).toEqual(["0", "1"]);
  });
});

it("a difference counts beyond twice its standard uncertainty, and not where that is unknown", () => {
  expect([exceeds(0.63, 0.31), exceeds(-0.63, 0.31), exceeds(0.62, 0.31), exceeds(5, null), exceeds(null, 0.1)]).toEqual([true, true, false, null, null]);
});
