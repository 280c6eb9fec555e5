import { number } from "../../format";
import { t } from "../../i18n";
import type { Spot } from "./use-slices";
import type { Volume } from "./volume";
import { sliceText } from "./words";

export interface MriReadoutProps {
  readonly id: string;
  readonly volume: Volume;
  readonly slice: number;
  readonly spot: Spot | null;
}

/** Which slice this is, and what lies under the cursor. Read out when the slice changes. */
export function MriReadout({ id, volume, slice, spot }: MriReadoutProps) {
  return (
    <div class="readout" id={id}>
      <p aria-live="polite">
        <strong>{sliceText(volume, slice)}</strong>
      </p>
      <p class="subtle" aria-live={spot?.byKey ? "polite" : "off"}>{spot ? <Known volume={volume} slice={slice} spot={spot} /> : t("mri.point")}</p>
    </div>
  );
}

function Known({ volume, slice, spot }: { readonly volume: Volume; readonly slice: number; readonly spot: Spot }) {
  const [column, row] = [Math.floor(spot.x), Math.floor(spot.y)];
  const index = (slice * volume.rows + row) * volume.columns + column;
  const share = (values: ArrayLike<number> | null): string | null => (values ? number((values[index] ?? 0) / 255, 2) : null);
  const segmentation = share(volume.segmentation);
  const residual = share(volume.residual);
  return (
    <>
      {t("mri.signal", { value: number(volume.voxels[index] ?? null, 0) })}
      {segmentation !== null && ` · ${t("mri.segmentation_here", { value: segmentation })}`}
      {residual !== null && ` · ${t("mri.residual_here", { value: residual })}`}
      {` · ${t("mri.place", { column: column + 1, row: row + 1 })}`}
    </>
  );
}
