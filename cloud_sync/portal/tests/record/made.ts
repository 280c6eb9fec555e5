import type { OpenedRecord, Prediction, Review, Summary } from "../../src/data/record";

export function prediction(change: Partial<Prediction> = {}): Prediction {
  return {
    outcome: "above_threshold", probability: 0.71, threshold: 0.5, abstain: [0.4, 0.6], model: "breast", version: "1.0.0", bundleSha256: "a".repeat(64),
    reason: null, prevalence: 0.006, illHere: [0.009, 0.006, 0.013], classes: null, ...change,
  };
}

export function summary(change: Partial<Summary> = {}): Summary {
  return {
    id: "0".repeat(32), site: "home", kiosk: "kiosk-1", patient: "P-1", patientConfirmed: true, modality: "thermal", capturedAt: "2026-11-20T09:30:12.123Z",
    clockSynchronised: true, receivedAt: "2026-11-20T09:31:00.000Z", urgency: "look_first", outcome: "above_threshold", result: "doctor_will_look",
    probability: 0.71, differenceK: 0.92, uncertaintyK: 0.31, lesionMl: null, lesionUncertaintyMl: null, reading: "opened", lastVerdict: null, problem: null, ...change,
  };
}

export function record(change: Partial<OpenedRecord> = {}): OpenedRecord {
  return {
    summary: summary(), sha256: "b".repeat(64), mode: "operation", consent: { textVersion: "1", screening: true, photo: false, training: false },
    quality: { frames: 16, rejected: 0, noise_k: 0.098, target_noise_k: 0.1, ambient_c: 22, emissivity: 0.98, bad_pixels: 0 }, gates: { motion: true },
    asymmetry: { differenceK: 0.92, uncertaintyK: 0.31, leftC: 33.4, rightC: 32.5 }, prediction: prediction(), photo: null, mri: null, parts: {}, json: "{}", ...change,
  };
}

export function review(change: Partial<Review> = {}): Review {
  return {
    id: "r1", record: "0".repeat(32), recordSha256: "b".repeat(64), patient: "P-1", author: "u-1", authorName: "Dr. Ada Brandt", verdict: "agree", note: "",
    supersedes: null, at: "2026-11-20T10:00:00.000Z", ...change,
  };
}
