// A made-up record as it is when it was opened, with its parts.

import type { OpenedRecord, Part, Prediction, Summary } from "../src/data/record";
import { SLICES, SPACING_MM, capture, head, photo, seeded } from "./sample-parts";

interface Made {
  readonly record: OpenedRecord;
  readonly parts: Readonly<Record<string, Uint8Array>>;
}

const MEDIA: Readonly<Record<string, string>> = { npz: "application/x-npz", jpg: "image/jpeg", dcm: "application/dicom" };

async function hash(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function described(parts: Readonly<Record<string, Uint8Array>>): Promise<Record<string, Part>> {
  const all: Record<string, Part> = {};
  for (const [name, bytes] of Object.entries(parts)) {
    all[name] = { name, mediaType: MEDIA[name.replace(/^.*\./, "")] ?? "application/octet-stream", sha256: await hash(bytes), bytes: bytes.length };
  }
  return all;
}

function prediction(summary: Summary): Prediction | null {
  if (summary.outcome === null) return null;
  const mri = summary.modality === "mri";
  return {
    outcome: summary.outcome,
    probability: summary.probability,
    threshold: 0.5,
    abstain: [0.4, 0.6],
    model: mri ? "brain-lesion" : "breast",
    version: "1.0.0",
    bundleSha256: (mri ? "b" : "a").repeat(64),
    reason: summary.outcome === "out_of_domain" ? "the picture is not like those that the model was made for (distance 41.2, limit 38.2)" : null,
    prevalence: summary.outcome === "out_of_domain" ? null : 0.006,
    illHere: summary.outcome === "above_threshold" ? [0.041, 0.022, 0.071] : summary.outcome === "below_threshold" ? [0.003, 0.001, 0.006] : null,
    classes: mri ? { meningioma: 0.62, glioma: 0.27, pituitary: 0.11 } : null,
  };
}

async function partsOf(summary: Summary, seed: number): Promise<{ parts: Record<string, Uint8Array>; scores: readonly (number | null)[] }> {
  const random = seeded(seed);
  if (summary.modality === "mri") {
    const made = head(random, 8 + (summary.lesionMl ?? 0) / 2);
    const dicom = new Uint8Array(132).fill(0);
    dicom.set(new TextEncoder().encode("DICM"), 128);
    return { parts: { "series.npz": made.series, "findings.npz": made.findings, "result-sr.dcm": dicom }, scores: made.scores };
  }
  const parts: Record<string, Uint8Array> = { "capture.npz": capture(random, (summary.differenceK ?? 0) * 1.6) };
  const picture = summary.urgency === "look_first" ? await photo() : null;
  if (picture) parts["photo.jpg"] = picture;
  return { parts, scores: [] };
}

export async function opened(summary: Summary): Promise<Made> {
  const { parts, scores } = await partsOf(summary, Number.parseInt(summary.id.slice(0, 7), 16) + 7);
  const thermal = summary.modality === "thermal";
  const leftC = 33.4;
  const photographed = parts["photo.jpg"] !== undefined;
  const document = {
    schema: 1, id: summary.id, patient: summary.patient, modality: summary.modality, site: summary.site, kiosk: summary.kiosk, captured_at: summary.capturedAt,
  };
  const json = JSON.stringify(document, null, 2);
  const record: OpenedRecord = {
    summary,
    sha256: await hash(new TextEncoder().encode(json)),
    mode: "operation",
    consent: { textVersion: "1", screening: true, photo: photographed, training: Number.parseInt(summary.id.slice(0, 1), 16) % 2 === 0 },
    quality: thermal
      ? { frames: 16, rejected: 1, noise_k: 0.098, target_noise_k: 0.1, ambient_c: 22.4, sensor_ambient_c: 30.1, supply_v: 3.3, bad_pixels: 1, emissivity: 0.98, reflected_c: 22.0, refresh_hz: 8, prepare_skipped: false }
      : {},
    gates: thermal ? { warm_up: true, ambient: true, stability: true, body_present: true, centred: true, distance: true, motion: summary.outcome !== "out_of_domain", noise: true } : {},
    asymmetry: {
      differenceK: summary.differenceK,
      uncertaintyK: summary.uncertaintyK,
      leftC: thermal ? leftC : null,
      rightC: thermal && summary.differenceK !== null ? leftC - summary.differenceK : null,
    },
    prediction: prediction(summary),
    photo: photographed ? { taken: true, aligned: true, width: 640, height: 480, delayS: 0.07, reason: null } : null,
    mri:
      summary.modality === "mri"
        ? {
            slices: SLICES, sliceSpacingMm: SPACING_MM[0], rowSpacingMm: SPACING_MM[1], columnSpacingMm: SPACING_MM[2], sliceScores: scores,
            description: "T1 weighted, with contrast medium",
          }
        : null,
    parts: await described(parts),
    json,
  };
  return { record, parts };
}
