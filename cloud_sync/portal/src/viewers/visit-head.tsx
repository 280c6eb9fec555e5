import type { OpenedRecord } from "../data/record";
import { t } from "../i18n";
import { outcomeWords } from "../record/words";
import { address } from "../router";
import { timeOf } from "./history/changes";
import { timeText } from "./history/words";

/** Which visit a picture is of. */
export function VisitHead({ which, record }: { readonly which: "before" | "after"; readonly record: OpenedRecord }) {
  const { summary } = record;
  return (
    <header class="visit-head">
      <h2>{t(`patient.${which}`)}</h2>
      <p>
        {timeText(timeOf(summary))} · <span class="subtle">{outcomeWords(summary.outcome)}</span> · <a href={address.record(summary.site, summary.id)}>{t("patient.open_record")}</a>
      </p>
    </header>
  );
}
