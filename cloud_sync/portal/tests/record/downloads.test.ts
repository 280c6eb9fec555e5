import { expect, it } from "vitest";
import { known } from "../../src/record/downloads";
import { checkWords } from "../../src/report/words";
import { review } from "./made";

it("no report says that nobody reviewed a record where the reviews could not be read", () => {
  expect(() => known(null)).toThrow("not known");
  expect(known([])).toEqual([]);
  expect(known([review()])).toHaveLength(1);
});

it("no report says that checks passed which nobody made", () => {
  expect(checkWords({})).toBe("The record names no check at capture.");
  expect(checkWords({ motion: true })).toBe("All checks at capture passed.");
  expect(checkWords({ motion: true, noise: false })).not.toContain("passed.");
});
