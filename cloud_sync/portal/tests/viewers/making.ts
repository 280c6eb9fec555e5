// Made-up thermograms and series with known answers.

import type { OpenedRecord, Summary } from "../../src/data/record";
import { type Field } from "../../src/viewers/picture/field";
import type { Capture } from "../../src/viewers/thermal/capture";

export const ROWS = 24;
export const COLUMNS = 32;

export function image(value: (row: number, column: number) => number, rows = ROWS, columns = COLUMNS): Field {
  return { rows, columns, values: Float32Array.from({ length: rows * columns }, (_, index) => value(Math.floor(index / columns), index % columns)) };
}

/** A torso: 22 °C room, about 33 °C skin, shoulders wider than the waist, something of its own on each side. */
export function torso({ x = 15.5, y = 0, turn = 0, scale = 1, spotK = 0, warmerK = 0 } = {}): Field {
  return image((row, column) => {
    const u0 = column - 15.5 - (x - 15.5);
    const v0 = row - 11.5 - y;
    const u = (Math.cos(turn) * u0 + Math.sin(turn) * v0) / scale;
    const v = (-Math.sin(turn) * u0 + Math.cos(turn) * v0) / scale;
    const half = 9.5 - 1.5 * Math.sin(((v + 4) / 24) * Math.PI * 2) * 0.8;
    const skin = 1 / (1 + Math.exp((Math.abs(u) - half) * 2)) / (1 + Math.exp((-9 - v) * 2));
    const breasts = 0.9 * Math.exp(-((u - 4.5) ** 2 + (v - 1) ** 2) / 8) + 0.7 * Math.exp(-((u + 4.5) ** 2 + (v - 1.5) ** 2) / 8);
    const spot = spotK * Math.exp(-((u - 5) ** 2 + (v - 2) ** 2) / 4);
    return 22 + skin * (11 + warmerK - breasts + spot);
  });
}

export function captureOfField(celsius: Field, bad: readonly number[] = []): Capture {
  const marks = new Uint8Array(celsius.values.length);
  for (const index of bad) marks[index] = 1;
  return { celsius, asymmetry: null, map: null, bad: marks };
}

export function summary(changes: Partial<Summary> = {}): Summary {
  return {
    id: "0".repeat(32),
    site: "home",
    kiosk: "kiosk-1",
    patient: "P-7K2M-0001-QX",
    patientConfirmed: true,
    modality: "thermal",
    capturedAt: "2026-11-20T09:30:12.123Z",
    clockSynchronised: true,
    receivedAt: "2026-11-20T09:31:00.000Z",
    urgency: "routine",
    outcome: "below_threshold",
    result: "nothing_unusual",
    probability: 0.12,
    differenceK: 0.3,
    uncertaintyK: 0.31,
    lesionMl: null,
    lesionUncertaintyMl: null,
    reading: "unread",
    lastVerdict: null,
    problem: null,
    ...changes,
  };
}

type Measured = Pick<OpenedRecord, "quality" | "asymmetry">;

export function measured(noiseK: number | null = 0.1, uncertaintyK: number | null = 0.31): Measured {
  return {
    quality: { noise_k: noiseK, emissivity: 0.98, reflected_c: 22 },
    asymmetry: { differenceK: 0.3, uncertaintyK, leftC: 33.4, rightC: 33.1 },
  };
}
