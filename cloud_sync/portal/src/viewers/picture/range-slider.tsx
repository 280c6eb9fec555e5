// Two ends of a range on one track. Two ordinary sliders, so that keyboard and screen readers know them. Numbers run from left to right
// in every language, as on the scale beside the picture.

export interface RangeSliderProps {
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly low: number;
  readonly high: number;
  readonly labelLow: string;
  readonly labelHigh: string;
  readonly format: (value: number) => string;
  readonly onChange: (low: number, high: number) => void;
  /** CSS background of what lies between the thumbs. */
  readonly fill?: string;
  readonly disabled?: boolean;
}

export function RangeSlider({ min, max, step, low, high, labelLow, labelHigh, format, onChange, fill, disabled = false }: RangeSliderProps) {
  const share = (value: number): number => (max > min ? Math.min(1, Math.max(0, (value - min) / (max - min))) : 0);
  const thumb = (value: number, label: string, change: (value: number) => void) => (
    <input
      type="range"
      min={min}
      max={max}
      step={step}
      value={value}
      disabled={disabled}
      aria-label={label}
      aria-valuetext={format(value)}
      onInput={(event) => change(Number(event.currentTarget.value))}
    />
  );
  return (
    <div class={disabled ? "range-slider off" : "range-slider"} dir="ltr">
      <span class="track">
        <span class="fill" style={{ left: `${100 * share(low)}%`, right: `${100 * (1 - share(high))}%`, ...(fill ? { background: fill } : {}) }} />
      </span>
      {thumb(low, labelLow, (value) => onChange(Math.min(value, high - step), high))}
      {thumb(high, labelHigh, (value) => onChange(low, Math.max(value, low + step)))}
    </div>
  );
}
