// From what a device or a cloud sent to the types of record.ts, once, at the edge. Nothing here trusts a kind, a length or a name.

import { Fault } from "./cloud";
import {
  cleanLines,
  countOf,
  entriesOf,
  flagOf,
  isTable,
  numberOf,
  numbersOf,
  numberWithin,
  sha256Of,
  tableOf,
  textOf,
  timeOf,
  wordOf,
  type Table,
} from "./fields";
import type { OpenedRecord, Outcome, Part, Prediction, Reading, Review, Summary, Urgency, Verdict } from "./record";

export const SCHEMA = 1;
/** Bytes. A record of a kiosk has about 2 kB; one of an MRI with 400 slices about 12 kB. */
export const LARGEST_DOCUMENT = 64 << 10;
export const LONGEST_NOTE = 4000;
const MOST_SLICES = 4096;
const MOST_PARTS = 64;
const NEVER = "1970-01-01T00:00:00.000Z";

const OUTCOMES: readonly Outcome[] = ["below_threshold", "above_threshold", "abstained", "out_of_domain"];
const URGENCIES: readonly Urgency[] = ["look_first", "not_assessed", "routine"];
const READINGS: readonly Reading[] = ["unread", "opened", "reviewed"];
const VERDICTS: readonly Verdict[] = ["agree", "disagree", "recall", "not_assessable"];
const PART_NAME = /^(?!\.{1,2}$)(?!__.*__$)[^/\\\u0000-\u001f\u007f]{1,200}$/;

/** The line of the worklist (docs/data-model.md). What cannot be read becomes a line that says so: no record disappears. */
export function readSummary(fields: unknown, id: string, site: string): Summary {
  const line = tableOf(fields);
  const problem = textOf(line["problem"]) ?? problemOf(fields);
  const known = problem === null ? line : {};
  return {
    id,
    site,
    kiosk: textOf(line["kiosk"]),
    patient: textOf(line["patient"]),
    patientConfirmed: line["patient_confirmed"] === true,
    modality: wordOf(line["modality"], ["thermal", "mri"]) ?? "unknown",
    capturedAt: timeOf(line["captured_at"]),
    clockSynchronised: line["clock_synchronised"] === true,
    receivedAt: timeOf(line["received_at"]) ?? NEVER,
    urgency: wordOf(line["urgency"], URGENCIES) ?? "not_assessed",
    outcome: wordOf(known["outcome"], OUTCOMES),
    result: textOf(known["result"]),
    probability: numberWithin(known["probability"], 0, 1),
    differenceK: numberOf(known["difference_k"]),
    uncertaintyK: notNegative(known["uncertainty_k"]),
    lesionMl: notNegative(known["lesion_ml"]),
    lesionUncertaintyMl: notNegative(known["lesion_uncertainty_ml"]),
    reading: wordOf(line["reading"], READINGS) ?? "unread",
    lastVerdict: wordOf(line["last_verdict"], VERDICTS),
    problem,
  };
}

/** By when they were captured, where the kiosk's clock was right: what waits on a kiosk arrives by urgency, and a wrong order turns a rise into a fall. */
export function oldestFirst(records: readonly Summary[]): readonly Summary[] {
  const at = (one: Summary): number => Date.parse(one.clockSynchronised ? (one.capturedAt ?? one.receivedAt) : one.receivedAt);
  return [...records].sort((a, b) => at(a) - at(b));
}

function problemOf(fields: unknown): string | null {
  if (!isTable(fields)) return "This line of the worklist is damaged.";
  return isNewer(fields) ? "This record was written by a newer Firstlight: update this page to see it." : null;
}

export function isNewer(document: Table): boolean {
  const schema = document["schema"];
  return schema !== undefined && !(typeof schema === "number" && schema <= SCHEMA);
}

/**
 * The record out of its document. Where the worklist and the sealed document differ, the document is right; a document of another
 * record, site or patient is refused. Throws `Fault`: "too_large", "damaged" or "altered".
 */
export function readRecord(json: string, summary: Summary, sha256: string): OpenedRecord {
  const document = parse(json);
  requireSame(document, summary);
  const consent = tableOf(document["consent"]);
  const asymmetry = tableOf(document["asymmetry"]);
  const quality = tableOf(document["quality"]);
  return {
    summary: confirmedBy(document, summary),
    sha256,
    mode: textOf(document["mode"]),
    consent: {
      textVersion: textOf(consent["text_version"]),
      screening: flagOf(consent["screening"]),
      photo: flagOf(consent["photo"]),
      training: flagOf(consent["training"]),
    },
    quality: Object.fromEntries(
      entriesOf(quality)
        .filter(([, value]) => typeof value !== "object" || value === null)
        .map(([name, value]) => [name, numberOf(value) ?? flagOf(value)]),
    ),
    gates: Object.fromEntries(entriesOf(quality["gates"]).flatMap(([name, passed]) => (typeof passed === "boolean" ? [[name, passed]] : []))),
    asymmetry: {
      differenceK: numberOf(asymmetry["difference_k"]),
      uncertaintyK: notNegative(asymmetry["uncertainty_k"]),
      leftC: numberOf(asymmetry["left_c"]),
      rightC: numberOf(asymmetry["right_c"]),
    },
    prediction: readPrediction(document["prediction"]),
    photo: readPhoto(document["photo"]),
    mri: readMri(document["mri"]),
    parts: readParts(document["parts"]),
    json,
  };
}

function parse(json: string): Table {
  if (json.length > LARGEST_DOCUMENT || new TextEncoder().encode(json).length > LARGEST_DOCUMENT) {
    throw new Fault("too_large", `The document has more than ${LARGEST_DOCUMENT >> 10} kB; no kiosk writes one so large.`);
  }
  let document: unknown;
  try {
    document = JSON.parse(json);
  } catch {
    throw new Fault("damaged", "The document is damaged: it is no JSON.");
  }
  if (!isTable(document)) throw new Fault("damaged", "The document is damaged: it is no record.");
  if (isNewer(document)) throw new Fault("damaged", "This record was written by a newer Firstlight: update this page to see it.");
  return document;
}

function requireSame(document: Table, summary: Summary): void {
  const named: readonly (readonly [string, string | null])[] = [
    ["id", summary.id],
    ["site", summary.site],
    ["patient", summary.patient],
  ];
  for (const [key, expected] of named) {
    const found = textOf(document[key]);
    // A text that was cut says nothing here: the line and the document may have been cut at different places.
    if (key === "patient" && found?.endsWith("…")) continue;
    if (found !== null && expected !== null && found !== expected) {
      throw new Fault("altered", `The document names another ${key === "id" ? "record" : key} than the worklist: show it to nobody, tell the technician.`);
    }
  }
}

function confirmedBy(document: Table, summary: Summary): Summary {
  const prediction = tableOf(document["prediction"]);
  const asymmetry = tableOf(document["asymmetry"]);
  const mri = tableOf(document["mri"]);
  return {
    ...summary,
    kiosk: textOf(document["kiosk"]),
    patient: textOf(document["patient"]),
    patientConfirmed: document["patient_confirmed"] === true,
    modality: wordOf(document["modality"], ["thermal", "mri"]) ?? "unknown",
    capturedAt: timeOf(document["captured_at"]),
    clockSynchronised: document["clock_synchronised"] === true,
    outcome: wordOf(prediction["outcome"], OUTCOMES),
    result: textOf(document["result"]),
    probability: numberWithin(prediction["probability"], 0, 1),
    differenceK: numberOf(asymmetry["difference_k"]),
    uncertaintyK: notNegative(asymmetry["uncertainty_k"]),
    lesionMl: notNegative(mri["lesion_ml"]),
    lesionUncertaintyMl: notNegative(mri["lesion_uncertainty_ml"]),
  };
}

function readPrediction(value: unknown): Prediction | null {
  const prediction = tableOf(value);
  if (Object.keys(prediction).length === 0) return null;
  const abstain = numbersOf(prediction["abstain"], 2) as [number, number] | null;
  const illHere = numbersOf(prediction["ill_here"], 3) as [number, number, number] | null;
  const classes = entriesOf(prediction["classes"], 16).flatMap(([name, share]) => {
    const number = numberWithin(share, 0, 1);
    return number === null ? [] : [[name, number] as const];
  });
  return {
    outcome: wordOf(prediction["outcome"], OUTCOMES),
    probability: numberWithin(prediction["probability"], 0, 1),
    threshold: numberWithin(prediction["threshold"], 0, 1),
    abstain,
    model: textOf(prediction["model"]),
    version: textOf(prediction["version"]),
    bundleSha256: sha256Of(prediction["bundle_sha256"]),
    reason: textOf(prediction["reason"]),
    prevalence: numberWithin(prediction["prevalence"], 0, 1),
    illHere: illHere?.every((share) => share >= 0 && share <= 1) ? illHere : null,
    classes: classes.length > 0 ? Object.fromEntries(classes) : null,
  };
}

function readPhoto(value: unknown): OpenedRecord["photo"] {
  if (!isTable(value)) return null;
  return {
    taken: value["taken"] === true,
    aligned: value["aligned"] === true,
    width: countOf(value["width"]),
    height: countOf(value["height"]),
    delayS: numberOf(value["delay_s"]),
    reason: textOf(value["reason"]),
  };
}

function readMri(value: unknown): OpenedRecord["mri"] {
  if (!isTable(value)) return null;
  const slices = Math.min(countOf(value["slices"]) ?? 0, MOST_SLICES);
  const [slice, row, column] = numbersOf(value["spacing_mm"], 3) ?? [];
  const scores = Array.isArray(value["slice_scores"]) ? value["slice_scores"].slice(0, slices) : [];
  return {
    slices,
    rowSpacingMm: positive(row),
    columnSpacingMm: positive(column),
    sliceSpacingMm: positive(slice),
    sliceScores: Array.from({ length: slices }, (_, index) => numberWithin(scores[index], 0, 1)),
    description: textOf(value["description"]),
  };
}

/** A part without a hash cannot be compared with anything, so it is left out. */
function readParts(value: unknown): Readonly<Record<string, Part>> {
  const parts = Object.entries(tableOf(value))
    .slice(0, MOST_PARTS)
    .flatMap(([name, entry]): [string, Part][] => {
      const part = tableOf(entry);
      const sha256 = sha256Of(part["sha256"]);
      const bytes = countOf(part["bytes"]);
      if (!PART_NAME.test(name) || sha256 === null || bytes === null) return [];
      return [[name, { name, mediaType: textOf(part["media_type"]) ?? "application/octet-stream", sha256, bytes }]];
    });
  return Object.fromEntries(parts);
}

/** Throws `Fault("damaged")` where it is no review: a list of them leaves it out, and says so. */
export function readReview(fields: unknown, id: string): Review {
  const review = tableOf(fields);
  const verdict = wordOf(review["verdict"], VERDICTS);
  const record = textOf(review["record"]);
  const author = textOf(review["author"]);
  const at = timeOf(review["at"]);
  if (isNewer(review)) throw new Fault("damaged", "A review was written by a newer Firstlight: update this page to see it.");
  if (verdict === null || record === null || author === null || at === null) throw new Fault("damaged", "A review is damaged.");
  const note = review["note"];
  return {
    id,
    record,
    recordSha256: sha256Of(review["record_sha256"]) ?? "",
    patient: textOf(review["patient"]),
    author,
    authorName: textOf(review["author_name"]) ?? author,
    verdict,
    note: typeof note === "string" ? cleanLines(note, LONGEST_NOTE) : "",
    supersedes: textOf(review["supersedes"]),
    at,
  };
}

/** What could be read of `items`, and the last fault of what could not; `null`: there was none. */
export function readable<Item, Read>(items: readonly Item[], read: (item: Item) => Read): readonly [readonly Read[], unknown] {
  let fault: unknown = null;
  const found = items.flatMap((item) => {
    try {
      return [read(item)];
    } catch (error) {
      fault = error;
      return [];
    }
  });
  return [found, fault];
}

/** SHA-256 in hexadecimal digits, small ones. */
export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  if (!globalThis.crypto?.subtle) {
    // Browsers compute hashes on secure origins alone: https, or the computer itself.
    throw new Fault("unavailable", "Nothing can be verified over this address: open this page by https, or on the computer itself.");
  }
  const digest = await globalThis.crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function notNegative(value: unknown): number | null {
  const number = numberOf(value);
  return number !== null && number >= 0 ? number : null;
}

function positive(value: unknown): number | null {
  const number = numberOf(value);
  return number !== null && number > 0 ? number : null;
}
