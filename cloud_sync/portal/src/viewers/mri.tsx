// The slices of one MRI series. Its own chunk: import it lazily.

import { useId, useMemo, useState } from "preact/hooks";
import { Button } from "../components/button";
import { FaultView, faultText } from "../components/fault";
import type { OpenedRecord } from "../data/record";
import { t } from "../i18n";
import { MriControls } from "./mri/controls";
import { lengthText } from "./mri/words";
import { readVolume } from "./mri/read";
import { MriReadout } from "./mri/readout";
import { ScoreStrip } from "./mri/score-strip";
import { SliceBoard } from "./mri/slice-board";
import { type MriTool, type Slices, useSlices } from "./mri/use-slices";
import { automatic, type Volume } from "./mri/volume";
import { save } from "./picture/save";
import "./viewers.css";
import "./mri/mri.css";

export interface MriProps {
  /** The bytes of `series.npz`. */
  readonly series: Uint8Array;
  /** The bytes of `findings.npz`. */
  readonly findings: Uint8Array | null;
  readonly record: OpenedRecord;
  /** Asks for the bytes of a part that the doctor wants to save (`result-*.dcm`); without it nothing is offered. */
  readonly onPart?: (name: string) => Promise<Uint8Array>;
}

export default function MriViewer({ series, findings, record, onPart }: MriProps) {
  const read = useMemo(() => readVolume(series, findings, record.mri), [series, findings, record]);
  if (!read.ok) return <FaultView error={read.fault} />;
  return (
    <>
      {read.findingsUnread && <p class="notice warning">{t("record.findings_unread")}</p>}
      <Viewer key={record.summary.id} volume={read.volume} record={record} {...(onPart ? { onPart } : {})} />
    </>
  );
}

function Viewer({ volume, record, onPart }: { readonly volume: Volume; readonly record: OpenedRecord; readonly onPart?: (name: string) => Promise<Uint8Array> }) {
  const state = useSlices(volume);
  const readoutId = useId();
  const size = volume.rows * volume.columns;
  return (
    <div role="group" class="viewer mri" aria-label={t("mri.title")}>
      <div class="viewer-grid">
        <div class="viewer-main">
          <Tools state={state} />
          <div class="picture">
            <SliceBoard volume={volume} state={state} describedBy={readoutId} />
          </div>
          <ScoreStrip volume={volume} slice={state.slice} suspicious={state.suspicious.slice} onSlice={state.setSlice} />
          <MriReadout id={readoutId} volume={volume} slice={state.slice} spot={state.spot} />
          <MriControls
            volume={volume}
            look={state.look}
            change={state.change}
            fit={() => automatic(volume.voxels, state.slice * size, (state.slice + 1) * size)}
          />
        </div>
        <div class="viewer-side">
          <About volume={volume} record={record} />
          <Lines volume={volume} state={state} />
          {onPart && <Results record={record} onPart={onPart} />}
        </div>
      </div>
    </div>
  );
}

const TOOLS: readonly MriTool[] = ["scroll", "window", "measure"];

function Tools({ state }: { readonly state: Slices }) {
  const { suspicious, slice } = state;
  return (
    <div class="tools">
      <div class="segments" role="group" aria-label={t("mri.tool")}>
        {TOOLS.map((tool) => (
          <Button key={tool} aria-pressed={state.tool === tool} title={t(`mri.tool_${tool}_title`)} onClick={() => state.setTool(tool)}>
            {t(`mri.tool_${tool}`)}
          </Button>
        ))}
      </div>
      {suspicious.by !== "middle" && (
        <Button aria-pressed={slice === suspicious.slice} title={t(`mri.suspicious_by_${suspicious.by}`)} onClick={() => state.setSlice(suspicious.slice)}>
          {t("mri.suspicious")}
        </Button>
      )}
    </div>
  );
}

function About({ volume, record }: { readonly volume: Volume; readonly record: OpenedRecord }) {
  const { slice, row, column } = volume.spacing;
  const mm = (value: number | null): string => (value === null ? "?" : String(Math.round(value * 1000) / 1000));
  return (
    <section class="side-block">
      {record.mri?.description && <p><bdi>{record.mri.description}</bdi></p>}
      <p class="subtle small">
        {t("mri.size", { slices: volume.slices, rows: volume.rows, columns: volume.columns })}{" "}
        {t("mri.spacing", { slice: mm(slice), row: mm(row), column: mm(column) })} {t("mri.sides")}
      </p>
      {(row === null || column === null) && <p class="notice warning">{t("mri.spacing_unknown")}</p>}
      {(volume.segmentation || volume.residual) && <p class="subtle small">{t("mri.overlays_explained")}</p>}
    </section>
  );
}

function Lines({ volume, state }: { readonly volume: Volume; readonly state: Slices }) {
  return (
    <section class="side-block">
      <h3>{t("mri.lengths")}</h3>
      {state.lines.length === 0 ? (
        <p class="subtle small">{t("mri.lengths_none")}</p>
      ) : (
        <>
          <ul class="lengths">
            {state.lines.map((line) => (
              <li key={line.name}>
                <Button look="quiet" onClick={() => state.setSlice(line.slice)}>
                  <span>{line.name}:</span> <b class="ltr">{lengthText(line, volume)}</b> <span class="subtle">{t("mri.on_slice", { slice: line.slice + 1 })}</span>
                </Button>
                <Button look="quiet" aria-label={t("mri.remove_length", { name: line.name })} onClick={() => state.removeLine(line.name)}>✕</Button>
              </li>
            ))}
          </ul>
          <p class="subtle small">{t("mri.lengths_note")}</p>
        </>
      )}
    </section>
  );
}

function Results({ record, onPart }: { readonly record: OpenedRecord; readonly onPart: (name: string) => Promise<Uint8Array> }) {
  const [failed, setFailed] = useState<unknown>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const names = Object.keys(record.parts).filter((name) => /^result-[\w.-]+\.dcm$/.test(name)).sort();
  if (names.length === 0) return null;
  const fetchPart = (name: string): void => {
    setBusy(name);
    setFailed(null);
    onPart(name)
      .then((bytes) => save(bytes, `${record.summary.id}.${name}`, "application/dicom"), setFailed)
      .finally(() => setBusy(null));
  };
  return (
    <section class="side-block">
      <h3>{t("mri.results")}</h3>
      <div class="row">
        {names.map((name) => (
          <Button key={name} disabled={busy === name} onClick={() => fetchPart(name)}>{name}</Button>
        ))}
      </div>
      {failed !== null && <p class="notice warning" role="alert">{faultText(failed)}</p>}
    </section>
  );
}
