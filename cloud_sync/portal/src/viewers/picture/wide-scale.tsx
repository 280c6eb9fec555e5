import { number, signed } from "../../format";
import { gradient, type PaletteName } from "./palette";
import { decimalsOf, niceTicks } from "./ticks";

export interface WideScaleProps {
  readonly title: string;
  readonly palette: PaletteName;
  readonly low: number;
  readonly high: number;
  readonly isSigned?: boolean;
}

/** A scale that lies, for pictures that share it. */
export function WideScale({ title, palette, low, high, isSigned = false }: WideScaleProps) {
  const ticks = niceTicks(low, high, 4);
  const decimals = decimalsOf(ticks);
  return (
    <div class="wide-scale" role="img" aria-label={title}>
      <span>{title}</span>
      <div class="strip" style={{ background: gradient(palette, "to right") }}>
        {ticks.map((tick) => (
          <span key={tick} class="tick" style={{ left: `${(100 * (tick - low)) / (high - low)}%` }}>
            {isSigned ? signed(tick, decimals) : number(tick, decimals)}
          </span>
        ))}
      </div>
    </div>
  );
}
