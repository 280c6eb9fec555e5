// Numbers to colours.

import { colourIndex, palette, type PaletteName } from "./palette";

export interface Range {
  readonly low: number;
  readonly high: number;
}

export interface Overlay {
  /** As many values as the picture has places; NaN: nothing is laid over. */
  readonly values: Float32Array;
  readonly palette: PaletteName;
  /** Value at the ends of the palette; its middle is zero. */
  readonly limit: number;
  /** 0 to 1. */
  readonly opacity: number;
}

export interface Band extends Range {
  readonly colour: readonly [number, number, number];
}

/** Red, green, blue, alpha for each of `values`; what is unknown becomes `unknown`. */
export function paint(
  values: Float32Array,
  range: Range,
  name: PaletteName,
  options: { readonly band?: Band | null; readonly overlay?: Overlay | null; readonly unknown?: readonly [number, number, number] } = {},
): Uint8ClampedArray<ArrayBuffer> {
  const colours = palette(name);
  const { band = null, overlay = null, unknown = [40, 44, 48] } = options;
  const over = overlay && palette(overlay.palette);
  const scale = 1 / Math.max(range.high - range.low, 1e-9);
  const drawn = new Uint8ClampedArray(values.length * 4);
  for (let place = 0; place < values.length; place += 1) {
    const value = values[place] as number;
    let red: number;
    let green: number;
    let blue: number;
    if (Number.isNaN(value)) [red, green, blue] = unknown;
    else if (band && value >= band.low && value <= band.high) [red, green, blue] = band.colour;
    else {
      const index = colourIndex((value - range.low) * scale) * 3;
      red = colours[index] as number;
      green = colours[index + 1] as number;
      blue = colours[index + 2] as number;
    }
    if (overlay && over) {
      const fraction = (overlay.values[place] as number) / overlay.limit;
      if (!Number.isNaN(fraction)) {
        const strength = strengthOf(fraction) * overlay.opacity;
        const index = colourIndex(0.5 + fraction / 2) * 3;
        red += strength * ((over[index] as number) - red);
        green += strength * ((over[index + 1] as number) - green);
        blue += strength * ((over[index + 2] as number) - blue);
      }
    }
    drawn[place * 4] = red;
    drawn[place * 4 + 1] = green;
    drawn[place * 4 + 2] = blue;
    drawn[place * 4 + 3] = 255;
  }
  return drawn;
}

/** How much of what lies below an overlay hides: the more, the further it is from zero. */
export function strengthOf(fraction: number): number {
  return Math.min(1, Math.max(0, Math.abs(fraction) * 1.6 - 0.08));
}
