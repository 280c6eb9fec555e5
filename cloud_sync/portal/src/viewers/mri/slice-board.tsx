// One slice on the page, with wheel, drag and keyboard.

import { useCallback, useMemo, useRef } from "preact/hooks";
import { t } from "../../i18n";
import { Board, type PointerKind } from "../picture/board";
import type { Line } from "./measure";
import { lengthText } from "./words";
import { contour, renderSlice } from "./paint";
import type { Slices } from "./use-slices";
import { aspectOf, sliceOf, type Volume } from "./volume";

export interface SliceBoardProps {
  readonly volume: Volume;
  readonly state: Slices;
  readonly describedBy: string;
  /** Shown beside the slice's number in the label: which of two series this is. */
  readonly name?: string;
}

const DRAG_WINDOW = 1 / 300; // the whole window's width for 300 pixels of dragging

export function SliceBoard({ volume, state, describedBy, name = "" }: SliceBoardProps) {
  const { slice, look, tool, spot, draft } = state;
  const dragged = useRef<{ readonly x: number; readonly y: number; readonly shift: number; readonly factor: number; readonly slice: number } | null>(null);
  const turned = useRef(0);
  const draw = useCallback((width: number, height: number) => renderSlice(volume, slice, look, width, height), [volume, slice, look]);
  const outline = useMemo(
    () => (volume.segmentation && look.segmentation > 0 ? contour(sliceOf(volume, volume.segmentation, slice), 128) : ""),
    [volume, slice, look.segmentation > 0],
  );
  const onPointer = (kind: PointerKind, x: number, y: number, event: PointerEvent): void => {
    if (kind === "leave") {
      if (!dragged.current && !draft) state.setSpot(null);
      return;
    }
    const inside = x >= 0 && y >= 0 && x < volume.columns && y < volume.rows;
    state.setSpot(inside ? { x, y, byKey: false } : null);
    if (kind === "down") {
      if (tool === "measure") state.setDraft({ name: "", slice, x0: x, y0: y, x1: x, y1: y });
      else dragged.current = { x: event.clientX, y: event.clientY, shift: look.shift, factor: look.factor, slice };
    } else if (kind === "move" && draft) state.setDraft({ ...draft, x1: x, y1: y });
    else if (kind === "move" && dragged.current) drag(event);
    else if (kind === "up") {
      if (draft) finish({ ...draft, x1: x, y1: y });
      dragged.current = null;
    }
  };
  const drag = (event: PointerEvent): void => {
    const from = dragged.current;
    if (!from) return;
    const [right, down] = [event.clientX - from.x, event.clientY - from.y];
    if (tool === "window") state.change({ factor: clampFactor(from.factor * Math.exp(right / 200)), shift: from.shift + down * DRAG_WINDOW });
    else state.setSlice(from.slice - down / 8);
  };
  const finish = (line: Line): void => {
    if (Math.hypot(line.x1 - line.x0, line.y1 - line.y0) >= 1) state.addLine(line);
    state.setDraft(null);
  };
  const onWheel = useCallback(
    (event: WheelEvent) => {
      if (event.ctrlKey) return; // zooming the page
      event.preventDefault();
      turned.current += event.deltaMode === 0 ? event.deltaY : event.deltaY * 40;
      const steps = Math.trunc(turned.current / 40);
      turned.current -= steps * 40;
      if (steps) state.setSlice(slice - Math.sign(steps));
    },
    [slice, state.setSlice],
  );
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keyed(event, volume, state, finish)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const shown = state.lines.filter((line) => line.slice === slice);
  return (
    <Board
      columns={volume.columns}
      rows={volume.rows}
      aspect={aspectOf(volume)}
      draw={draw}
      label={`${name} ${t("mri.label", { slice: slice + 1, slices: volume.slices })}`.trim()}
      describedBy={describedBy}
      sides={{ left: "R", right: "L", top: "A", bottom: "P" }}
      onPointer={onPointer}
      onKey={onKey}
      onWheel={onWheel}
      grabs
    >
      {outline && <path class="contour" d={outline} />}
      {shown.map((line) => (
        <Measured key={line.name} line={line} volume={volume} />
      ))}
      {draft && draft.slice === slice && <Measured line={draft} volume={volume} />}
      {spot && (spot.byKey || tool === "measure") && <Cross x={spot.x} y={spot.y} size={volume.columns / 40} />}
    </Board>
  );
}

const ARROWS: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function clampFactor(factor: number): number {
  return Math.min(20, Math.max(0.02, factor));
}

/** Whether the key was one of the picture's: slices, window, or the ends of a line. */
function keyed(event: KeyboardEvent, volume: Volume, state: Slices, finish: (line: Line) => void): boolean {
  const step = ARROWS[event.key];
  const { look, slice, draft, tool } = state;
  if (step && event.shiftKey) state.change({ shift: look.shift + 0.02 * step[1], factor: clampFactor(look.factor * Math.exp(0.05 * step[0])) });
  else if (step && tool === "measure") moveSpot(step, volume, state);
  else if (event.key === "ArrowUp" || event.key === "PageUp") state.setSlice(slice + (event.key === "PageUp" ? 5 : 1));
  else if (event.key === "ArrowDown" || event.key === "PageDown") state.setSlice(slice - (event.key === "PageDown" ? 5 : 1));
  else if (step) moveSpot(step, volume, state);
  else if (event.key === "Home") state.setSlice(0);
  else if (event.key === "End") state.setSlice(volume.slices - 1);
  else if (event.key === "s") state.setSlice(state.suspicious.slice);
  else if (event.key === "m") state.setTool(tool === "measure" ? "scroll" : "measure");
  else if (event.key === "0") state.change({ shift: 0, factor: 1 });
  else if (event.key === "Enter" && tool === "measure") {
    const spot = state.spot ?? middle(volume);
    if (draft) finish({ ...draft, x1: spot.x, y1: spot.y });
    else {
      state.setSpot({ ...spot, byKey: true });
      state.setDraft({ name: "", slice, x0: spot.x, y0: spot.y, x1: spot.x, y1: spot.y });
    }
  } else if (event.key === "Escape" && draft) state.setDraft(null);
  else return false;
  return true;
}

function middle(volume: Volume): { readonly x: number; readonly y: number } {
  return { x: Math.floor(volume.columns / 2) + 0.5, y: Math.floor(volume.rows / 2) + 0.5 };
}

function moveSpot(step: readonly [number, number], volume: Volume, state: Slices): void {
  const from = state.spot ?? middle(volume);
  const within = (value: number, size: number): number => Math.min(size - 0.5, Math.max(0.5, value));
  const spot = { x: within(from.x + step[0], volume.columns), y: within(from.y + step[1], volume.rows), byKey: true };
  state.setSpot(spot);
  if (state.draft) state.setDraft({ ...state.draft, x1: spot.x, y1: spot.y });
}

function Cross({ x, y, size }: { readonly x: number; readonly y: number; readonly size: number }) {
  const path = `M${x - size} ${y}h${2 * size}M${x} ${y - size}v${2 * size}`;
  return (
    <>
      <path class="halo" d={path} />
      <path class="cursor" d={path} />
    </>
  );
}

function Measured({ line, volume }: { readonly line: Line; readonly volume: Volume }) {
  const { x0, y0, x1, y1 } = line;
  // The drawing's units are pixels, which need not be square: the text is stretched back.
  const stretch = volume.spacing.row !== null && volume.spacing.column !== null ? volume.spacing.row / volume.spacing.column : 1;
  const size = volume.columns / 28;
  return (
    <>
      <line class="halo" x1={x0} y1={y0} x2={x1} y2={y1} />
      <line class="measure" x1={x0} y1={y0} x2={x1} y2={y1} />
      <text class="length" transform={`translate(${Math.max(x0, x1) + size / 4} ${(x0 > x1 ? y0 : y1) + size / 3}) scale(${stretch} 1)`} style={{ fontSize: `${size}px` }}>
        {line.name && `${line.name}: `}{lengthText(line, volume)}
      </text>
    </>
  );
}
