// Which slice is shown, how, and where the cursor is: the state of one MRI viewer.

import { useCallback, useMemo, useState } from "preact/hooks";
import type { Line } from "./measure";
import { type MriLook, PLAIN_LOOK } from "./paint";
import { mostSuspicious, type Volume } from "./volume";

export type MriTool = "scroll" | "window" | "measure";
/** In pixels of the slice; (0, 0) is the corner of the first pixel. */
export interface Spot {
  readonly x: number;
  readonly y: number;
  readonly byKey: boolean;
}

export interface Slices {
  readonly slice: number;
  readonly setSlice: (slice: number) => void;
  readonly suspicious: ReturnType<typeof mostSuspicious>;
  readonly look: MriLook;
  readonly change: (part: Partial<MriLook>) => void;
  readonly tool: MriTool;
  readonly setTool: (tool: MriTool) => void;
  readonly spot: Spot | null;
  readonly setSpot: (spot: Spot | null) => void;
  readonly lines: readonly Line[];
  readonly addLine: (line: Omit<Line, "name">) => void;
  readonly removeLine: (name: string) => void;
  readonly draft: Line | null;
  readonly setDraft: (line: Line | null) => void;
}

const MOST_LINES = 20;

export function useSlices(volume: Volume): Slices {
  const suspicious = useMemo(() => mostSuspicious(volume), [volume]);
  const [slice, setAny] = useState(suspicious.slice);
  const [look, setLook] = useState<MriLook>(PLAIN_LOOK);
  const [tool, setTool] = useState<MriTool>("scroll");
  const [spot, setSpot] = useState<Spot | null>(null);
  const [lines, setLines] = useState<readonly Line[]>([]);
  const [draft, setDraft] = useState<Line | null>(null);
  const setSlice = useCallback((wanted: number) => setAny(Math.min(volume.slices - 1, Math.max(0, Math.round(wanted)))), [volume]);
  const change = useCallback((part: Partial<MriLook>) => setLook((before) => ({ ...before, ...part })), []);
  const addLine = (line: Omit<Line, "name">): void => {
    const last = Number(lines.at(-1)?.name ?? 0);
    setLines([...lines.slice(lines.length >= MOST_LINES ? 1 : 0), { ...line, name: String(last + 1) }]);
  };
  const removeLine = (name: string): void => setLines(lines.filter((line) => line.name !== name));
  return { slice, setSlice, suspicious, look, change, tool, setTool, spot, setSpot, lines, addLine, removeLine, draft, setDraft };
}
