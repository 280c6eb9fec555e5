import type { Summary, Verdict } from "../data/record";
import { briefly, measured, number, when } from "../format";
import { t } from "../i18n";
import { address } from "../router";

/** Every line has this height, so that the list knows where each of 10,000 lies without drawing it. */
export const LINE_PX = 60;
/** A device's text is cut here; it was never longer where it is right. */
const LONGEST = 40;

const MARK = { look_first: "▲", not_assessed: "?", routine: "" } as const;
const VERDICT_MARK: Readonly<Record<Verdict, string>> = { agree: "✓", disagree: "≠", recall: "↻", not_assessable: "–" };

interface Props {
  readonly line: Summary;
  readonly at: number;
  /** -1: not all are known yet. */
  readonly total: number;
  readonly selected: boolean;
  readonly open: boolean;
  /** One line of the list is reached by Tab, the arrows lead to the others. */
  readonly focusable: boolean;
}

export function Line({ line, at, total, selected, open, focusable }: Props) {
  const state = [line.urgency, line.reading, selected ? "selected" : "", open ? "open" : ""].join(" ");
  return (
    <li class={`line ${state}`} style={{ insetBlockStart: `${at * LINE_PX}px` }} aria-setsize={total} aria-posinset={at + 1} data-record={line.id}>
      <a href={address.record(line.site, line.id)} aria-current={open ? "true" : undefined} tabIndex={focusable ? 0 : -1}>
        <span class="mark" aria-hidden="true">
          {MARK[line.urgency]}
        </span>
        <span class="first">
          <span class="hidden-text">
            {t(`worklist.urgency_${line.urgency}`)}, {t(`worklist.reading_${line.reading}`)}:
          </span>
          <bdi class="patient">{shortened(line.patient) ?? t("worklist.no_patient")}</bdi>
          {!line.patientConfirmed && line.patient !== null && (
            <span class="subtle" title={t("worklist.not_confirmed")}>
              <span aria-hidden="true">○</span>
              <span class="hidden-text">{t("worklist.not_confirmed")}</span>
            </span>
          )}
          <Time line={line} />
        </span>
        <span class="second">
          <span class="kind">{t(`worklist.modality_${line.modality}`)}</span>
          <Value line={line} />
          <Outcome line={line} />
          {line.lastVerdict && (
            <span class="verdict">
              <span aria-hidden="true">{VERDICT_MARK[line.lastVerdict]}</span> {t(`worklist.verdict_${line.lastVerdict}`)}
            </span>
          )}
        </span>
      </a>
    </li>
  );
}

function shortened(text: string | null): string | null {
  return text !== null && text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function Time({ line }: { readonly line: Summary }) {
  // A kiosk without a set clock may be wrong by years; the cloud's clock then says more.
  const at = line.clockSynchronised ? (line.capturedAt ?? line.receivedAt) : line.receivedAt;
  return (
    <time class="time" dateTime={at} title={line.clockSynchronised ? when(at) : t("worklist.clock_not_set")}>
      {!line.clockSynchronised && "≈ "}
      {briefly(at)}
    </time>
  );
}

function Value({ line }: { readonly line: Summary }) {
  if (line.modality === "thermal" && line.differenceK !== null) {
    return (
      <span class="ltr value" title={t("worklist.difference")}>
        {measured(line.differenceK, line.uncertaintyK, 2, "K")}
      </span>
    );
  }
  if (line.modality === "mri" && line.lesionMl !== null) {
    const spread = line.lesionUncertaintyMl === null ? "?" : number(line.lesionUncertaintyMl, 1);
    return (
      <span class="ltr value" title={t("worklist.lesion")}>
        {`${number(line.lesionMl, 1)} ± ${spread}\u00a0ml`}
      </span>
    );
  }
  return null;
}

function Outcome({ line }: { readonly line: Summary }) {
  if (line.problem !== null) return <span class="answer problem">{t("worklist.problem")}</span>;
  return <span class={`answer ${line.outcome ?? "none"}`}>{t(`worklist.outcome_${line.outcome ?? "none"}`)}</span>;
}
