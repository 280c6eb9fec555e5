import { createHash } from "node:crypto";
import { describe, expect, it, vi } from "vitest";

import { Fault, type FaultKind } from "../src/data/cloud";
import { cleanLines, cleanText, timeOf } from "../src/data/fields";
import { LARGEST_DOCUMENT, oldestFirst, readRecord, readReview, readSummary, sha256Hex } from "../src/data/read";

const ID = "0".repeat(31) + "1";
const SHA = "ab".repeat(32);
const LINE = {
  schema: 1,
  record: ID,
  kiosk: "kiosk-1",
  patient: "P-1",
  patient_confirmed: true,
  modality: "thermal",
  captured_at: "2026-11-20T09:30:12.123456+00:00",
  clock_synchronised: true,
  received_at: "2026-11-20T09:31:00Z",
  urgency: "look_first",
  rank: 0,
  outcome: "above_threshold",
  result: "doctor_will_look",
  probability: 0.71,
  difference_k: -0.92,
  uncertainty_k: 0.31,
  lesion_ml: null,
  lesion_uncertainty_ml: null,
  reading: "opened",
  last_verdict: null,
  to_do: true,
};
const DOCUMENT = {
  schema: 1,
  id: ID,
  patient: "P-1",
  patient_confirmed: true,
  modality: "thermal",
  site: "home",
  kiosk: "kiosk-1",
  captured_at: "2026-11-20T09:30:12.123Z",
  clock_synchronised: true,
  mode: "operation",
  consent: { text_version: "1", screening: true, photo: false, training: true, language: "en" },
  quality: { frames: 16, noise_k: 0.098, prepare_skipped: true, gates: { warm_up: true, motion: false } },
  asymmetry: { difference_k: -0.92, uncertainty_k: 0.31, left_c: 33.4, right_c: 34.3 },
  prediction: {
    outcome: "above_threshold",
    probability: 0.71,
    threshold: 0.5,
    abstain: [0.4, 0.6],
    model: "breast",
    version: "1.0.0",
    bundle_sha256: SHA,
    reason: "above",
    prevalence: 0.006,
    ill_here: [0.03, 0.02, 0.04],
  },
  result: "doctor_will_look",
  photo: { taken: true, aligned: false, width: 1280, height: 960, delay_s: 0.07 },
  parts: { "capture.npz": { media_type: "application/x-npz", sha256: SHA, bytes: 48211 } },
};
const summary = readSummary(LINE, ID, "home");
const record = (changes: object = {}, line = summary) => readRecord(JSON.stringify({ ...DOCUMENT, ...changes }), line, SHA);

function faultOf(call: () => unknown): FaultKind | null {
  try {
    call();
    return null;
  } catch (error) {
    if (error instanceof Fault) return error.kind;
    throw error;
  }
}

describe("a line of the worklist", () => {
  it("is read as it was written, times in UTC", () => {
    expect(summary).toEqual({
      id: ID,
      site: "home",
      kiosk: "kiosk-1",
      patient: "P-1",
      patientConfirmed: true,
      modality: "thermal",
      capturedAt: "2026-11-20T09:30:12.123Z",
      clockSynchronised: true,
      receivedAt: "2026-11-20T09:31:00.000Z",
      urgency: "look_first",
      outcome: "above_threshold",
      result: "doctor_will_look",
      probability: 0.71,
      differenceK: -0.92,
      uncertaintyK: 0.31,
      lesionMl: null,
      lesionUncertaintyMl: null,
      reading: "opened",
      lastVerdict: null,
      problem: null,
    });
  });

  it("that is none is a line all the same, and says so", () => {
    for (const none of [null, undefined, 7, "text", [1], () => 0]) {
      const line = readSummary(none, ID, "home");
      expect(line.problem).toBe("This line of the worklist is damaged.");
      expect([line.id, line.urgency, line.reading, line.outcome]).toEqual([ID, "not_assessed", "unread", null]);
    }
  });

  it("of a newer Firstlight shows no value, and stays as urgent as it is", () => {
    const line = readSummary({ ...LINE, schema: 2 }, ID, "home");
    expect(line.problem).toContain("newer Firstlight");
    expect([line.urgency, line.probability, line.outcome, line.differenceK]).toEqual(["look_first", null, null, null]);
    expect(readSummary({ ...LINE, schema: "1" }, ID, "home").problem).toContain("newer");
  });

  it("has no value where one is of another kind, out of range or no number", () => {
    const odd = { ...LINE, patient: 7, probability: 1.5, difference_k: NaN, uncertainty_k: -1, outcome: "x", urgency: {}, reading: true, last_verdict: "yes" };
    const line = readSummary({ ...odd, captured_at: "yesterday", received_at: null, patient_confirmed: "true", modality: "xray" }, ID, "home");
    expect([line.patient, line.probability, line.differenceK, line.uncertaintyK, line.outcome]).toEqual([null, null, null, null, null]);
    expect([line.urgency, line.reading, line.lastVerdict, line.modality]).toEqual(["not_assessed", "unread", null, "unknown"]);
    expect([line.capturedAt, line.receivedAt, line.patientConfirmed]).toEqual([null, "1970-01-01T00:00:00.000Z", false]);
    expect(readSummary({ ...LINE, probability: Infinity, difference_k: 1e300 }, ID, "home").differenceK).toBeNull();
  });
});

describe("a patient's records", () => {
  it("stand in the order of their capture, whatever arrived first", () => {
    const at = (id: string, captured: string, received: string, synchronised = true) =>
      readSummary({ captured_at: `2026-11-${captured}T09:00:00Z`, received_at: `2026-11-${received}T09:00:00Z`, clock_synchronised: synchronised }, id, "home");
    const urgent = at("second", "12", "20");
    const routine = at("first", "11", "21"); // both waited on a kiosk without a network
    const wrongClock = at("third", "01", "22", false);
    expect(oldestFirst([urgent, routine, wrongClock]).map((one) => one.id)).toEqual(["first", "second", "third"]);
  });
});

describe("texts", () => {
  it("lose what nobody sees and what turns them around", () => {
    expect(cleanText("a\u0000b\u001bc\u009fd\u202ee\u2066f\u200bg\ufeffh\u200fi")).toBe("abcdefghi");
    expect(cleanText("P-\ud800")).toBe("P-\ufffd"); // as the server's own line has it
    expect(cleanText("one\r\ntwo\tthree\u2028")).toBe("one two three");
    expect(cleanText("<script>ä 😀 عربي")).toBe("<script>ä 😀 عربي");
    expect(cleanLines("a\r\nb\rc\td\u0007\u202e\u200f", 100)).toBe("a\nb\nc\td\u200f");
  });

  it("are cut between characters", () => {
    expect(cleanText("x".repeat(10_000_000))).toHaveLength(300);
    expect([...cleanText("😀".repeat(500))]).toHaveLength(300);
    expect(cleanText("😀".repeat(500)).endsWith("😀…")).toBe(true);
    expect(cleanText("x".repeat(300))).toBe("x".repeat(300));
  });
});

describe("times", () => {
  it("need a zone and a day that exists", () => {
    expect(timeOf("2026-11-20T09:30:12+0200")).toBe("2026-11-20T07:30:12.000Z");
    for (const none of ["2026-11-20T09:30:12", "2026-11-20", "2026-13-40T00:00:00Z", "Z", 5, null, "2026-11-20T09:30:12Z".padEnd(99)]) {
      expect(timeOf(none)).toBeNull();
    }
  });
});

describe("a record", () => {
  it("is read as it was written", () => {
    const opened = record();
    expect(opened.summary).toEqual(summary);
    expect(opened.sha256).toBe(SHA);
    expect(opened.quality).toEqual({ frames: 16, noise_k: 0.098, prepare_skipped: true });
    expect(opened.gates).toEqual({ warm_up: true, motion: false });
    expect(opened.asymmetry).toEqual({ differenceK: -0.92, uncertaintyK: 0.31, leftC: 33.4, rightC: 34.3 });
    expect(opened.consent).toEqual({ textVersion: "1", screening: true, photo: false, training: true });
    expect(opened.prediction).toMatchObject({ outcome: "above_threshold", abstain: [0.4, 0.6], illHere: [0.03, 0.02, 0.04], classes: null });
    expect(opened.photo).toEqual({ taken: true, aligned: false, width: 1280, height: 960, delayS: 0.07, reason: null });
    expect(opened.parts["capture.npz"]).toEqual({ name: "capture.npz", mediaType: "application/x-npz", sha256: SHA, bytes: 48211 });
    expect(opened.mri).toBeNull();
    expect(JSON.parse(opened.json)).toEqual(DOCUMENT);
  });

  it("of an MRI has its geometry and a score for each slice", () => {
    const mri = { slices: 3, spacing_mm: [5, 0.5, 0.6], slice_scores: [0.1, null], lesion_ml: 4.2, lesion_uncertainty_ml: 0.6, description: "T1" };
    const opened = record({ modality: "mri", mri, prediction: { classes: { glioma: 0.9, odd: "x", meningioma: 0.1 } } });
    expect(opened.mri).toEqual({ slices: 3, sliceSpacingMm: 5, rowSpacingMm: 0.5, columnSpacingMm: 0.6, sliceScores: [0.1, null, null], description: "T1" });
    expect([opened.summary.modality, opened.summary.lesionMl, opened.summary.lesionUncertaintyMl]).toEqual(["mri", 4.2, 0.6]);
    expect(opened.prediction?.classes).toEqual({ glioma: 0.9, meningioma: 0.1 });
    expect(record({ mri: { slices: 1e9, spacing_mm: [0, -1, NaN], slice_scores: "x" } }).mri?.sliceScores).toHaveLength(4096);
  });

  it("is right where the worklist says something else, and refused where it is another's", () => {
    expect(record({ prediction: { outcome: "abstained", probability: 0.5 } }).summary).toMatchObject({ outcome: "abstained", probability: 0.5 });
    expect(faultOf(() => record({ id: "f".repeat(32) }))).toBe("altered");
    expect(faultOf(() => record({ site: "other" }))).toBe("altered");
    expect(faultOf(() => record({ patient: "P-2" }))).toBe("altered");
    const long = "\u0007P".repeat(400);
    expect(record({ patient: long }, readSummary({ ...LINE, patient: `${long.slice(0, 299)}…` }, ID, "home")).summary.patient).toHaveLength(300);
  });

  it("that nobody can read has a fault of its own", () => {
    for (const broken of ["", "{", "[]", "null", "7", '"text"', "[".repeat(60_000), '{"a":'.repeat(9_000)]) {
      expect(faultOf(() => readRecord(broken, summary, SHA))).toBe("damaged");
    }
    expect(faultOf(() => record({ schema: 2 }))).toBe("damaged");
    expect(faultOf(() => record({ patient: "x".repeat(LARGEST_DOCUMENT) }))).toBe("too_large");
    expect(faultOf(() => record({ kiosk: "ä".repeat(LARGEST_DOCUMENT / 2) }))).toBe("too_large"); // bytes count, not letters
  });

  it("nests as deep as it likes and means nothing by it", () => {
    const deep = `${'{"quality":'.repeat(2000)}1${"}".repeat(2000)}`;
    expect(readRecord(deep, { ...summary, patient: null }, SHA).quality).toEqual({});
  });

  it("may hold anything in place of anything", () => {
    const keys = ["consent", "quality", "asymmetry", "prediction", "photo", "mri", "parts", "mode", "kiosk", "result", "captured_at"];
    for (const value of [null, 7, "text", [1, 2], true, {}, { a: { b: [] } }]) {
      const opened = record(Object.fromEntries(keys.map((key) => [key, value])));
      expect(opened.parts).toEqual({});
      expect(opened.asymmetry.differenceK).toBeNull();
    }
    expect(record({ prediction: {} }).prediction).toBeNull();
    expect(record({ prediction: { abstain: [0.4], ill_here: [2, 0, 0], bundle_sha256: "../../x", threshold: "0.5" } }).prediction).toMatchObject({
      abstain: null,
      illHere: null,
      bundleSha256: null,
      threshold: null,
    });
  });

  it("cannot reach into the page by a name", () => {
    const json = JSON.stringify(DOCUMENT).replace('"gates":{', '"__proto__":{"polluted":1},"gates":{"__proto__":true,');
    const opened = readRecord(json, summary, SHA);
    expect(Object.keys(opened.gates)).toEqual(["warm_up", "motion"]);
    expect(Object.getPrototypeOf(opened.gates)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    const parts = { "../x": { sha256: SHA, bytes: 1 }, "..": { sha256: SHA, bytes: 1 }, "a.npz": { sha256: "x", bytes: 1 }, "b.npz": { sha256: SHA, bytes: -1 } };
    expect(record({ parts }).parts).toEqual({});
    expect(Object.keys(record({ parts: Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`p${n}`, { sha256: SHA, bytes: 1 }])) }).parts)).toHaveLength(64);
  });
});

describe("a review", () => {
  const REVIEW = { schema: 1, record: ID, record_sha256: SHA, patient: "P-1", author: "u1", author_name: "Dr A", verdict: "recall", note: "a\nb", supersedes: null, at: "2026-11-20T10:00:00Z" };

  it("is read as it was written", () => {
    expect(readReview(REVIEW, "r1")).toEqual({
      id: "r1",
      record: ID,
      recordSha256: SHA,
      patient: "P-1",
      author: "u1",
      authorName: "Dr A",
      verdict: "recall",
      note: "a\nb",
      supersedes: null,
      at: "2026-11-20T10:00:00.000Z",
    });
    expect(readReview({ ...REVIEW, note: "x".repeat(9000), author_name: 7 }, "r1")).toMatchObject({ authorName: "u1" });
    expect(readReview({ ...REVIEW, note: "x".repeat(9000) }, "r1").note).toHaveLength(4000);
  });

  it("that is none is damaged", () => {
    for (const none of [null, [], {}, { ...REVIEW, verdict: "maybe" }, { ...REVIEW, at: "now" }, { ...REVIEW, author: 1 }, { ...REVIEW, schema: 2 }]) {
      expect(faultOf(() => readReview(none, "r1"))).toBe("damaged");
    }
  });
});

it("computes the same hash as everybody", async () => {
  const bytes = new TextEncoder().encode("Firstlight");
  expect(await sha256Hex(bytes)).toBe(createHash("sha256").update(bytes).digest("hex"));
});

it("computes none where the browser has none: over http from another computer", async () => {
  vi.stubGlobal("crypto", {});
  await expect(sha256Hex(new Uint8Array())).rejects.toMatchObject({ kind: "unavailable" });
  vi.unstubAllGlobals();
});
