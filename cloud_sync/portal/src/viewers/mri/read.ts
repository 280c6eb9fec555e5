import { Fault } from "../../data/cloud";
import { readNpz } from "../../data/npz";
import type { OpenedRecord } from "../../data/record";
import { BadSeries, type Volume, volumeOf } from "./volume";

export type ReadVolume = { readonly ok: true; readonly volume: Volume } | { readonly ok: false; readonly fault: Fault };

/** The slices in the bytes of `series.npz`, or why there are none. Findings that cannot be read are left out: the slices are worth showing. */
export function readVolume(series: Uint8Array, findings: Uint8Array | null, mri: OpenedRecord["mri"]): ReadVolume {
  try {
    return { ok: true, volume: volumeOf(Object.fromEntries(readNpz(series, ["slices", "spacing_mm", "window"])), findingsOf(findings), mri) };
  } catch (error) {
    if (error instanceof Fault) return { ok: false, fault: error };
    if (error instanceof BadSeries) return { ok: false, fault: new Fault("damaged", error.message) };
    throw error;
  }
}

function findingsOf(findings: Uint8Array | null): Parameters<typeof volumeOf>[1] {
  try {
    return findings && Object.fromEntries(readNpz(findings, ["segmentation", "residual", "slice_scores"]));
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
}
