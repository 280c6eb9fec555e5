// Made-up lines of a worklist.

import type { Summary } from "../src/data/record";
import { type Random, seeded } from "./sample-parts";

const HOSTILE = "<script>window.broken = 1</script><img src=x onerror=alert(1)>";
const LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789";

const hex = (random: Random): string => Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join("");
const letters = (random: Random, length: number): string =>
  Array.from({ length }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join("");

function line(random: Random, receivedMs: number): Summary {
  const modality = random() < 0.85 ? "thermal" : "mri";
  const drawn = random();
  const outcome = drawn < 0.06 ? "above_threshold" : drawn < 0.1 ? "abstained" : drawn < 0.12 ? "out_of_domain" : "below_threshold";
  const probability = outcome === "above_threshold" ? 0.6 + 0.35 * random() : outcome === "below_threshold" ? 0.4 * random() : outcome === "abstained" ? 0.5 : null;
  const reading = random() < 0.1 ? "unread" : random() < 0.2 ? "opened" : "reviewed";
  return {
    id: hex(random),
    site: "home",
    kiosk: random() < 0.7 ? "kiosk-1" : "kiosk-2",
    patient: `P-${letters(random, 4)}-${letters(random, 4)}-${letters(random, 2)}`,
    patientConfirmed: random() < 0.8,
    modality,
    capturedAt: new Date(receivedMs - 60_000).toISOString(),
    clockSynchronised: random() < 0.98,
    receivedAt: new Date(receivedMs).toISOString(),
    urgency: outcome === "above_threshold" ? "look_first" : outcome === "below_threshold" ? "routine" : "not_assessed",
    outcome,
    result: outcome === "above_threshold" ? "doctor_will_look" : outcome === "below_threshold" ? "nothing_unusual" : "not_assessed",
    probability,
    differenceK: modality === "thermal" ? (outcome === "above_threshold" ? 0.7 + random() : 0.6 * (random() - 0.5)) : null,
    uncertaintyK: modality === "thermal" ? 0.12 + 0.2 * random() : null,
    lesionMl: modality === "mri" && outcome === "above_threshold" ? 3 + 20 * random() : null,
    lesionUncertaintyMl: modality === "mri" && outcome === "above_threshold" ? 1.4 : null,
    reading,
    lastVerdict: reading === "reviewed" ? (random() < 0.85 ? "agree" : "recall") : null,
    problem: null,
  };
}

type Change = Partial<Summary>;
const UNREAD: Change = { reading: "unread", lastVerdict: null };
const ABOVE: Change = { ...UNREAD, urgency: "look_first", outcome: "above_threshold", result: "doctor_will_look", probability: 0.71 };
const NO_ANSWER: Change = { ...UNREAD, urgency: "not_assessed", result: "not_assessed" };
const THERMAL: Change = { modality: "thermal", differenceK: 0.92, uncertaintyK: 0.31, lesionMl: null, lesionUncertaintyMl: null };
const MRI: Change = { modality: "mri", differenceK: null, uncertaintyK: null, lesionMl: 14.2, lesionUncertaintyMl: 1.6 };
const FIRST: readonly Change[] = [
  { ...THERMAL, ...ABOVE, patient: "P-HIST-0001-00" },
  { ...MRI, ...ABOVE, probability: 0.93, patient: "P-HEAD-0002-00" },
  { ...THERMAL, ...NO_ANSWER, outcome: "abstained", probability: 0.48, differenceK: 0.2 },
  { ...THERMAL, ...NO_ANSWER, outcome: "out_of_domain", probability: null },
  { ...THERMAL, ...NO_ANSWER, outcome: null, probability: null, clockSynchronised: false, capturedAt: "1970-01-01T00:04:00Z" },
  { ...THERMAL, ...NO_ANSWER, outcome: null, patient: HOSTILE, kiosk: HOSTILE, result: HOSTILE },
  { ...UNREAD, urgency: "not_assessed", modality: "unknown", outcome: null, probability: null, problem: "The document is not JSON." },
];

/** Of `count` records, the first are the special ones of sample-cloud.ts; their ids are 32 times "0", "1", … */
export function summaries(count: number, seed = 1): Summary[] {
  const random = seeded(seed);
  const now = Date.now();
  const made = Array.from({ length: count }, (_, at) => line(random, now - at * 400_000));
  if (seed !== 1) return made;
  for (const [at, change] of FIRST.entries()) {
    const base = made[at];
    if (base) made[at] = { ...base, ...change, id: String(at).repeat(32) };
  }
  for (let visit = 1; visit < 12; visit += 1) history(made, 6 + visit, now - visit * 30 * 86_400_000, { ...THERMAL, patient: "P-HIST-0001-00", differenceK: 0.9 - 0.08 * visit });
  for (let visit = 1; visit < 4; visit += 1) history(made, 18 + visit, now - visit * 60 * 86_400_000, { ...MRI, patient: "P-HEAD-0002-00", lesionMl: 14 - 3 * visit });
  return made;
}

function history(made: Summary[], at: number, receivedMs: number, change: Change): void {
  const base = made[at];
  const time = new Date(receivedMs).toISOString();
  const seen: Change = { urgency: "routine", outcome: "below_threshold", result: "nothing_unusual", probability: 0.2, reading: "reviewed", lastVerdict: "agree" };
  if (base) made[at] = { ...base, ...seen, ...change, receivedAt: time, capturedAt: time };
}
