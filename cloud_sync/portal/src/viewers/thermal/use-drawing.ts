// Cursor and pencil on a thermogram: pointer and keyboard move the one and draw, hold and drop regions with the other.

import { useState } from "preact/hooks";
import type { PointerKind } from "../picture/board";
import type { Shape } from "../types";
import type { Draft } from "./marks";
import type { Drawn, Regions } from "./use-regions";

export type Tool = "cursor" | Shape;

export interface Cursor {
  readonly row: number;
  readonly column: number;
  readonly byKey: boolean;
}

export interface Drawing {
  readonly cursor: Cursor | null;
  readonly tool: Tool;
  readonly setTool: (tool: Tool) => void;
  readonly draft: Draft | null;
  /** Fingers and mouse belong to the picture, not to the page. */
  readonly grabs: boolean;
  readonly onPointer: (kind: PointerKind, x: number, y: number, event: PointerEvent) => void;
  readonly onKey: (event: KeyboardEvent) => void;
}

interface Held {
  readonly region: Drawn;
  readonly x: number;
  readonly y: number;
}

const ARROWS: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** `locked`: regions are neither shown nor drawn (the mirrored picture). */
export function useDrawing(rows: number, columns: number, regions: Regions, locked: boolean): Drawing {
  const [cursor, setCursor] = useState<Cursor | null>(null);
  const [tool, setTool] = useState<Tool>("cursor");
  const [draft, setDraft] = useState<Draft | null>(null);
  const [held, setHeld] = useState<Held | null>(null);
  const middle = { row: Math.floor(rows / 2), column: Math.floor(columns / 2) };

  const drop = (): void => {
    setDraft(null);
    setTool("cursor");
  };
  const finish = (ended: Draft): void => {
    if (ended.from[0] !== ended.to[0] && ended.from[1] !== ended.to[1]) regions.add(ended.shape, ended.from, ended.to);
    drop();
  };
  const press = (x: number, y: number, place: readonly [number, number]): void => {
    if (locked) return;
    if (tool !== "cursor") {
      setDraft({ shape: tool, from: place, to: place });
      return;
    }
    const region = regions.at(x, y);
    regions.select(region?.name ?? null);
    setHeld(region && { region, x: place[0], y: place[1] });
  };
  const drag = (place: readonly [number, number]): void => {
    if (draft) setDraft({ ...draft, to: place });
    if (!held) return;
    const step = [place[0] - held.x, place[1] - held.y] as const;
    if (step[0] !== 0 || step[1] !== 0) regions.nudge(held.region.name, step, [0, 0]);
    setHeld({ ...held, x: place[0], y: place[1] });
  };
  const onPointer: Drawing["onPointer"] = (kind, x, y, event) => {
    if (kind === "leave") {
      if (event.pointerType === "mouse" && !draft) setCursor(null);
      return;
    }
    const inside = x >= 0 && y >= 0 && x < columns && y < rows;
    setCursor(inside ? { row: Math.floor(y), column: Math.floor(x), byKey: false } : null);
    const place = [Math.round(x), Math.round(y)] as const;
    if (kind === "down") press(x, y, place);
    else if (kind === "move") drag(place);
    else {
      if (draft) finish({ ...draft, to: place });
      setHeld(null);
    }
  };

  const step = ([dx, dy]: readonly [number, number]): void => {
    const from = cursor ?? middle;
    const column = Math.min(columns - 1, Math.max(0, from.column + dx));
    const row = Math.min(rows - 1, Math.max(0, from.row + dy));
    setCursor({ row, column, byKey: true });
    if (draft) setDraft({ ...draft, to: [farEdge(column, draft.from[0]), farEdge(row, draft.from[1])] });
  };
  const begin = (shape: Shape): void => {
    const at = cursor ?? middle;
    setCursor({ row: at.row, column: at.column, byKey: true });
    setDraft({ shape, from: [at.column, at.row], to: [at.column + 1, at.row + 1] });
  };
  const onKey = (event: KeyboardEvent): void => {
    const arrow = ARROWS[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (arrow) step(arrow);
    else if (event.key === "b" && !locked) begin("rectangle");
    else if (event.key === "e" && !locked) begin("ellipse");
    else if (event.key === "Enter" && draft) finish(draft);
    else if (event.key === "Escape" && (draft || tool !== "cursor")) drop();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return { cursor, tool, setTool, draft, grabs: tool !== "cursor" || held !== null, onPointer, onKey };
}

/** The far edge of the pixel `to`, seen from the edge `from`. */
function farEdge(to: number, from: number): number {
  return to >= from ? to + 1 : to;
}
