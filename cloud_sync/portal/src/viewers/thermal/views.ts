// The ways to look at a thermogram, and what each needs.

import { type Field, resample, type Rendering } from "../picture/field";
import { paint } from "../picture/paint";
import { ISOTHERM, type PaletteName } from "../picture/palette";
import { type Body, differenceField, mirrored } from "./body";
import { type Capture, limitOf } from "./capture";

export type View = "temperature" | "asymmetry" | "map" | "mirror";
export const VIEWS: readonly View[] = ["temperature", "asymmetry", "map", "mirror"];

export interface Look {
  readonly view: View;
  readonly palette: PaletteName;
  readonly rendering: Rendering;
  readonly low: number;
  readonly high: number;
  /** A band of temperatures drawn in one colour. */
  readonly isotherm: { readonly low: number; readonly high: number } | null;
  readonly opacity: number;
}

export interface OverlayKind {
  readonly palette: PaletteName;
  readonly unit: string;
  /** Smallest value at the ends of the scale: noise alone must not fill it. */
  readonly least: number;
  readonly decimals: number;
}

export const OVERLAYS: Readonly<Record<"asymmetry" | "map", OverlayKind>> = {
  asymmetry: { palette: "vik", unit: "K", least: 1, decimals: 1 },
  map: { palette: "bam", unit: "p", least: 0.05, decimals: 2 },
};

export interface Layers {
  readonly capture: Capture;
  readonly asymmetry: Field | null;
  readonly reflection: Field | null;
}

export function layersOf(capture: Capture, body: Body | null): Layers {
  return {
    capture,
    reflection: body && mirrored(capture.celsius, body.midline),
    asymmetry: capture.asymmetry ?? (body && differenceField(capture.celsius, body)),
  };
}

export function overlayOf(view: View, layers: Layers): { readonly field: Field; readonly kind: OverlayKind; readonly limit: number } | null {
  if (view !== "asymmetry" && view !== "map") return null;
  const field = view === "asymmetry" ? layers.asymmetry : layers.capture.map;
  const kind = OVERLAYS[view];
  return field && { field, kind, limit: limitOf(field, kind.least) };
}

/** What a picture with an overlay is drawn in: colour belongs to the overlay. */
export function basePalette(look: Look): PaletteName {
  return look.view === "asymmetry" || look.view === "map" ? "grey" : look.palette;
}

export function isothermBand(look: Look) {
  return look.isotherm && { ...look.isotherm, colour: ISOTHERM[basePalette(look)] };
}

export function render(layers: Layers, look: Look, width: number, height: number): Uint8ClampedArray<ArrayBuffer> {
  const base = look.view === "mirror" && layers.reflection ? layers.reflection : layers.capture.celsius;
  const overlay = overlayOf(look.view, layers);
  return paint(resample(base, height, width, look.rendering), look, basePalette(look), {
    band: isothermBand(look),
    overlay: overlay && {
      values: resample(overlay.field, height, width, look.rendering),
      palette: overlay.kind.palette,
      limit: overlay.limit,
      opacity: look.opacity,
    },
  });
}
