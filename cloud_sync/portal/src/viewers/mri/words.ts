import { number } from "../../format";
import { t } from "../../i18n";
import { heightMm } from "./link";
import { lengthOf, type Line } from "./measure";
import type { Volume } from "./volume";

/** "23.4 ± 0.7 mm", or pixels where the spacing is not known. */
export function lengthText(line: Line, volume: Volume): string {
  const { mm, uncertaintyMm, pixels } = lengthOf(line, volume.spacing);
  return mm === null ? `${number(pixels, 0)} px` : `${number(mm, 1)} ± ${number(uncertaintyMm, 1)} mm`;
}

/** "Slice 12 of 24, 55 mm above the lowest, score 0.93". */
export function sliceText(volume: Volume, slice: number): string {
  const height = heightMm(volume, slice);
  const score = volume.scores[slice] ?? null;
  return [
    t("mri.slice_of", { slice: slice + 1, slices: volume.slices }),
    ...(height === null ? [] : [t("mri.height", { mm: number(height, 1) })]),
    score === null ? t("mri.score_none") : t("mri.score", { score: number(score, 2) }),
  ].join(" · ");
}
