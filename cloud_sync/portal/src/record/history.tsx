import { useEffect, useState } from "preact/hooks";
import { faultText } from "../components";
import type { Cloud } from "../data/cloud";
import type { Summary } from "../data/record";
import { day, measured, number, signed, when } from "../format";
import { t } from "../i18n";
import { address } from "../router";
import { Trend } from "../viewers/trend";
import { Foreign } from "./foreign";
import { outcomeWords, verdictWords } from "./words";

export interface History {
  /** Oldest first; `null` until it is known. */
  readonly records: readonly Summary[] | null;
  readonly fault: unknown;
}

export function useHistory(cloud: Cloud, patient: string | null): History {
  const [state, setState] = useState<History>({ records: null, fault: null });
  useEffect(() => {
    let wanted = true;
    setState({ records: patient === null ? [] : null, fault: null });
    if (patient !== null) {
      cloud.patientRecords(patient).then(
        (records) => wanted && setState({ records, fault: null }),
        (fault: unknown) => wanted && setState({ records: null, fault }),
      );
    }
    return () => {
      wanted = false;
    };
  }, [cloud, patient]);
  return state;
}

/** The newest earlier record of the same kind: what this one is compared with. */
export function previousOf(records: readonly Summary[], current: Summary): Summary | null {
  const at = records.findIndex((record) => record.id === current.id);
  return records.slice(0, Math.max(0, at)).findLast((record) => record.modality === current.modality && record.problem === null) ?? null;
}

export function HistoryPane({ history, current }: { readonly history: History; readonly current: Summary }) {
  const { records } = history;
  const previous = records ? previousOf(records, current) : null;
  return (
    <aside class="record-history" aria-label={t("record.history")}>
      <h2>{t("record.history")}</h2>
      {current.patient === null && <p class="subtle">{t("record.history_none")}</p>}
      {history.fault !== null && <p class="notice warning">{faultText(history.fault)}</p>}
      {current.patient !== null && records !== null && (
        <>
          <p class="row">
            <a class="button" href={address.patient(current.patient)}>
              {t("record.patient_page")}
            </a>
            {previous && (
              <a class="button" href={address.compare(previous.id, current.id)} aria-keyshortcuts="p">
                {t("record.compare_previous")} <kbd aria-hidden="true">p</kbd>
              </a>
            )}
          </p>
          {records.length < 2 ? <p class="subtle">{t("record.history_only")}</p> : <Trends records={records} current={current} />}
          {previous && <Change before={previous} now={current} />}
          <ol class="visits">
            {[...records].reverse().map((record) => (
              <Visit key={record.id} record={record} current={current} />
            ))}
          </ol>
        </>
      )}
    </aside>
  );
}

function Trends({ records, current }: { readonly records: readonly Summary[]; readonly current: Summary }) {
  const kind = records.filter((record) => record.modality === current.modality);
  const quantity = current.modality === "mri" ? "lesion" : "difference";
  const known = kind.filter((record) => (quantity === "lesion" ? record.lesionMl : record.differenceK) !== null);
  return known.length > 1 ? <Trend records={kind} quantity={quantity} current={current.id} compact /> : null;
}

/** A change counts where it exceeds the doubled uncertainty of a difference of two (JCGM 100:2008, 5.1.2). */
function Change({ before, now }: { readonly before: Summary; readonly now: Summary }) {
  const mri = now.modality === "mri";
  const [a, ua, b, ub] = mri
    ? [before.lesionMl, before.lesionUncertaintyMl, now.lesionMl, now.lesionUncertaintyMl]
    : [before.differenceK, before.uncertaintyK, now.differenceK, now.uncertaintyK];
  if (a === null || b === null || ua === null || ub === null) return null;
  const uncertainty = Math.hypot(ua, ub);
  const counts = Math.abs(b - a) > 2 * uncertainty;
  const change = mri ? `${signed(b - a, 1)} ± ${number(uncertainty, 1)} ml` : measured(b - a, uncertainty, 2, "K");
  return (
    <p class={counts ? "change strong" : "change"}>
      {t("record.change_since", { day: day(before.clockSynchronised ? (before.capturedAt ?? before.receivedAt) : before.receivedAt), change: `\u2066${change.replaceAll(" ", "\u00a0")}\u2069` })}, {t(counts ? "record.change_beyond" : "record.change_within")}
    </p>
  );
}

function Visit({ record, current }: { readonly record: Summary; readonly current: Summary }) {
  const here = record.id === current.id;
  const value = record.modality === "mri" ? measured(record.lesionMl, record.lesionUncertaintyMl, 1, "ml").replace(/^\+/, "") : measured(record.differenceK, record.uncertaintyK, 2, "K");
  const words = (
    <>
      <span class="visit-time">
        {when(record.clockSynchronised ? (record.capturedAt ?? record.receivedAt) : record.receivedAt)}
        {!record.clockSynchronised && <span class="subtle"> ({t("record.clock_doubtful")})</span>}
      </span>
      <span>
        {t(`record.modality.${record.modality}`)} · <span class="ltr">{value}</span>
      </span>
      {record.outcome !== null && (
        <span class="small subtle">
          <Foreign text={outcomeWords(record.outcome)} />
        </span>
      )}
      {record.lastVerdict !== null && <span class="chip person">{verdictWords(record.lastVerdict)}</span>}
    </>
  );
  return (
    <li class={here ? "here" : ""}>
      {here ? (
        <div aria-current="true">
          {words}
          <span class="small subtle">{t("record.history_here")}</span>
        </div>
      ) : (
        <>
          <a href={address.record(record.site, record.id)}>{words}</a>
          {record.modality === current.modality && (
            <a class="small" href={address.compare(...inOrder(record, current))}>
              {t("record.compare_with")}
            </a>
          )}
        </>
      )}
    </li>
  );
}

function inOrder(a: Summary, b: Summary): [string, string] {
  return a.receivedAt <= b.receivedAt ? [a.id, b.id] : [b.id, a.id];
}
