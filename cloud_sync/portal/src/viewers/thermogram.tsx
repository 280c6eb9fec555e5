// The thermogram of one record, with everything that is measured on it.

import { useCallback, useId, useMemo, useState } from "preact/hooks";
import { Button } from "../components/button";
import { FaultView } from "../components/fault";
import type { OpenedRecord } from "../data/record";
import { t } from "../i18n";
import { Board, type PointerKind } from "./picture/board";
import type { Range } from "./picture/paint";
import { ScaleBar } from "./picture/scale-bar";
import { save } from "./picture/save";
import { bodyRange, type Capture } from "./thermal/capture";
import { Controls } from "./thermal/controls";
import { toCsv } from "./thermal/csv";
import { type Body, differenceField, findBody, mirrored } from "./thermal/body";
import { Marks, type Draft } from "./thermal/marks";
import { Photo } from "./thermal/photo";
import { tryRead } from "./thermal/read";
import { Readout } from "./thermal/readout";
import { readingAt } from "./thermal/reading";
import { RegionList } from "./thermal/region-list";
import { Trust } from "./thermal/trust";
import { budgetOf } from "./thermal/uncertainty";
import { type Drawn, useRegions } from "./thermal/use-regions";
import { basePalette, isothermBand, type Look, overlayOf, render, type View, VIEWS } from "./thermal/views";
import type { Measurement, Shape } from "./types";
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

type Tool = "cursor" | Shape;
type Cursor = { readonly row: number; readonly column: number; readonly byKey: boolean };
type Props = Omit<ThermogramProps, "capture"> & { readonly capture: Capture; readonly bytes: Uint8Array };

function Viewer({ capture, bytes, photo, record, onMeasure }: Props) {
  const { rows, columns } = capture.celsius;
  const body = useMemo(() => findBody(capture.celsius), [capture]);
  const layers = useMemo(() => layersOf(capture, body), [capture, body]);
  const budget = useMemo(() => budgetOf(record, body?.skinC ?? 33), [record, body]);
  const [look, setLook] = useState<Look>(() => ({ view: "temperature", palette: "inferno", rendering: "smooth", isotherm: null, opacity: 0.9, ...bodyRange(capture) }));
  const [marksBad, setMarksBad] = useState(true);
  const [cursor, setCursor] = useState<Cursor | null>(null);
  const [tool, setTool] = useState<Tool>("cursor");
  const [draft, setDraft] = useState<Draft | null>(null);
  const [held, setHeld] = useState<{ readonly region: Drawn; readonly x: number; readonly y: number } | null>(null);
  const regions = useRegions(capture, budget, body?.midline ?? null, onMeasure);
  const readoutId = useId();

  const change = useCallback((part: Partial<Look>) => setLook((before) => ({ ...before, ...part })), []);
  const show = (view: View): void => {
    if (!available(view, layers)) return;
    change({ view });
    if (view === "mirror") setTool("cursor");
  };
  const draw = useCallback((width: number, height: number) => render(layers, look, width, height), [layers, look]);
  const isMirror = look.view === "mirror";
  const overlay = overlayOf(look.view, layers);
  const reading = useMemo(() => {
    if (!cursor) return null;
    const seen = isMirror && layers.reflection ? { ...capture, celsius: layers.reflection, map: null, bad: new Uint8Array(rows * columns) } : capture;
    return readingAt(seen, isMirror ? null : layers.reflection, budget, cursor.row, cursor.column);
  }, [cursor, isMirror, layers, budget]);

  const pointAt = (x: number, y: number): void => {
    const inside = x >= 0 && y >= 0 && x < columns && y < rows;
    setCursor(inside ? { row: Math.floor(y), column: Math.floor(x), byKey: false } : null);
  };
  const finish = (ended: Draft): void => {
    if (ended.from[0] !== ended.to[0] && ended.from[1] !== ended.to[1]) regions.add(ended.shape, ended.from, ended.to);
    setDraft(null);
    setTool("cursor");
  };
  const onPointer = (kind: PointerKind, x: number, y: number, event: PointerEvent): void => {
    if (kind === "leave") {
      if (event.pointerType === "mouse" && !draft) setCursor(null);
      return;
    }
    pointAt(x, y);
    const place = [Math.round(x), Math.round(y)] as const;
    if (kind === "down" && tool !== "cursor") setDraft({ shape: tool, from: place, to: place });
    else if (kind === "down" && !isMirror) {
      const region = regions.at(x, y);
      regions.select(region?.name ?? null);
      setHeld(region && { region, x: place[0], y: place[1] });
    } else if (draft && kind === "move") setDraft({ ...draft, to: place });
    else if (held && kind === "move") {
      const step = [place[0] - held.x, place[1] - held.y] as const;
      if (step[0] || step[1]) regions.nudge(held.region.name, step, [0, 0]);
      setHeld({ ...held, x: place[0], y: place[1] });
    } else if (kind === "up") {
      if (draft) finish({ ...draft, to: place });
      setHeld(null);
    }
  };
  const onKey = (event: KeyboardEvent): void => {
    const step = ARROWS[event.key];
    if (step) {
      const from = cursor ?? { row: Math.floor(rows / 2), column: Math.floor(columns / 2) };
      const column = Math.min(columns - 1, Math.max(0, from.column + step[0]));
      const row = Math.min(rows - 1, Math.max(0, from.row + step[1]));
      setCursor({ row, column, byKey: true });
      if (draft) setDraft({ ...draft, to: [beyond(column, draft.from[0]), beyond(row, draft.from[1])] });
    } else if ((event.key === "b" || event.key === "e") && !isMirror) {
      const at = cursor ?? { row: Math.floor(rows / 2), column: Math.floor(columns / 2) };
      setCursor({ ...at, byKey: true });
      setDraft({ shape: event.key === "b" ? "rectangle" : "ellipse", from: [at.column, at.row], to: [at.column + 1, at.row + 1] });
    } else if (event.key === "Enter" && draft) finish(draft);
    else if (event.key === "Escape" && (draft || tool !== "cursor")) {
      setDraft(null);
      setTool("cursor");
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onShortcut = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
    const view = VIEWS[Number(event.key) - 1];
    if (view) show(view);
    else if (event.key === "s") change({ rendering: look.rendering === "smooth" ? "pixels" : "smooth" });
    else if (event.key === "w") change(bodyRange(capture, true));
    else return;
    event.stopPropagation();
  };

  const name = record.summary.id;
  return (
    <section class="viewer thermogram" aria-label={t("thermogram.title")} onKeyDown={onShortcut}>
      <div class="viewer-grid">
      <div class="viewer-main">
        <div class="tools">
          <div class="segments" role="group" aria-label={t("thermogram.view")}>
            {VIEWS.map((view, index) => (
              <Button key={view} aria-pressed={look.view === view} disabled={!available(view, layers)} title={`${t(`thermogram.view_${view}`)} (${index + 1})`} onClick={() => show(view)}>
                {t(`thermogram.view_${view}`)}
              </Button>
            ))}
          </div>
          <div class="segments" role="group" aria-label={t("thermogram.draw")}>
            {(["rectangle", "ellipse"] as const).map((shape) => (
              <Button key={shape} aria-pressed={tool === shape} disabled={isMirror} title={t(`thermogram.draw_${shape}_title`)} onClick={() => setTool(tool === shape ? "cursor" : shape)}>
                <span aria-hidden="true">{shape === "ellipse" ? "◯" : "▭"}</span> {t(`thermogram.draw_${shape}`)}
              </Button>
            ))}
          </div>
        </div>
        <div class="picture">
          <Board
            columns={columns}
            rows={rows}
            draw={draw}
            label={t("thermogram.label", { view: t(`thermogram.view_${look.view}`) })}
            describedBy={readoutId}
            sides={isMirror ? { left: "L", right: "R" } : { left: "R", right: "L" }}
            onPointer={onPointer}
            onKey={onKey}
            grabs={tool !== "cursor" || held !== null}
          >
            <Marks
              capture={capture}
              showBad={marksBad && !isMirror}
              cursor={cursor}
              midline={look.view === "temperature" ? null : (body?.midline ?? null)}
              facing={!isMirror && cursor && body ? 2 * body.midline - cursor.column : null}
              drawn={isMirror ? [] : regions.drawn}
              selected={regions.selected}
              draft={draft}
            />
          </Board>
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
        </div>
        <Readout id={readoutId} reading={reading} live={cursor?.byKey ?? false} mirrored={isMirror} />
        <p class="caption subtle small">
          {t(`thermogram.explain_${look.view}`)} {t(look.rendering === "smooth" ? "thermogram.drawn_smooth" : "thermogram.drawn_pixels", { columns, rows })}{" "}
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
        <div class="downloads row">
          <Button onClick={() => save(bytes, `${name}.capture.npz`, "application/x-npz")}>{t("thermogram.save_npz")}</Button>
          <Button onClick={() => save(toCsv(capture), `${name}.csv`, "text/csv")}>{t("thermogram.save_csv")}</Button>
          <Button onClick={() => save(record.json, `${name}.record.json`, "application/json")}>{t("thermogram.save_json")}</Button>
        </div>
      </div>
      </div>
    </section>
  );
}

const ARROWS: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The far edge of the pixel `to`, seen from the edge `from`. */
function beyond(to: number, from: number): number {
  return to >= from ? to + 1 : to;
}

function layersOf(capture: Capture, body: Body | null) {
  return {
    capture,
    reflection: body && mirrored(capture.celsius, body.midline),
    asymmetry: capture.asymmetry ?? (body && differenceField(capture.celsius, body)),
  };
}

function available(view: View, layers: ReturnType<typeof layersOf>): boolean {
  if (view === "asymmetry") return layers.asymmetry !== null;
  if (view === "map") return layers.capture.map !== null;
  return view !== "mirror" || layers.reflection !== null;
}

/** Ends of the sliders: whole degrees around the body, so that a tenth of a degree can be set, and around what is set already. */
function sliderDomain(body: Range, set: Range): Range {
  return { low: Math.floor(Math.min(body.low - 2, set.low)), high: Math.ceil(Math.max(body.high + 1, set.high)) };
}
