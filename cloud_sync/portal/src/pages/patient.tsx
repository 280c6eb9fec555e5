// One patient: every record on a time line, what was measured over the visits, and two of them to be compared.

import "../viewers/history/history.css";
import { useEffect, useState } from "preact/hooks";
import { Empty, FaultView, Spinner } from "../components";
import type { Summary } from "../data/record";
import { day } from "../format";
import { t } from "../i18n";
import { RecordsTable } from "../viewers/history/records-table";
import { TimeLine } from "../viewers/history/time-line";
import { inTime, timeOf } from "../viewers/history/changes";
import { Trend } from "../viewers/trend";
import type { PageProps } from "./page";

type State = { readonly records?: readonly Summary[]; readonly error?: unknown };

export default function Page({ cloud, params }: PageProps) {
  const patient = params.ref ?? "";
  const [state, setState] = useState<State>({});
  const [tries, setTries] = useState(0);
  useEffect(() => {
    let wanted = true;
    setState({});
    cloud.patientRecords(patient).then(
      (records) => wanted && setState({ records }),
      (error: unknown) => wanted && setState({ error }),
    );
    return () => {
      wanted = false;
    };
  }, [cloud, patient, tries]);
  if (state.error !== undefined) return <FaultView error={state.error} retry={() => setTries(tries + 1)} />;
  if (!state.records) return <Spinner what={t("patient.loading")} />;
  return <Patient patient={patient} records={state.records} />;
}

function Patient({ patient, records }: { readonly patient: string; readonly records: readonly Summary[] }) {
  const ordered = inTime(records).map(({ summary }) => summary);
  const [first, last] = [ordered[0], ordered.at(-1)];
  if (!first || !last) return <Empty title={t("patient.none")}><p>{t("patient.none_what")}</p></Empty>;
  const dayOf = (record: Summary): string => day(new Date(timeOf(record).at).toISOString());
  return (
    <div class="patient-page">
      <header>
        <h1><bdi>{t("patient.title", { patient: patient.slice(0, 60) })}</bdi></h1>
        <p class="subtle">{ordered.length === 1 ? t("patient.summary_one") : t("patient.summary", { count: ordered.length, first: dayOf(first), last: dayOf(last) })}</p>
      </header>
      <TimeLine records={ordered} />
      <Charts records={ordered} />
      <RecordsTable records={ordered} />
    </div>
  );
}

function Charts({ records }: { readonly records: readonly Summary[] }) {
  const thermal = records.filter((record) => record.modality === "thermal");
  const mri = records.filter((record) => record.modality === "mri");
  const has = (some: readonly Summary[], value: (record: Summary) => number | null): boolean => some.some((record) => value(record) !== null);
  return (
    <section aria-label={t("patient.trends")} class="stack">
      {(
        [
          ["thermal", thermal, "difference", has(thermal, (record) => record.differenceK)],
          ["mri", mri, "lesion", has(mri, (record) => record.lesionMl)],
        ] as const
      ).map(([kind, some, quantity, measured]) => {
        const scored = has(some, (record) => record.probability);
        return (
          (measured || scored) && (
            <div key={kind} class="stack">
              <h2>{t(`patient.trends_${kind}`)}</h2>
              <div class="charts">
                {measured && <div class="card"><Trend records={some} quantity={quantity} /></div>}
                {scored && <div class="card"><Trend records={some} quantity="probability" /></div>}
              </div>
            </div>
          )
        );
      })}
    </section>
  );
}
