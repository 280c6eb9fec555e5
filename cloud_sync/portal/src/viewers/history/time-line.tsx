import type { Summary } from "../../data/record";
import { day } from "../../format";
import { t } from "../../i18n";
import { address } from "../../router";
import { inTime } from "./changes";
import { timeText } from "./words";

const MARK = { look_first: "▲", not_assessed: "?", routine: "" } as const;

/** Every record at its place in time, from left to right in every language. */
export function TimeLine({ records }: { readonly records: readonly Summary[] }) {
  const placed = inTime(records).map(({ summary: record, at, byArrival }) => ({ record, at, byArrival }));
  const [first, last] = [placed[0]?.at ?? 0, placed.at(-1)?.at ?? 0];
  const share = (at: number): number => (last > first ? (100 * (at - first)) / (last - first) : 50);
  const dayOf = (at: number): string => day(new Date(at).toISOString());
  return (
    <nav class="card" aria-label={t("patient.time_line")}>
      <div class="time-line" dir="ltr">
        <span class="rail" />
        {placed.map(({ record, at, byArrival }) => (
          <a
            key={record.id}
            class={`${record.modality} ${record.urgency} ${byArrival ? "by-arrival" : ""}`}
            style={{ left: `${share(at)}%` }}
            href={address.record(record.site, record.id)}
            title={timeText({ at, byArrival })}
            aria-label={t("patient.here", { time: timeText({ at, byArrival }), kind: t(`patient.kind_${record.modality}`), urgency: t(`patient.urgency_${record.urgency}`) })}
          >
            <span aria-hidden="true">{MARK[record.urgency]}</span>
          </a>
        ))}
        {last > first && <bdi class="end first">{dayOf(first)}</bdi>}
        {last > first && <bdi class="end last">{dayOf(last)}</bdi>}
      </div>
      <p class="subtle small">{t("patient.time_line_help")}</p>
    </nav>
  );
}
