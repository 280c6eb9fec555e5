// What is drawn over a thermogram, in pixels of the sensor: cursor, broken pixels, midline, regions.

import type { Box, Shape } from "../types";
import type { Capture } from "./capture";
import { boxBetween } from "./regions";
import type { Drawn, Place } from "./use-regions";

export interface Draft {
  readonly shape: Shape;
  readonly from: Place;
  readonly to: Place;
}

export interface MarksProps {
  readonly capture: Capture;
  readonly showBad: boolean;
  readonly cursor: { readonly row: number; readonly column: number } | null;
  readonly midline: number | null;
  /** Column, in pixel centres, that mirrors the cursor's. */
  readonly facing: number | null;
  readonly drawn: readonly Drawn[];
  readonly selected: string | null;
  readonly draft: Draft | null;
}

export function Marks({ capture, showBad, cursor, midline, facing, drawn, selected, draft }: MarksProps) {
  const { rows, columns } = capture.celsius;
  const bad = showBad ? [...capture.bad.keys()].filter((index) => capture.bad[index]) : [];
  return (
    <>
      {bad.length > 0 && <path class="bad" d={bad.map((index) => cross(index % columns, Math.floor(index / columns))).join("")} />}
      {midline !== null && <line class="midline" x1={midline + 0.5} x2={midline + 0.5} y1={0} y2={rows} />}
      {drawn.map((region) => (
        <Outline key={region.name} shape={region.shape} box={region.box} name={region.name} chosen={region.name === selected} />
      ))}
      {draft && <Outline shape={draft.shape} box={boxBetween(draft.from[0], draft.from[1], draft.to[0], draft.to[1], rows, columns)} name="" chosen />}
      {cursor && facing !== null && facing >= 0 && facing <= columns - 1 && <Pixel x={facing} y={cursor.row} kind="facing" />}
      {cursor && <Pixel x={cursor.column} y={cursor.row} kind="cursor" />}
    </>
  );
}

function cross(x: number, y: number): string {
  return `M${x + 0.2} ${y + 0.2}L${x + 0.8} ${y + 0.8}M${x + 0.8} ${y + 0.2}L${x + 0.2} ${y + 0.8}`;
}

function Pixel({ x, y, kind }: { readonly x: number; readonly y: number; readonly kind: string }) {
  return (
    <>
      <rect class="halo" x={x} y={y} width={1} height={1} />
      <rect class={kind} x={x} y={y} width={1} height={1} />
    </>
  );
}

function Outline({ shape, box, name, chosen }: { readonly shape: Shape; readonly box: Box; readonly name: string; readonly chosen: boolean }) {
  const { left, top, width, height } = box;
  const draw = (kind: string) =>
    shape === "rectangle" ? (
      <rect class={kind} x={left} y={top} width={width} height={height} />
    ) : (
      <ellipse class={kind} cx={left + width / 2} cy={top + height / 2} rx={width / 2} ry={height / 2} />
    );
  return (
    <>
      {draw("halo")}
      {draw(chosen ? "region chosen" : "region")}
      {name && (
        <text class="region-name" x={left + 0.15} y={top > 1.2 ? top - 0.25 : top + height + 1.1}>
          {name}
        </text>
      )}
    </>
  );
}
