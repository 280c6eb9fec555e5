// A trend drawn by uPlot: values with twice their standard uncertainty as bars, changes that count marked, doubtful times hollow.

import uPlot from "uplot";
import { number } from "../../format";
import { language } from "../../i18n";
import { COVERAGE, type Point, type Quantity } from "./changes";

export interface ChartColours {
  readonly ink: string;
  readonly subtle: string;
  readonly line: string;
  readonly accent: string;
  readonly ground: string;
  readonly urgent: string;
}

export interface ChartOptions {
  readonly points: readonly Point[];
  readonly quantity: Quantity;
  readonly unit: string;
  readonly decimals: number;
  readonly current: string | null;
  readonly width: number;
  readonly height: number;
  readonly colours: ChartColours;
  /** Index of the point under the pointer, `null` for none. */
  readonly onPoint: (index: number | null) => void;
  readonly onChoose: (index: number) => void;
}

const DAY_S = 86_400;
const FONT = "12px system-ui, sans-serif";

/** The axis is linear in time, in seconds; a visit of one's own stands in the middle of two days. */
export function chart(place: HTMLElement, options: ChartOptions): uPlot {
  const { points, colours, width, height } = options;
  const times = points.map((point) => point.at / 1000);
  const axis = { stroke: colours.subtle, font: FONT, grid: { stroke: colours.line, width: 1 }, ticks: { stroke: colours.line, width: 1 } };
  const drawn = new uPlot(
    {
      width,
      height,
      legend: { show: false },
      cursor: { x: false, y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: { x: { time: true, range: () => padded(times) }, y: { range: () => valueRange(options) } },
      axes: [
        { ...axis, space: 70, incrs: [1, 2, 3, 7, 14, 30, 61, 91, 182, 365, 730, 1826].map((days) => days * DAY_S), values: (_, splits) => splits.map((split) => dayText(split, times)) },
        { ...axis, size: 52, values: (_, splits) => splits.map((split) => number(split, decimalsFor(splits))), splits: options.quantity === "probability" ? () => [0, 0.2, 0.4, 0.6, 0.8, 1] : undefined } as uPlot.Axis,
      ],
      series: [{}, { stroke: colours.line, width: 1.5, points: { show: false } }],
      hooks: {
        draw: [(plot) => marks(plot, options)],
        setCursor: [(plot) => options.onPoint(plot.cursor.idx ?? null)],
      },
    },
    [times, points.map((point) => point.value)],
    place,
  );
  drawn.over.addEventListener("click", () => {
    if (drawn.cursor.idx != null) options.onChoose(drawn.cursor.idx);
  });
  return drawn;
}

function padded(times: readonly number[]): [number, number] {
  const [low, high] = [times[0] ?? 0, times.at(-1) ?? 0];
  const room = Math.max(DAY_S, (high - low) * 0.06);
  return [low - room, high + room];
}

export function valueRange({ points, quantity }: Pick<ChartOptions, "points" | "quantity">): [number, number] {
  if (quantity === "probability") return [-0.04, 1.04];
  const reach = (point: Point): number => COVERAGE * (point.uncertainty ?? 0);
  const low = Math.min(0, ...points.map((point) => point.value - reach(point)));
  const high = Math.max(0, ...points.map((point) => point.value + reach(point)));
  const room = Math.max((high - low) * 0.12, 0.05);
  return [quantity === "lesion" && low === 0 ? 0 : low - room, high + room];
}

function decimalsFor(splits: readonly number[]): number {
  const step = splits.length > 1 ? Math.abs((splits[1] as number) - (splits[0] as number)) : 1;
  return step >= 1 ? 0 : step >= 0.1 ? 1 : 2;
}

function dayText(seconds: number, times: readonly number[]): string {
  const tag = language.value === "ar" ? "ar-u-nu-latn" : "en-GB";
  const long = (times.at(-1) ?? 0) - (times[0] ?? 0) > 300 * DAY_S;
  return new Intl.DateTimeFormat(tag, long ? { month: "short", year: "numeric" } : { day: "numeric", month: "short" }).format(new Date(seconds * 1000));
}

function marks(plot: uPlot, { points, colours, current }: ChartOptions): void {
  const { ctx } = plot;
  const ratio = uPlot.pxRatio;
  const y = (value: number): number => plot.valToPos(value, "y", true);
  ctx.save();
  const zero = y(0);
  if (zero > plot.bbox.top && zero < plot.bbox.top + plot.bbox.height) {
    stroke(ctx, colours.subtle, ratio, [], [[plot.bbox.left, zero], [plot.bbox.left + plot.bbox.width, zero]]);
  }
  for (const point of points) {
    const x = plot.valToPos(point.at / 1000, "x", true);
    const middle = y(point.value);
    if (point.uncertainty !== null) {
      const [high, low] = [y(point.value + COVERAGE * point.uncertainty), y(point.value - COVERAGE * point.uncertainty)];
      const cap = 4 * ratio;
      stroke(ctx, colours.accent, 1.5 * ratio, [], [[x, high], [x, low]]);
      for (const end of [high, low]) stroke(ctx, colours.accent, 1.5 * ratio, [], [[x - cap, end], [x + cap, end]]);
    }
    dot(ctx, x, middle, (point.record === current ? 6 : 4.5) * ratio, point, point.record === current, colours, ratio);
    if (point.change?.counts) triangle(ctx, x, y(point.value + COVERAGE * (point.uncertainty ?? 0)) - 9 * ratio, point.change.by > 0, colours.urgent, ratio);
  }
  ctx.restore();
}

function stroke(ctx: CanvasRenderingContext2D, colour: string, width: number, dash: number[], line: readonly (readonly [number, number])[]): void {
  ctx.beginPath();
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.setLineDash(dash);
  line.forEach(([x, y], index) => (index ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
  ctx.stroke();
}

function dot(ctx: CanvasRenderingContext2D, x: number, y: number, radius: number, point: Point, isCurrent: boolean, colours: ChartColours, ratio: number): void {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fillStyle = point.byArrival ? colours.ground : isCurrent ? colours.ink : colours.accent;
  ctx.fill();
  ctx.strokeStyle = isCurrent ? colours.ink : colours.accent;
  ctx.lineWidth = 2 * ratio;
  ctx.setLineDash(point.byArrival ? [2.5 * ratio, 2.5 * ratio] : []);
  ctx.stroke();
}

function triangle(ctx: CanvasRenderingContext2D, x: number, y: number, up: boolean, colour: string, ratio: number): void {
  const size = 5 * ratio;
  ctx.beginPath();
  ctx.moveTo(x, y - (up ? size : -size));
  ctx.lineTo(x - size, y + (up ? size : -size));
  ctx.lineTo(x + size, y + (up ? size : -size));
  ctx.closePath();
  ctx.fillStyle = colour;
  ctx.fill();
}
