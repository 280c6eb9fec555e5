import type { QueryDocumentSnapshot } from "firebase/firestore";
import { describe, expect, it } from "vitest";
import { readCard, readEntry, readKiosk, readSite } from "../src/data/firebase-read";

const AT = "2026-11-20T10:00:00.000Z";
const document = (fields: object): QueryDocumentSnapshot => ({ id: "x", data: () => fields }) as unknown as QueryDocumentSnapshot;
const SITE = { schema: 1, name: "North", prevalence: { breast: 0.006 } };
const CARD = { schema: 1, name: "breast", version: "1.0.0", card: "{}" };
const ENTRY = { schema: 1, uid: "ada", name: "Ada", action: "open_audit", record: null, patient: null, at: AT };
const ENROLLED = { schema: 1, label: "Hall", revoked_at: null };
const HEARTBEAT = { schema: 1, at: AT, version: "0.1.0", waiting: 3, laid_aside: 0, sensor_noise_k: 0.1, warnings: ["clock-unset"] };

describe("what a newer Firstlight wrote", () => {
  it.each([
    ["a site", () => readSite(document(SITE)), () => readSite(document({ ...SITE, schema: 2 }))],
    ["a card", () => readCard(document(CARD)), () => readCard(document({ ...CARD, schema: 2 }))],
    ["an entry of the audit", () => readEntry(document(ENTRY)), () => readEntry(document({ ...ENTRY, schema: 2 }))],
  ])("is said and not shown: %s", (_, known, newer) => {
    expect(known).not.toThrow();
    expect(newer).toThrow("newer Firstlight");
  });

  it("of a kiosk is not shown, but that it was heard of", () => {
    expect(readKiosk("hall", ENROLLED, HEARTBEAT).warnings).toEqual(["clock-unset"]);
    const { warnings, ...shown } = readKiosk("hall", ENROLLED, { ...HEARTBEAT, schema: 2 });
    expect(warnings).toEqual([expect.stringContaining("newer Firstlight")]);
    expect(shown).toMatchObject({ label: "Hall", lastContact: AT, version: null, waiting: null, laidAside: null, sensorNoiseK: null });
  });

  it("about who a kiosk is is not shown, and what the kiosk says of itself is", () => {
    const shown = readKiosk("hall", { ...ENROLLED, schema: 2, revoked_at: AT }, HEARTBEAT);
    expect(shown).toMatchObject({ kiosk: "hall", label: null, revokedAt: null, waiting: 3 });
    expect(shown.warnings).toEqual([expect.stringContaining("newer Firstlight"), "clock-unset"]);
  });
});
