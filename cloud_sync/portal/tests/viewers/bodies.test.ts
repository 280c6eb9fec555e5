import { expect, it } from "vitest";
import { findBody } from "../../src/viewers/thermal/body";
import bodies from "./bodies.json";

// What the kiosk finds in the same frames; tests/cloud_sync/portal/test_bodies.py holds the kiosk to them.
it.each(bodies)("a body is found as the kiosk finds it: $name", ({ celsius, body }) => {
  const found = findBody({ rows: 24, columns: 32, values: Float32Array.from(celsius) });
  if (!body) {
    expect(found).toBeNull();
    return;
  }
  expect(found?.midline).toBeCloseTo(body.midline, 4);
  expect(found?.mask.reduce((sum, one) => sum + one, 0)).toBe(body.pixels);
  expect(found?.skinC).toBeCloseTo(body.skin_c, 4);
});
