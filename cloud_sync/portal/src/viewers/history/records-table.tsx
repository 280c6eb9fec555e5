import { useState } from "preact/hooks";
import { Button, Chip } from "../../components";
import type { Summary } from "../../data/record";
import { measured, number } from "../../format";
import { t } from "../../i18n";
import { outcomeWords, verdictWords } from "../../record/words";
import { address } from "../../router";
import { timeOf } from "./changes";
import { timeText } from "./words";

/** As many are drawn at first. */
const FIRST = 100;
const LOOK = { look_first: "urgent", not_assessed: "unsure", routine: "machine" } as const;

/** All records, the newest first, two of which can be chosen. `records`: oldest first. */
export function RecordsTable({ records }: { readonly records: readonly Summary[] }) {
  const [isWhole, setWhole] = useState(false);
  const [chosen, setChosen] = useState<readonly Summary[]>([]);
  // A third choice takes the place of the first; another kind begins anew.
  const toggle = (record: Summary): void => {
    if (chosen.includes(record)) setChosen(chosen.filter((one) => one !== record));
    else setChosen([...chosen.filter((one) => one.modality === record.modality).slice(-1), record]);
  };
  const [a, b] = [...chosen].sort((one, other) => records.indexOf(one) - records.indexOf(other));
  const comparable = (record: Summary): boolean => record.problem === null && record.modality !== "unknown";
  return (
    <section class="stack">
      <h2>{t("patient.records")}</h2>
      <div class="table-box card" tabIndex={0} role="region" aria-label={t("patient.records")}>
        <table class="table records-table">
          <thead>
            <tr>
              <th scope="col">{t("patient.choose")}</th>
              <th scope="col">{t("patient.time")}</th>
              <th scope="col">{t("patient.kind")}</th>
              <th scope="col">{t("patient.measured")}</th>
              <th scope="col">{t("patient.machine")}</th>
              <th scope="col">{t("patient.person")}</th>
            </tr>
          </thead>
          <tbody>
            {[...records].reverse().slice(0, isWhole ? undefined : FIRST).map((record) => (
              <tr key={record.id} class={chosen.includes(record) ? "chosen" : ""}>
                <td class="pick-cell">
                  <input
                    type="checkbox"
                    checked={chosen.includes(record)}
                    disabled={!comparable(record)}
                    aria-label={t("patient.choose_named", { what: t(`patient.kind_${record.modality}`), time: timeText(timeOf(record)) })}
                    onChange={() => toggle(record)}
                  />
                </td>
                <th scope="row"><a href={address.record(record.site, record.id)}>{timeText(timeOf(record))}</a></th>
                <td>{t(`patient.kind_${record.modality}`)}</td>
                <td><span class="ltr">{valueOf(record)}</span></td>
                <td><Chip look={LOOK[record.urgency]}>{outcomeWords(record.outcome)}{record.probability !== null && <span class="ltr">{number(record.probability, 2)}</span>}</Chip></td>
                <td>{record.lastVerdict ? <Chip look="person">{verdictWords(record.lastVerdict)}</Chip> : <span class="subtle">{t("patient.person_none")}</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {!isWhole && records.length > FIRST && <Button onClick={() => setWhole(true)}>{t("patient.show_all", { count: records.length })}</Button>}
      <div class="choose-bar">
        <span role="status">{t(`patient.chosen_${(["none", "one", "two"] as const)[chosen.length] ?? "two"}`)}</span>
        <span class="spacer" />
        {a && b ? <a class="button primary" href={address.compare(a.id, b.id)}>{t("patient.compare")}</a> : <button type="button" class="button primary" disabled>{t("patient.compare")}</button>}
      </div>
    </section>
  );
}

function valueOf(record: Summary): string {
  if (record.modality === "mri") return record.lesionMl === null ? "–" : measured(record.lesionMl, record.lesionUncertaintyMl, 1, "ml").replace(/^\+/, "");
  return measured(record.differenceK, record.uncertaintyK, 2, "K");
}
