import { expect, it } from "vitest";
import { known } from "../../src/record/downloads";
import { review } from "./made";

it("no report says that nobody reviewed a record where the reviews could not be read", () => {
  expect(() => known(null)).toThrow("not known");
  expect(known([])).toEqual([]);
  expect(known([review()])).toHaveLength(1);
});
