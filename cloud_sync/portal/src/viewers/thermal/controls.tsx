// How the picture is drawn: palette, range, isotherm, opacity.

import { Button } from "../../components/button";
import { number } from "../../format";
import { t } from "../../i18n";
import { gradient, SEQUENTIAL, type PaletteName } from "../picture/palette";
import { RangeSlider } from "../picture/range-slider";
import { basePalette, isothermBand, type Look } from "./views";

export interface ControlsProps {
  readonly look: Look;
  /** Lowest and highest temperature of the sliders, °C. */
  readonly domain: { readonly low: number; readonly high: number };
  readonly change: (part: Partial<Look>) => void;
  readonly fitBody: () => void;
  readonly fitAll: () => void;
  readonly marksBad: boolean;
  readonly setMarksBad: (on: boolean) => void;
  readonly bad: number;
}

const STEP = 0.1;
const degrees = (value: number): string => `${number(value, 1)} °C`;

export function Controls({ look, domain, change, fitBody, fitAll, marksBad, setMarksBad, bad }: ControlsProps) {
  const overlaid = look.view === "asymmetry" || look.view === "map";
  const band = isothermBand(look);
  const middle = (look.low + look.high) / 2;
  return (
    <div class="controls">
      <div class="control">
        <span class="control-name">{t("thermogram.range")}</span>
        <RangeSlider
          min={domain.low}
          max={domain.high}
          step={STEP}
          low={look.low}
          high={look.high}
          labelLow={t("thermogram.range_low")}
          labelHigh={t("thermogram.range_high")}
          format={degrees}
          fill={gradient(basePalette(look), "to right")}
          onChange={(low, high) => change({ low, high })}
        />
        <span class="control-value ltr">{number(look.low, 1)} – {degrees(look.high)}</span>
        <span class="row">
          <Button look="quiet" onClick={fitBody}>{t("thermogram.fit_body")}</Button>
          <Button look="quiet" onClick={fitAll}>{t("thermogram.fit_all")}</Button>
        </span>
      </div>
      <div class="control">
        <label class="check control-name">
          <input
            type="checkbox"
            checked={look.isotherm !== null}
            onChange={(event) => change({ isotherm: event.currentTarget.checked ? { low: middle, high: Math.min(look.high, middle + 0.5) } : null })}
          />
          {t("thermogram.isotherm")}
        </label>
        {look.isotherm && (
          <>
            <RangeSlider
              min={domain.low}
              max={domain.high}
              step={STEP}
              low={look.isotherm.low}
              high={look.isotherm.high}
              labelLow={t("thermogram.isotherm_low")}
              labelHigh={t("thermogram.isotherm_high")}
              format={degrees}
              {...(band ? { fill: `rgb(${band.colour.join(" ")})` } : {})}
              onChange={(low, high) => change({ isotherm: { low, high } })}
            />
            <span class="control-value ltr">{number(look.isotherm.low, 1)} – {degrees(look.isotherm.high)}</span>
          </>
        )}
      </div>
      <div class="control wrap">
        <label class="pick">
          <span>{t("thermogram.palette")}</span>
          <select class="input" value={look.palette} disabled={overlaid} onChange={(event) => change({ palette: event.currentTarget.value as PaletteName })}>
            {SEQUENTIAL.map((name) => (
              <option key={name} value={name}>{t(`thermogram.palette_${name}`)}</option>
            ))}
          </select>
        </label>
        {overlaid && (
          <label class="pick">
            <span>{t("thermogram.opacity")}</span>
            <input
              type="range"
              dir="ltr"
              min={0}
              max={1}
              step={0.05}
              value={look.opacity}
              aria-valuetext={`${number(look.opacity * 100, 0)} %`}
              onInput={(event) => change({ opacity: Number(event.currentTarget.value) })}
            />
          </label>
        )}
        <label class="check">
          <input type="checkbox" checked={look.rendering === "smooth"} onChange={(event) => change({ rendering: event.currentTarget.checked ? "smooth" : "pixels" })} />
          {t("thermogram.smooth")}
        </label>
        {bad > 0 && (
          <label class="check">
            <input type="checkbox" checked={marksBad} onChange={(event) => setMarksBad(event.currentTarget.checked)} />
            {t("thermogram.mark_bad", { count: bad })}
          </label>
        )}
      </div>
    </div>
  );
}
