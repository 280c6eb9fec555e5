// Window, level and overlays of the slices.

import { Button } from "../../components/button";
import { number } from "../../format";
import { t } from "../../i18n";
import { type MriLook, windowFor } from "./paint";
import type { Volume, Window } from "./volume";

export interface MriControlsProps {
  readonly volume: Pick<Volume, "window" | "segmentation" | "residual">;
  readonly look: MriLook;
  readonly change: (part: Partial<MriLook>) => void;
  /** The window that fits the slice on the page; left out where two series share these controls. */
  readonly fit?: () => Window;
}

const PRESETS = { sent: { shift: 0, factor: 1 }, narrow: { shift: 0.1, factor: 0.5 }, wide: { shift: 0, factor: 1.8 } } as const;

export function MriControls({ volume, look, change, fit }: MriControlsProps) {
  const window = windowFor(volume.window, look);
  const toward = (wanted: Window): void => change({ factor: wanted.width / volume.window.width, shift: (wanted.centre - volume.window.centre) / volume.window.width });
  return (
    <div class="controls">
      <div class="control">
        <span class="control-name">{t("mri.window")}</span>
        <span class="pair">
          <Slider label={t("mri.level")} min={-1} max={1} step={0.01} value={look.shift} shown={number(window.centre, 0)} onChange={(shift) => change({ shift })} />
          <Slider
            label={t("mri.width")}
            min={-2.3}
            max={2.3}
            step={0.02}
            value={Math.log(look.factor)}
            shown={number(window.width, 0)}
            onChange={(power) => change({ factor: Math.exp(power) })}
          />
        </span>
        <span class="control-value ltr">{t("mri.window_value", { centre: number(window.centre, 0), width: number(window.width, 0) })}</span>
        <span class="row presets">
          {(Object.keys(PRESETS) as (keyof typeof PRESETS)[]).map((name) => (
            <Button key={name} look="quiet" onClick={() => change(PRESETS[name])}>{t(`mri.preset_${name}`)}</Button>
          ))}
          {fit && <Button look="quiet" onClick={() => toward(fit())}>{t("mri.preset_fit")}</Button>}
        </span>
      </div>
      <div class="control wrap">
        <Opacity name="segmentation" there={volume.segmentation !== null} value={look.segmentation} onChange={(segmentation) => change({ segmentation })} />
        <Opacity name="residual" there={volume.residual !== null} value={look.residual} onChange={(residual) => change({ residual })} />
        <label class="check">
          <input type="checkbox" checked={look.rendering === "smooth"} onChange={(event) => change({ rendering: event.currentTarget.checked ? "smooth" : "pixels" })} />
          {t("mri.smooth")}
        </label>
      </div>
    </div>
  );
}

interface SliderProps {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly value: number;
  readonly shown: string;
  readonly onChange: (value: number) => void;
}

function Slider({ label, min, max, step, value, shown, onChange }: SliderProps) {
  return (
    <label class="pick">
      <span>{label}</span>
      <input type="range" dir="ltr" min={min} max={max} step={step} value={value} aria-valuetext={shown} onInput={(event) => onChange(Number(event.currentTarget.value))} />
    </label>
  );
}

function Opacity({ name, there, value, onChange }: { readonly name: "segmentation" | "residual"; readonly there: boolean; readonly value: number; readonly onChange: (value: number) => void }) {
  if (!there) return <span class="subtle small">{t(`mri.${name}_none`)}</span>;
  return <Slider label={t(`mri.${name}`)} min={0} max={1} step={0.05} value={value} shown={`${number(value * 100, 0)} %`} onChange={onChange} />;
}
