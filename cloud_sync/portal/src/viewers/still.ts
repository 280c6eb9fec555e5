// Pictures for the printed report: scale drawn, sides marked, always light.

import { Fault } from "../data/cloud";
import type { OpenedRecord } from "../data/record";
import { number, signed } from "../format";
import { t } from "../i18n";
import { contour, PLAIN_LOOK, renderSlice, SEGMENTED } from "./mri/paint";
import { readVolume } from "./mri/read";
import { aspectOf, mostSuspicious, sliceOf, type Volume } from "./mri/volume";
import { css, type PaletteName } from "./picture/palette";
import { decimalsOf, niceTicks } from "./picture/ticks";
import { findBody } from "./thermal/body";
import { bodyRange } from "./thermal/capture";
import { tryRead } from "./thermal/read";
import { basePalette, layersOf, type Look, overlayOf, render } from "./thermal/views";

export interface StillOptions {
  /** Width of the picture in pixels, scale and all. */
  readonly width: number;
  /** "temperature", or the left-right difference or the model's map over it. */
  readonly view?: "temperature" | "asymmetry" | "map";
}

export interface MriStillOptions {
  readonly width: number;
  /** Slice from 0; left out: the most suspicious one, or the middle. */
  readonly slice?: number;
  readonly segmentation?: boolean;
  /** For spacing and scores where the files have none. */
  readonly mri?: OpenedRecord["mri"];
}

type StillView = NonNullable<StillOptions["view"]>;

/** The views that a capture has. Throws a `Fault` where the bytes are no capture. */
export function stillViews(capture: Uint8Array): readonly StillView[] {
  const read = tryRead(capture);
  if (!read.ok) throw read.fault;
  const layers = layersOf(read.capture, findBody(read.capture.celsius));
  return (["temperature", "asymmetry", "map"] as const).filter((view) => view === "temperature" || overlayOf(view, layers) !== null);
}

/** `capture`: the bytes of capture.npz. Throws a `Fault` where they are no capture, or lack the view. */
export async function thermogramPng(capture: Uint8Array, options: StillOptions): Promise<Blob> {
  const read = tryRead(capture);
  if (!read.ok) throw read.fault;
  const layers = layersOf(read.capture, findBody(read.capture.celsius));
  const view = options.view ?? "temperature";
  const look: Look = { view, palette: "inferno", rendering: "smooth", isotherm: null, opacity: 0.95, ...bodyRange(read.capture) };
  const overlay = overlayOf(view, layers);
  if (view !== "temperature" && !overlay) throw new Fault("not_there", `The capture has no ${view}.`);
  const { rows, columns } = read.capture.celsius;
  const { sheet, width, height, unit } = begin(options.width, columns / rows, overlay ? 2 : 1);
  put(sheet, render(layers, look, width, height), width, height);
  letters(sheet, unit, width, height, { left: "R", right: "L" });
  const at = width + unit;
  scale(sheet, unit, at, height, { title: "°C", palette: basePalette(look), low: look.low, high: look.high, isSigned: false });
  if (overlay) scale(sheet, unit, at + unit * SCALE, height, { title: overlay.kind.unit, palette: overlay.kind.palette, low: -overlay.limit, high: overlay.limit, isSigned: true });
  return toPng(sheet);
}

/** `series`, `findings`: the bytes of series.npz and findings.npz. Throws a `Fault` where the series cannot be read. */
export async function mriPng(series: Uint8Array, findings: Uint8Array | null, options: MriStillOptions): Promise<Blob> {
  const read = readVolume(series, findings, options.mri ?? null);
  if (!read.ok) throw read.fault;
  const { volume } = read;
  const slice = Math.min(volume.slices - 1, Math.max(0, options.slice ?? mostSuspicious(volume).slice));
  const { sheet, width, height, unit } = begin(options.width, aspectOf(volume), 0);
  const shown = options.segmentation ?? true;
  put(sheet, renderSlice(volume, slice, { ...PLAIN_LOOK, segmentation: shown ? 0.25 : 0 }, width, height), width, height);
  if (shown && volume.segmentation) outline(sheet, volume, volume.segmentation, slice, width, height, unit);
  letters(sheet, unit, width, height, { left: "R", right: "L", top: "A", bottom: "P" });
  ruler(sheet, volume, width, height, unit);
  return toPng(sheet);
}

/** Width of one scale, in units of the letters' height. */
const SCALE = 4.6;

interface Sheet {
  readonly sheet: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
  /** Height of the letters. */
  readonly unit: number;
}

function begin(total: number, aspect: number, scales: number): Sheet {
  const canvas = document.createElement("canvas");
  const unit = Math.max(10, Math.round(total / 34));
  const width = Math.round(scales === 0 ? total : total - unit * (1 + SCALE * scales));
  canvas.width = Math.round(total);
  canvas.height = Math.round(width / aspect);
  const sheet = canvas.getContext("2d");
  if (!sheet) throw new Error("This browser draws no pictures.");
  sheet.fillStyle = "#fff";
  sheet.fillRect(0, 0, canvas.width, canvas.height);
  return { sheet, width, height: canvas.height, unit };
}

function put(sheet: CanvasRenderingContext2D, pixels: Uint8ClampedArray<ArrayBuffer>, width: number, height: number): void {
  sheet.putImageData(new ImageData(pixels, width, height), 0, 0);
}

interface Edges {
  readonly left: string;
  readonly right: string;
  readonly top?: string;
  readonly bottom?: string;
}

function letters(sheet: CanvasRenderingContext2D, unit: number, width: number, height: number, edges: Edges): void {
  sheet.font = `bold ${unit}px sans-serif`;
  sheet.textBaseline = "middle";
  sheet.textAlign = "center";
  const letter = (text: string, x: number, y: number): void => {
    sheet.fillStyle = "rgb(0 0 0 / 70%)";
    sheet.fillRect(x - unit * 0.7, y - unit * 0.7, unit * 1.4, unit * 1.4);
    sheet.fillStyle = "#fff";
    sheet.fillText(text, x, y);
  };
  letter(edges.left, unit, unit);
  letter(edges.right, width - unit, unit);
  if (edges.top) letter(edges.top, width / 2, unit);
  if (edges.bottom) letter(edges.bottom, width / 2, height - unit);
}

interface Scale {
  readonly title: string;
  readonly palette: PaletteName;
  readonly low: number;
  readonly high: number;
  readonly isSigned: boolean;
}

function scale(sheet: CanvasRenderingContext2D, unit: number, left: number, height: number, { title, palette, low, high, isSigned }: Scale): void {
  const [top, bottom] = [unit * 1.8, height - unit];
  for (let y = Math.round(top); y < bottom; y += 1) {
    sheet.fillStyle = css(palette, (bottom - y) / (bottom - top));
    sheet.fillRect(left, y, unit * 0.9, 1.5);
  }
  sheet.strokeStyle = sheet.fillStyle = "#1c2730";
  sheet.lineWidth = Math.max(1, unit / 14);
  sheet.strokeRect(left, top, unit * 0.9, bottom - top);
  sheet.font = `${unit}px sans-serif`;
  sheet.textAlign = "left";
  sheet.textBaseline = "middle";
  sheet.fillText(title, left, unit * 0.8);
  const ticks = niceTicks(low, high);
  const decimals = decimalsOf(ticks);
  for (const tick of ticks) {
    const y = bottom - ((tick - low) / (high - low)) * (bottom - top);
    sheet.fillRect(left + unit * 0.9, y - sheet.lineWidth / 2, unit * 0.35, sheet.lineWidth);
    sheet.fillText(isSigned ? signed(tick, decimals) : number(tick, decimals), left + unit * 1.45, y);
  }
}

function outline(sheet: CanvasRenderingContext2D, volume: Volume, segmentation: ArrayLike<number>, slice: number, width: number, height: number, unit: number): void {
  const placed = new Path2D();
  placed.addPath(new Path2D(contour(sliceOf(volume, segmentation, slice), 128)), new DOMMatrix().scale(width / volume.columns, height / volume.rows));
  sheet.strokeStyle = `rgb(${SEGMENTED.join(" ")})`;
  sheet.lineWidth = Math.max(1.5, unit / 8);
  sheet.stroke(placed);
}

/** How long 50 mm are in the picture, or that nobody knows. */
function ruler(sheet: CanvasRenderingContext2D, volume: Volume, width: number, height: number, unit: number): void {
  sheet.font = `${unit * 0.85}px sans-serif`;
  sheet.textAlign = "left";
  sheet.textBaseline = "alphabetic";
  const { column } = volume.spacing;
  const text = column === null ? t("mri.spacing_unknown_short") : "50 mm";
  const length = column === null ? 0 : (50 / (volume.columns * column)) * width;
  const y = height - unit;
  sheet.fillStyle = "rgb(0 0 0 / 70%)";
  sheet.fillRect(unit * 0.4, y - unit * 1.5, Math.max(length, sheet.measureText(text).width) + unit * 0.8, unit * 2);
  sheet.fillStyle = "#fff";
  sheet.fillText(text, unit * 0.8, y - unit * 0.4);
  if (length) sheet.fillRect(unit * 0.8, y, length, Math.max(2, unit / 6));
}

function toPng(sheet: CanvasRenderingContext2D): Promise<Blob> {
  return new Promise((done, failed) => sheet.canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("The picture could not be written."))), "image/png"));
}
