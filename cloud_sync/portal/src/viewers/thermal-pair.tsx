// Two thermograms of one patient, registered to each other: the same scale, one cursor in all pictures, and what changed.

import { useCallback, useId, useMemo, useState } from "preact/hooks";
import { FaultView } from "../components/fault";
import { Fault } from "../data/cloud";
import { signed } from "../format";
import { t } from "../i18n";
import type { Side } from "../pages/compare";
import { Board, type PointerKind } from "./picture/board";
import { type Field, resample, type Rendering } from "./picture/field";
import { paint, type Range } from "./picture/paint";
import type { PaletteName } from "./picture/palette";
import { WideScale } from "./picture/wide-scale";
import { contour } from "./mri/paint";
import { findBody } from "./thermal/body";
import { bodyRange, type Capture, limitOf } from "./thermal/capture";
import { changeOf, FEWEST_TOUCHING, PLACEMENT_U_PX } from "./thermal/change";
import { PairControls } from "./thermal/pair-controls";
import { Facts, markedText, PairReadout, Registration, type Spot } from "./thermal/pair-words";
import { tryRead } from "./thermal/read";
import { IDENTITY, mapped, register, unmapped } from "./thermal/register";
import { type Budget, budgetOf } from "./thermal/uncertainty";
import { VisitHead } from "./visit-head";
import "./viewers.css";

export interface ThermalPairProps {
  readonly before: Side;
  readonly after: Side;
}

export default function ThermalPair({ before, after }: ThermalPairProps) {
  const [a, b] = useMemo(() => [tryRead(before.main), tryRead(after.main)], [before, after]);
  const failed = !a.ok ? a : !b.ok ? b : null;
  if (failed) return <FaultView error={failed.fault} />;
  if (!a.ok || !b.ok) return null;
  const same = a.capture.celsius.rows === b.capture.celsius.rows && a.capture.celsius.columns === b.capture.celsius.columns;
  if (!same) return <FaultView error={new Fault("damaged", "The two pictures have not the same number of pixels.")} />;
  return <Pair before={before} after={after} a={a.capture} b={b.capture} />;
}

interface PairProps extends ThermalPairProps {
  readonly a: Capture;
  readonly b: Capture;
}

function Pair({ before, after, a, b }: PairProps) {
  const result = useMemo(() => register(a.celsius, b.celsius), [a, b]);
  const budgets = useMemo(() => [budgetFor(before, a), budgetFor(after, b)] as const, [before, after, a, b]);
  const change = useMemo(() => (result.ok ? changeOf(a.celsius, result, budgets[0], budgets[1]) : null), [result, a, budgets]);
  const [laid, setLaid] = useState(true);
  const [palette, setPalette] = useState<PaletteName>("inferno");
  const [rendering, setRendering] = useState<Rendering>("smooth");
  const [range, setRange] = useState<Range>(() => together(bodyRange(a), bodyRange(b)));
  const [spot, setSpot] = useState<Spot | null>(null);
  const readoutId = useId();
  const transform = result.ok ? result.transform : IDENTITY;
  const isMoved = result.ok && laid;
  const seenB = result.ok && laid ? result.moved : b.celsius;
  const limit = change ? limitOf(change.difference, 1) : 1;
  const { rows, columns } = a.celsius;

  const drawA = usePainted(a.celsius, range, palette, rendering);
  const drawB = usePainted(seenB, range, palette, rendering);
  const drawChange = useCallback(
    (width: number, height: number) =>
      paint(resample(a.celsius, height, width, rendering), range, "grey", {
        overlay: change && { values: resample(change.difference, height, width, rendering), palette: "vik", limit, opacity: 0.95 },
      }),
    [a, range, rendering, change, limit],
  );
  const outline = useMemo(() => (change ? contour({ rows, columns, values: Float32Array.from(change.marked) }, 1) : ""), [change]);

  const point = (toA: (x: number, y: number) => readonly [number, number]) => (kind: PointerKind, x: number, y: number) => {
    if (kind === "leave") setSpot(null);
    else if (x >= 0 && y >= 0 && x < columns && y < rows) {
      const [u, v] = toA(Math.floor(x), Math.floor(y));
      setSpot({ x: u, y: v, byKey: false });
    }
  };
  const onKey = (event: KeyboardEvent): void => {
    const step = ARROWS[event.key];
    if (!step) return;
    const from = spot ?? { x: Math.floor(columns / 2), y: Math.floor(rows / 2) };
    setSpot({ x: Math.min(columns - 1, Math.max(0, Math.round(from.x) + step[0])), y: Math.min(rows - 1, Math.max(0, Math.round(from.y) + step[1])), byKey: true });
    event.preventDefault();
    event.stopPropagation();
  };
  const inB = spot && (isMoved || !result.ok ? ([spot.x, spot.y] as const) : mapped(transform, spot.x, spot.y, columns, rows));
  const board = (label: string, draw: Draw, at: readonly [number, number] | null, toA: (x: number, y: number) => readonly [number, number], extra?: preact.ComponentChildren) => (
    <div class="picture">
      <Board columns={columns} rows={rows} draw={draw} label={label} describedBy={readoutId} sides={{ left: "R", right: "L" }} onPointer={point(toA)} onKey={onKey}>
        {extra}
        {at && <Marker x={at[0]} y={at[1]} />}
      </Board>
    </div>
  );
  const straight = (x: number, y: number) => [x, y] as const;
  return (
    <div role="group" class="viewer thermal-pair stack" aria-label={t("patient.compare")}>
      <Registration result={result} />
      <Facts before={before} after={after} change={change} />
      <div class={change ? "pair three" : "pair"}>
        <div>
          <VisitHead which="before" record={before.record} />
          {board(t("patient.picture_label", { which: t("patient.before") }), drawA, spot && [spot.x, spot.y], straight)}
        </div>
        <div>
          <VisitHead which="after" record={after.record} />
          {board(t("patient.picture_label", { which: t("patient.after") }), drawB, inB, isMoved || !result.ok ? straight : (x, y) => unmapped(transform, x, y, columns, rows))}
        </div>
        {change && (
          <div>
            <header class="visit-head">
              <h2>{t("patient.difference_image")}</h2>
              <p class="subtle">{markedText(change)}</p>
            </header>
            {board(t("patient.difference_label"), drawChange, spot && [spot.x, spot.y], straight, outline && <><path class="halo" d={outline} /><path class="marked" d={outline} /></>)}
          </div>
        )}
      </div>
      <PairReadout id={readoutId} spot={spot} a={a.celsius} b={b.celsius} result={result} change={change} budgets={budgets} />
      <div class="pair-scales">
        <WideScale title="°C" palette={palette} low={range.low} high={range.high} />
        {change && <WideScale title={`Δ K`} palette="vik" low={-limit} high={limit} isSigned />}
      </div>
      <p class="subtle small">
        {t("patient.scale_shared")} {change && t("patient.difference_explained", { mean: signed(change.shiftK, 2), px: PLACEMENT_U_PX, fewest: FEWEST_TOUCHING })}
      </p>
      <PairControls {...{ range, setRange, palette, setPalette, rendering, setRendering, laid, setLaid }} domain={together(bodyRange(a, true), bodyRange(b, true))} canLay={result.ok} />
    </div>
  );
}

type Draw = (width: number, height: number) => Uint8ClampedArray<ArrayBuffer>;
const ARROWS: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function usePainted(image: Field, range: Range, palette: PaletteName, rendering: Rendering): Draw {
  return useCallback((width: number, height: number) => paint(resample(image, height, width, rendering), range, palette), [image, range, palette, rendering]);
}

function budgetFor(side: Side, capture: Capture): Budget {
  return budgetOf(side.record, findBody(capture.celsius)?.skinC ?? 33);
}

function together(one: Range, other: Range): Range {
  return { low: Math.min(one.low, other.low), high: Math.max(one.high, other.high) };
}

function Marker({ x, y }: { readonly x: number; readonly y: number }) {
  return (
    <>
      <rect class="halo" x={x} y={y} width={1} height={1} />
      <rect class="cursor" x={x} y={y} width={1} height={1} />
    </>
  );
}
