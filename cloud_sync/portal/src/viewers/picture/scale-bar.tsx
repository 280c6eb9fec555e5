import { number, signed } from "../../format";
import { gradient, type PaletteName } from "./palette";
import { decimalsOf, niceTicks } from "./ticks";

export interface ScaleBarProps {
  readonly unit: string;
  readonly palette: PaletteName;
  readonly low: number;
  readonly high: number;
  /** Values have a sign, and zero is the middle. */
  readonly isSigned?: boolean;
  /** What the ends mean, in a word. */
  readonly ends?: readonly [low: string, high: string];
  readonly band?: { readonly low: number; readonly high: number; readonly colour: readonly [number, number, number] } | null;
  readonly label: string;
}

/** The colours of a picture with their values. */
export function ScaleBar({ unit, palette, low, high, isSigned = false, ends, band = null, label }: ScaleBarProps) {
  const ticks = niceTicks(low, high);
  const decimals = decimalsOf(ticks);
  const place = (value: number): string => `${Math.min(100, Math.max(0, (100 * (value - low)) / (high - low)))}%`;
  return (
    <div class="scale-bar" dir="ltr" role="img" aria-label={label}>
      <span class="unit">{unit}</span>
      {ends && <span class="end">{ends[1]}</span>}
      <div class="strip" style={{ background: gradient(palette, "to top") }}>
        {band && <span class="band" style={{ bottom: place(band.low), top: `calc(100% - ${place(band.high)})`, background: `rgb(${band.colour.join(" ")})` }} />}
        {ticks.map((tick) => (
          <span key={tick} class="tick" style={{ bottom: place(tick) }}>
            {isSigned ? signed(tick, decimals) : number(tick, decimals)}
          </span>
        ))}
      </div>
      {ends && <span class="end">{ends[0]}</span>}
    </div>
  );
}
