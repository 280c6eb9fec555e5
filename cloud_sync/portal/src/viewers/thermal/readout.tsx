import { measured, number, signed } from "../../format";
import { t } from "../../i18n";
import type { Reading } from "./reading";

export interface ReadoutProps {
  readonly id: string;
  readonly reading: Reading | null;
  /** Read out by a screen reader: the keyboard moved the cursor. */
  readonly live: boolean;
  readonly mirrored: boolean;
}

/** What is under the cursor, in words. */
export function Readout({ id, reading, live, mirrored }: ReadoutProps) {
  return (
    <p class="readout" id={id} aria-live={live ? "polite" : "off"}>
      {reading ? <Known reading={reading} mirrored={mirrored} /> : <span class="subtle">{t("thermogram.point")}</span>}
    </p>
  );
}

function Known({ reading, mirrored }: { readonly reading: Reading; readonly mirrored: boolean }) {
  const { celsius, withinK, absoluteK, otherSide, map } = reading;
  if (celsius === null) return <span>{t("thermogram.no_value")}</span>;
  return (
    <>
      <strong class="ltr">{number(celsius, 2)} ± {withinK === null ? "?" : number(withinK, 2)} °C</strong>
      {absoluteK !== null && <span class="subtle" title={t("thermogram.absolute_title")}> {t("thermogram.absolute", { spread: `\u2066± ${number(absoluteK, 2)} K\u2069` })}</span>}
      {otherSide && !mirrored && <span> · {t("thermogram.other_side")} <b class="ltr">{measured(otherSide.differenceK, otherSide.uncertaintyK, 2, "K")}</b></span>}
      {map !== null && <span> · {t("thermogram.map_here")} <b class="ltr">{signed(map, 3)}</b></span>}
      {reading.bad && <span class="mark"> · {t("thermogram.bad_here")}</span>}
      <span class="subtle"> · {t("thermogram.place", { column: reading.column + 1, row: reading.row + 1 })}</span>
    </>
  );
}
