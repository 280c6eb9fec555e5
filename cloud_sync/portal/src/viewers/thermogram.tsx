// The thermogram of one record, with everything that is measured on it.

import { useCallback, useId, useMemo, useState } from "preact/hooks";
import { Button } from "../components/button";
import { FaultView } from "../components/fault";
import type { OpenedRecord } from "../data/record";
import { t } from "../i18n";
import { Board } from "./picture/board";
import type { Range } from "./picture/paint";
import { save } from "./picture/save";
import { ScaleBar } from "./picture/scale-bar";
import { findBody } from "./thermal/body";
import { bodyRange, type Capture } from "./thermal/capture";
import { Controls } from "./thermal/controls";
import { toCsv } from "./thermal/csv";
import { Marks } from "./thermal/marks";
import { Photo } from "./thermal/photo";
import { tryRead } from "./thermal/read";
import { type Reading, readingAt } from "./thermal/reading";
import { Readout } from "./thermal/readout";
import { RegionList } from "./thermal/region-list";
import { available, ToolBar } from "./thermal/tool-bar";
import { Trust } from "./thermal/trust";
import { type Budget, budgetOf } from "./thermal/uncertainty";
import { type Cursor, useDrawing } from "./thermal/use-drawing";
import { useRegions } from "./thermal/use-regions";
import { basePalette, isothermBand, type Layers, layersOf, type Look, overlayOf, render, type View, VIEWS } from "./thermal/views";
import type { Measurement } from "./types";
import "./viewers.css";

export interface ThermogramProps {
  /** The bytes of `capture.npz`. */
  readonly capture: Uint8Array;
  /** The bytes of `photo.jpg`. */
  readonly photo: Uint8Array | null;
  readonly record: OpenedRecord;
  /** A region was drawn or moved. */
  readonly onMeasure?: (measurement: Measurement) => void;
}

export function Thermogram({ capture, photo, record, onMeasure }: ThermogramProps) {
  const read = useMemo(() => tryRead(capture), [capture]);
  if (!read.ok) return <FaultView error={read.fault} />;
  return <Viewer key={record.summary.id} capture={read.capture} bytes={capture} photo={photo} record={record} {...(onMeasure ? { onMeasure } : {})} />;
}

interface ViewerProps extends Omit<ThermogramProps, "capture"> {
  readonly capture: Capture;
  readonly bytes: Uint8Array;
}

function Viewer({ capture, bytes, photo, record, onMeasure }: ViewerProps) {
  const { rows, columns } = capture.celsius;
  const body = useMemo(() => findBody(capture.celsius), [capture]);
  const layers = useMemo(() => layersOf(capture, body), [capture, body]);
  const budget = useMemo(() => budgetOf(record, body?.skinC ?? 33), [record, body]);
  const [look, setLook] = useState<Look>(() => ({ view: "temperature", palette: "inferno", rendering: "smooth", isotherm: null, opacity: 0.9, ...bodyRange(capture) }));
  const [marksBad, setMarksBad] = useState(true);
  const isMirror = look.view === "mirror";
  const regions = useRegions(capture, budget, body?.midline ?? null, onMeasure);
  const drawing = useDrawing(rows, columns, regions, isMirror);
  const { cursor } = drawing;
  const readoutId = useId();
  const change = useCallback((part: Partial<Look>) => setLook((before) => ({ ...before, ...part })), []);
  const draw = useCallback((width: number, height: number) => render(layers, look, width, height), [layers, look]);
  const reading = useMemo(() => readAt(layers, budget, isMirror, cursor), [layers, budget, isMirror, cursor]);
  const show = (view: View): void => {
    if (!available(view, layers)) return;
    change({ view });
    drawing.setTool("cursor");
  };
  const onShortcut = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLSelectElement) return;
    const view = VIEWS[Number(event.key) - 1];
    if (view) show(view);
    else if (event.key === "s") change({ rendering: look.rendering === "smooth" ? "pixels" : "smooth" });
    else if (event.key === "w") change(bodyRange(capture, true));
    else return;
    event.stopPropagation();
  };
  return (
    <div role="group" class="viewer thermogram" aria-label={t("thermogram.title")} onKeyDown={onShortcut}>
      <div class="viewer-grid">
        <div class="viewer-main">
          <ToolBar view={look.view} layers={layers} show={show} tool={drawing.tool} setTool={drawing.setTool} />
          <div class="picture">
            <Board
              columns={columns}
              rows={rows}
              draw={draw}
              label={t("thermogram.label", { view: t(`thermogram.view_${look.view}`) })}
              describedBy={readoutId}
              sides={isMirror ? { left: "L", right: "R" } : { left: "R", right: "L" }}
              onPointer={drawing.onPointer}
              onKey={drawing.onKey}
              grabs={drawing.grabs}
            >
              <Marks
                capture={capture}
                showBad={marksBad && !isMirror}
                cursor={cursor}
                midline={look.view === "temperature" ? null : (body?.midline ?? null)}
                facing={!isMirror && cursor && body ? 2 * body.midline - cursor.column : null}
                drawn={isMirror ? [] : regions.drawn}
                selected={regions.selected}
                draft={drawing.draft}
              />
            </Board>
            <Scales look={look} layers={layers} />
          </div>
          <Readout id={readoutId} reading={reading} live={cursor?.byKey ?? false} mirrored={isMirror} />
          <p class="caption subtle small">
            {t(`thermogram.explain_${look.view}`)} {t(isMirror ? "thermogram.drawn_mirror" : look.rendering === "smooth" ? "thermogram.drawn_smooth" : "thermogram.drawn_pixels", { columns, rows })}{" "}
            {t("thermogram.sides")} {!body && t("thermogram.no_body")}
          </p>
          <div class="side-block">
            <h3>{t("thermogram.regions")}</h3>
            <RegionList rows={regions.rows} selected={regions.selected} select={regions.select} remove={regions.remove} nudge={regions.nudge} />
          </div>
          <Controls
            look={look}
            domain={sliderDomain(bodyRange(capture), look)}
            change={change}
            fitBody={() => change(bodyRange(capture))}
            fitAll={() => change(bodyRange(capture, true))}
            marksBad={marksBad}
            setMarksBad={setMarksBad}
            bad={capture.bad.reduce((sum, one) => sum + one, 0)}
          />
        </div>
        <div class={photo ? "viewer-side with-photo" : "viewer-side"}>
          <Photo photo={photo} record={record} cursor={cursor && !isMirror ? { x: (cursor.column + 0.5) / columns, y: (cursor.row + 0.5) / rows } : null} />
          <Trust budget={budget} />
          <Downloads capture={capture} bytes={bytes} record={record} />
        </div>
      </div>
    </div>
  );
}

function Scales({ look, layers }: { readonly look: Look; readonly layers: Layers }) {
  const overlay = overlayOf(look.view, layers);
  return (
    <div class="scales" dir="ltr">
      <ScaleBar unit="°C" palette={basePalette(look)} low={look.low} high={look.high} band={isothermBand(look)} label={t("thermogram.scale_label")} />
      {overlay && (
        <ScaleBar
          unit={overlay.kind.unit}
          palette={overlay.kind.palette}
          low={-overlay.limit}
          high={overlay.limit}
          isSigned
          ends={[t(`thermogram.low_${look.view}`), t(`thermogram.high_${look.view}`)]}
          label={t("thermogram.scale_overlay_label")}
        />
      )}
    </div>
  );
}

function Downloads({ capture, bytes, record }: Pick<ViewerProps, "capture" | "bytes" | "record">) {
  const name = record.summary.id;
  return (
    <div class="downloads row">
      <Button onClick={() => save(bytes, `${name}.capture.npz`, "application/x-npz")}>{t("thermogram.save_npz")}</Button>
      <Button onClick={() => save(toCsv(capture), `${name}.csv`, "text/csv")}>{t("thermogram.save_csv")}</Button>
      <Button onClick={() => save(record.json, `${name}.record.json`, "application/json")}>{t("thermogram.save_json")}</Button>
    </div>
  );
}

/** In the mirrored picture the cursor reads the mirrored picture: interpolated temperatures, and nothing of single pixels. */
function readAt({ capture, reflection }: Layers, budget: Budget, isMirror: boolean, cursor: Cursor | null): Reading | null {
  if (!cursor) return null;
  const seen = isMirror && reflection ? { ...capture, celsius: reflection, map: null, bad: new Uint8Array(capture.bad.length) } : capture;
  return readingAt(seen, isMirror ? null : reflection, budget, cursor.row, cursor.column);
}

/** Ends of the sliders: whole degrees around the body, so that a tenth of a degree can be set, and around what is set already. */
function sliderDomain(body: Range, set: Range): Range {
  return { low: Math.floor(Math.min(body.low - 2, set.low)), high: Math.ceil(Math.max(body.high + 1, set.high)) };
}
