// How two compared thermograms are drawn: one range and one palette for both.

import { number } from "../../format";
import { t } from "../../i18n";
import type { Rendering } from "../picture/field";
import type { Range } from "../picture/paint";
import { type PaletteName, SEQUENTIAL } from "../picture/palette";
import { RangeSlider } from "../picture/range-slider";

export interface PairControlsProps {
  readonly range: Range;
  readonly setRange: (range: Range) => void;
  readonly domain: Range;
  readonly palette: PaletteName;
  readonly setPalette: (name: PaletteName) => void;
  readonly rendering: Rendering;
  readonly setRendering: (rendering: Rendering) => void;
  readonly laid: boolean;
  readonly setLaid: (laid: boolean) => void;
  readonly canLay: boolean;
}

export function PairControls({ range, setRange, domain, palette, setPalette, rendering, setRendering, laid, setLaid, canLay }: PairControlsProps) {
  const degrees = (value: number): string => `${number(value, 1)} °C`;
  return (
    <div class="controls">
      <div class="control">
        <span class="control-name">{t("thermogram.range")}</span>
        <RangeSlider
          min={Math.floor(Math.max(domain.low, range.low - 3))}
          max={Math.ceil(Math.max(domain.high, range.high))}
          step={0.1}
          low={range.low}
          high={range.high}
          labelLow={t("thermogram.range_low")}
          labelHigh={t("thermogram.range_high")}
          format={degrees}
          onChange={(low, high) => setRange({ low, high })}
        />
        <span class="control-value ltr">{number(range.low, 1)} – {degrees(range.high)}</span>
      </div>
      <div class="control wrap">
        <label class="pick">
          <span>{t("thermogram.palette")}</span>
          <select class="input" value={palette} onChange={(event) => setPalette(event.currentTarget.value as PaletteName)}>
            {SEQUENTIAL.map((name) => <option key={name} value={name}>{t(`thermogram.palette_${name}`)}</option>)}
          </select>
        </label>
        <label class="check">
          <input type="checkbox" checked={rendering === "smooth"} onChange={(event) => setRendering(event.currentTarget.checked ? "smooth" : "pixels")} />
          {t("thermogram.smooth")}
        </label>
        {canLay && (
          <label class="check">
            <input type="checkbox" checked={laid} onChange={(event) => setLaid(event.currentTarget.checked)} />
            {t("patient.laid")}
          </label>
        )}
      </div>
    </div>
  );
}
