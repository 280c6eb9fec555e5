// Two visits of one patient beside each other.

import "../viewers/viewers.css";
import "../viewers/history/history.css";
import "../viewers/compare.css";
import { useEffect, useState } from "preact/hooks";
import { FaultView, Spinner } from "../components";
import { Lazy } from "../components/lazy";
import type { Cloud } from "../data/cloud";
import type { OpenedRecord } from "../data/record";
import { t } from "../i18n";
import { address } from "../router";
import type { MriPairProps } from "../viewers/mri-pair";
import type { ThermalPairProps } from "../viewers/thermal-pair";
import { timeOf } from "../viewers/history/changes";
import type { PageProps } from "./page";

export interface Side {
  readonly record: OpenedRecord;
  readonly main: Uint8Array;
  readonly beside: Uint8Array | null;
}

const loadThermal = () => import("../viewers/thermal-pair");
const loadMri = () => import("../viewers/mri-pair");

type State = { readonly pair?: readonly [OpenedRecord, OpenedRecord]; readonly error?: unknown };

export default function Page({ cloud, session, params }: PageProps) {
  const { a = "", b = "" } = params;
  const [state, setState] = useState<State>({});
  const [tries, setTries] = useState(0);
  useEffect(() => {
    let wanted = true;
    setState({});
    if (a === b) return undefined;
    Promise.all([cloud.openRecord(session.site, a), cloud.openRecord(session.site, b)]).then(
      ([one, other]) => wanted && setState({ pair: timeOf(one.summary).at <= timeOf(other.summary).at ? [one, other] : [other, one] }),
      (error: unknown) => wanted && setState({ error }),
    );
    return () => {
      wanted = false;
    };
  }, [cloud, session.site, a, b, tries]);
  if (a === b) return <p class="notice warning compare-page">{t("patient.compare_same")}</p>;
  if (state.error !== undefined) return <FaultView error={state.error} retry={() => setTries(tries + 1)} />;
  if (!state.pair) return <Spinner what={t("patient.compare_loading")} deadlineS={40} />;
  return <Pair cloud={cloud} before={state.pair[0]} after={state.pair[1]} />;
}

const short = (text: string | null): string => (text ?? "–").slice(0, 60);

function Pair({ cloud, before, after }: { readonly cloud: Cloud; readonly before: OpenedRecord; readonly after: OpenedRecord }) {
  const [one, other] = [before.summary, after.summary];
  const refused =
    one.patient === null || one.patient !== other.patient
      ? t("patient.compare_patients", { a: short(one.patient), b: short(other.patient) })
      : one.modality !== other.modality || one.modality === "unknown"
        ? t("patient.compare_kinds")
        : null;
  return (
    <div class="compare-page">
      <header>
        <h1><bdi>{refused && one.patient !== other.patient ? t("patient.compare") : t("patient.compare_title", { patient: short(one.patient) })}</bdi></h1>
        {one.patient !== null && <a href={address.patient(one.patient)}>{t("patient.compare_back")}</a>}
      </header>
      {refused ? <p class="notice urgent" role="alert">{refused}</p> : <Pictures cloud={cloud} before={before} after={after} />}
    </div>
  );
}

function Pictures({ cloud, before, after }: { readonly cloud: Cloud; readonly before: OpenedRecord; readonly after: OpenedRecord }) {
  const [sides, setSides] = useState<readonly [Side, Side] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [tries, setTries] = useState(0);
  const isMri = before.summary.modality === "mri";
  const [main, beside] = isMri ? (["series.npz", "findings.npz"] as const) : (["capture.npz", null] as const);
  const there = Object.hasOwn(before.parts, main) && Object.hasOwn(after.parts, main);
  useEffect(() => {
    let wanted = true;
    setSides(null);
    setError(null);
    if (!there) return undefined;
    Promise.all([before, after].map((record) => sideOf(cloud, record, main, beside))).then(
      (found) => wanted && setSides(found as unknown as readonly [Side, Side]),
      (problem: unknown) => wanted && setError(problem),
    );
    return () => {
      wanted = false;
    };
  }, [cloud, before, after, tries]);
  if (!there) return <p class="notice warning">{t("patient.compare_no_picture")}</p>;
  if (error !== null) return <FaultView error={error} retry={() => setTries(tries + 1)} />;
  if (!sides) return <Spinner />;
  return (
    <>
      {(!before.summary.clockSynchronised || !after.summary.clockSynchronised) && <p class="notice warning">{t("patient.order_doubtful")}</p>}
      {isMri ? <Lazy<MriPairProps> load={loadMri} props={{ before: sides[0], after: sides[1] }} /> : <Lazy<ThermalPairProps> load={loadThermal} props={{ before: sides[0], after: sides[1] }} />}
    </>
  );
}

async function sideOf(cloud: Cloud, record: OpenedRecord, main: string, beside: string | null): Promise<Side> {
  const second = beside !== null && Object.hasOwn(record.parts, beside) ? cloud.part(record, beside).catch(() => null) : null;
  return { record, main: await cloud.part(record, main), beside: await second };
}
