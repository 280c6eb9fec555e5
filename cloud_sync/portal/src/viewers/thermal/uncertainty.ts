// How far a temperature can be trusted. Standard uncertainties (k = 1) after JCGM 100:2008; a rectangular distribution of half-width a
// has the standard uncertainty a/√3 (4.3.7).

import type { OpenedRecord } from "../../data/record";

/** Half-width of the sensor's accuracy, K (MLX90640 data sheet): common to all pixels, so it drops out of differences in one picture. */
export const ACCURACY_K = 1;
/** Half-width of its non-uniformity without a flat field, K (data sheet, central zone): differs from place to place, averaging leaves it. */
export const NON_UNIFORMITY_K = 0.5;
/** With a flat field, standard uncertainty, K: what remains between two calibrations. */
const FLAT_FIELD_U_K = 0.05;
/** Half-width of the skin's emissivity (0.98 ± 0.01). */
const EMISSIVITY_HALF_WIDTH = 0.01;
/** "About 95 %" of a normal distribution. */
export const COVERAGE = 2;

export interface Budget {
  /** Noise of one pixel of the averaged picture, K; `null`: the record does not say. */
  readonly noiseK: number | null;
  readonly nonUniformityK: number;
  readonly accuracyK: number;
  readonly emissivityK: number;
}

export function budgetOf(record: Pick<OpenedRecord, "quality" | "asymmetry">, skinC = 33): Budget {
  const number = (name: string): number | null => {
    const value = record.quality[name];
    return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;
  };
  const without = NON_UNIFORMITY_K / Math.sqrt(3);
  return {
    noiseK: number("noise_k"),
    nonUniformityK: hasFlatField(record.asymmetry.uncertaintyK, without) ? FLAT_FIELD_U_K : without,
    accuracyK: ACCURACY_K / Math.sqrt(3),
    emissivityK: emissivityU(number("emissivity") ?? 0.98, skinC, number("reflected_c") ?? 22),
  };
}

// The record does not say it outright. But the kiosk's own uncertainty of the left-right difference contains the non-uniformity as a
// term of a root of squares, so what is smaller than that term alone was measured with a flat field.
function hasFlatField(statedK: number | null, withoutK: number): boolean {
  return statedK !== null && statedK > 0 && statedK < 0.99 * withoutK;
}

/** What an emissivity that is off by its uncertainty does to a skin temperature, K: radiance ε·T⁴ + (1 − ε)·Tr⁴, held, differentiated. */
export function emissivityU(emissivity: number, skinC: number, reflectedC: number): number {
  const skin = skinC + 273.15;
  const slope = (skin ** 4 - (reflectedC + 273.15) ** 4) / (4 * skin ** 3 * emissivity);
  return Math.abs(slope) * (EMISSIVITY_HALF_WIDTH / Math.sqrt(3));
}

/** Of the mean of `pixels` places, against other places of the same picture. `null`: the noise is not known. */
export function withinPicture(budget: Budget, pixels: number): number | null {
  return budget.noiseK === null ? null : Math.hypot(budget.noiseK / Math.sqrt(pixels), budget.nonUniformityK);
}

/** Of the mean of `pixels` places as a temperature, against a thermometer or another visit. */
export function absolute(budget: Budget, pixels: number): number | null {
  const within = withinPicture(budget, pixels);
  return within === null ? null : Math.hypot(within, budget.accuracyK, budget.emissivityK);
}

/** Of the difference of the means of two regions in one picture: accuracy drops out, non-uniformity counts once between two places. */
export function ofDifference(budget: Budget, pixelsA: number, pixelsB: number): number | null {
  return budget.noiseK === null ? null : Math.hypot(budget.noiseK * Math.sqrt(1 / pixelsA + 1 / pixelsB), budget.nonUniformityK);
}

/** Whether `difference` exceeds its expanded uncertainty (k = 2). */
export function exceeds(difference: number, uncertainty: number): boolean {
  return Math.abs(difference) > COVERAGE * uncertainty;
}
