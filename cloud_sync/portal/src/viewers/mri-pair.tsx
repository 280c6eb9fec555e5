// Two MRI series of one patient, linked by slice position.

import { useId, useMemo, useState } from "preact/hooks";
import { Button } from "../components/button";
import { FaultView } from "../components/fault";
import { t } from "../i18n";
import type { Side } from "../pages/compare";
import { changeBetween } from "./history/changes";
import { changeText } from "./history/words";
import { MriControls } from "./mri/controls";
import { linkedSlice, linkKind } from "./mri/link";
import { MriReadout } from "./mri/readout";
import { readVolume } from "./mri/read";
import { ScoreStrip } from "./mri/score-strip";
import { SliceBoard } from "./mri/slice-board";
import { type MriTool, type Slices, useSlices } from "./mri/use-slices";
import type { Volume } from "./mri/volume";
import { VisitHead } from "./visit-head";
import "./viewers.css";
import "./mri/mri.css";

export interface MriPairProps {
  readonly before: Side;
  readonly after: Side;
}

export default function MriPair({ before, after }: MriPairProps) {
  const [a, b] = useMemo(() => [before, after].map((side) => readVolume(side.main, side.beside, side.record.mri)) as [ReturnType<typeof readVolume>, ReturnType<typeof readVolume>], [before, after]);
  if (!a.ok) return <FaultView error={a.fault} />;
  if (!b.ok) return <FaultView error={b.fault} />;
  return (
    <>
      {(lacksFindings(before, a.findingsUnread) || lacksFindings(after, b.findingsUnread)) && <p class="notice warning">{t("record.findings_unread")}</p>}
      <Pair before={before} after={after} a={a.volume} b={b.volume} />
    </>
  );
}

/** The record has findings, and they are not on the page. */
function lacksFindings({ record, beside }: Side, unread: boolean): boolean {
  return unread || (beside === null && Object.hasOwn(record.parts, "findings.npz"));
}

const TOOLS: readonly MriTool[] = ["scroll", "window", "measure"];

function Pair({ before, after, a, b }: MriPairProps & { readonly a: Volume; readonly b: Volume }) {
  const first = useSlices(a);
  const own = useSlices(b);
  const [isLinked, setLinked] = useState(true);
  const [offset, setOffset] = useState(0);
  const place = linkedSlice(a, b, first.slice, offset);
  const reaches = place >= 0 && place < b.slices;
  // Linked, the later series follows the earlier one, and turning the later one turns the earlier one.
  const turn = (wanted: number): void => {
    const there = linkedSlice(b, a, wanted - offset, 0);
    first.setSlice(there === first.slice ? there + Math.sign(wanted - place) : there); // thin slices beside thick ones: never stuck
  };
  const second: Slices = {
    ...own,
    look: first.look,
    change: first.change,
    tool: first.tool,
    setTool: first.setTool,
    ...(isLinked ? { slice: Math.min(b.slices - 1, Math.max(0, place)), setSlice: turn } : {}),
  };
  return (
    <div role="group" class="viewer mri mri-pair stack" aria-label={t("patient.compare")}>
      <p class="notice">{t(linkKind(a, b) === "mm" ? "patient.linked_mm" : "patient.linked_share")}</p>
      <LesionChange before={before} after={after} />
      <div class="tools">
        <div class="segments" role="group" aria-label={t("mri.tool")}>
          {TOOLS.map((tool) => (
            <Button key={tool} aria-pressed={first.tool === tool} title={t(`mri.tool_${tool}_title`)} onClick={() => first.setTool(tool)}>{t(`mri.tool_${tool}`)}</Button>
          ))}
        </div>
        <div class="row">
          <label class="check"><input type="checkbox" checked={isLinked} onChange={(event) => setLinked(event.currentTarget.checked)} />{t("patient.unlink")}</label>
          <Button aria-label={t("patient.offset_down")} disabled={!isLinked} onClick={() => setOffset(offset - 1)}>−</Button>
          <span>{t("patient.offset", { count: offset })}</span>
          <Button aria-label={t("patient.offset_up")} disabled={!isLinked} onClick={() => setOffset(offset + 1)}>+</Button>
        </div>
      </div>
      <div class="pair">
        <Series which="before" side={before} volume={a} state={first} />
        <Series which="after" side={after} volume={b} state={second} missing={isLinked && !reaches} />
      </div>
      <MriControls volume={{ window: a.window, segmentation: a.segmentation ?? b.segmentation, residual: a.residual ?? b.residual }} look={first.look} change={first.change} />
    </div>
  );
}

interface SeriesProps {
  readonly which: "before" | "after";
  readonly side: Side;
  readonly volume: Volume;
  readonly state: Slices;
  readonly missing?: boolean;
}

function Series({ which, side, volume, state, missing = false }: SeriesProps) {
  const id = useId();
  return (
    <div>
      <VisitHead which={which} record={side.record} />
      {missing ? (
        <p class="nothing-here" role="status">{t("patient.outside_series")}</p>
      ) : (
        <div class="picture"><SliceBoard volume={volume} state={state} describedBy={id} name={t(`patient.${which}`)} /></div>
      )}
      <ScoreStrip volume={volume} slice={state.slice} suspicious={state.suspicious.slice} onSlice={state.setSlice} label={`${t("mri.slice")}, ${t(`patient.${which}`)}`} />
      <MriReadout id={id} volume={volume} slice={state.slice} spot={state.spot} />
      {state.suspicious.by !== "middle" && <p><Button onClick={() => state.setSlice(state.suspicious.slice)}>{t("patient.suspicious_in", { which: t(`patient.${which}`) })}</Button></p>}
    </div>
  );
}

function LesionChange({ before, after }: MriPairProps) {
  const [one, other] = [before.record.summary, after.record.summary];
  if (one.lesionMl === null || other.lesionMl === null) return null;
  const change = changeBetween({ value: one.lesionMl, uncertainty: one.lesionUncertaintyMl }, { value: other.lesionMl, uncertainty: other.lesionUncertaintyMl });
  return (
    <dl class="change-facts">
      <div>
        <dt>{t("patient.lesion_change")}</dt>
        <dd class={change.counts ? "counts" : ""}>{changeText(change, "lesion")}</dd>
      </div>
    </dl>
  );
}
