import { describe, expect, it } from "vitest";
import { CloudClock } from "../src/cloud-clock";
import type { KioskState } from "../src/data/cloud";
import { byNeed, condition } from "../src/kiosk-state";
import { fleet } from "./sample-fleet";

const NOW = Date.parse("2026-11-20T10:00:00Z");
const at = (minutesAgo: number): string => new Date(NOW - minutesAgo * 60_000).toISOString();

describe("a kiosk", () => {
  const [well] = fleet(NOW) as [KioskState];

  it("is stopped after 15 minutes of silence, not before", () => {
    const silent = (minutes: number): string => condition({ ...well, lastContact: at(minutes) }, NOW);
    expect([14.99, 15, 600].map(silent)).toEqual(["running", "stopped", "stopped"]);
  });

  it.each([
    [{ warnings: ["The clock is not set."] }, "trouble"],
    [{ diskFreeBytes: 1e9, diskTotalBytes: 30e9 }, "trouble"],
    [{ laidAside: 1 }, "trouble"],
    [{ waiting: 101 }, "trouble"],
    [{ sensorNoiseK: 0.16 }, "trouble"],
    [{ lastContact: null }, "unheard"],
    [{ lastContact: "yesterday" }, "unheard"],
    [{ revokedAt: at(5), lastContact: at(600) }, "revoked"],
    [{ waiting: null, laidAside: null, diskFreeBytes: null, diskTotalBytes: null, sensorNoiseK: null }, "running"],
  ] as const)("with %o is %s", (change, expected) => {
    expect(condition({ ...well, ...change }, NOW)).toBe(expected);
  });

  it("that needs somebody comes first", () => {
    expect(byNeed(fleet(NOW), NOW).map(({ kiosk }) => kiosk)).toEqual(["kiosk-4", "kiosk-2", "kiosk-5", "kiosk-1", "kiosk-3", "kiosk-6"]);
  });
});

describe("the cloud's clock", () => {
  it("is this computer's where nothing speaks against it", () => {
    const clock = new CloudClock(() => NOW, () => 0);
    clock.hear("a", at(3));
    expect(clock.nowMs()).toBe(NOW);
    clock.hear("a", at(1)); // a minute on the way is the network's, not the clock's
    expect(clock.nowMs()).toBe(NOW);
    clock.hear("b", null);
    expect(clock.nowMs()).toBe(NOW);
  });

  it("runs on from the latest heartbeat where this computer's is behind", () => {
    let passed = 0;
    const clock = new CloudClock(() => NOW, () => passed);
    clock.hear("a", at(-60));
    passed = 16 * 60_000;
    expect(clock.nowMs()).toBe(NOW + 76 * 60_000);
  });

  it("is found out from live heartbeats where this computer's is ahead", () => {
    const clock = new CloudClock(() => NOW, () => 0);
    clock.hear("a", at(61));
    expect(clock.nowMs()).toBe(NOW); // it may just have been silent for an hour
    clock.hear("a", at(60));
    expect(clock.nowMs()).toBe(NOW - 3_600_000);
  });
});
