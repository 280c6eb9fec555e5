import { Fault } from "../../data/cloud";
import { readNpz } from "../../data/npz";
import type { OpenedRecord } from "../../data/record";
import { BadSeries, type Volume, volumeOf } from "./volume";

export type ReadVolume =
  /** `findingsUnread`: there are findings, but not all of them can be shown. */
  | { readonly ok: true; readonly volume: Volume; readonly findingsUnread: boolean }
  | { readonly ok: false; readonly fault: Fault };

/** The slices in the bytes of `series.npz`, or why there are none. Findings that cannot be read are left out: the slices are worth showing. */
export function readVolume(series: Uint8Array, findings: Uint8Array | null, mri: OpenedRecord["mri"]): ReadVolume {
  try {
    const found = findingsOf(findings);
    const volume = volumeOf(Object.fromEntries(readNpz(series, ["slices", "spacing_mm", "window"])), found, mri);
    return { ok: true, volume, findingsUnread: findings !== null && (found === null || isLackingSome(volume, found)) };
  } catch (error) {
    if (error instanceof Fault) return { ok: false, fault: error };
    if (error instanceof BadSeries) return { ok: false, fault: new Fault("damaged", error.message) };
    throw error;
  }
}

/** Whether some of the findings do not belong to these slices, by their shape. */
export function isLackingSome(volume: Volume, found: Parameters<typeof volumeOf>[1]): boolean {
  const overlays = (["segmentation", "residual"] as const).some((name) => found?.[name] !== undefined && volume[name] === null);
  const scores = found?.slice_scores;
  return overlays || (scores !== undefined && scores.data.length !== volume.slices);
}

function findingsOf(findings: Uint8Array | null): Parameters<typeof volumeOf>[1] {
  try {
    return findings && Object.fromEntries(readNpz(findings, ["segmentation", "residual", "slice_scores"]));
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
}
