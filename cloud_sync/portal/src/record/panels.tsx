// What a doctor wants to know before anything else, above the picture: what was measured, and what the machine said.

import type { ComponentChildren } from "preact";
import type { SiteInfo } from "../data/cloud";
import type { OpenedRecord, Prediction } from "../data/record";
import { measured, number } from "../format";
import { t } from "../i18n";
import { Foreign } from "./foreign";
import { counted, exceeds, meaning } from "./meaning";
import { DifferenceLine, ScoreLine } from "./score-line";
import { plainName } from "./text";
import { outcomeWords } from "./words";

/** A machine's panels have dashed borders, a person's are set in another face: one glance tells who speaks. */
export function Panel({ kind, title, children }: { readonly kind: "measured" | "machine" | "person" | "plain"; readonly title: string; readonly children: ComponentChildren }) {
  return (
    <section class={`panel ${kind}`}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

export function Measured({ record }: { readonly record: OpenedRecord }) {
  return (
    <Panel kind="measured" title={t("record.measured")}>
      {record.summary.modality === "mri" ? <Lesion record={record} /> : <Difference record={record} />}
    </Panel>
  );
}

function Difference({ record }: { readonly record: OpenedRecord }) {
  const { differenceK: difference, uncertaintyK: uncertainty } = record.asymmetry;
  if (difference === null) return <p>{t("record.difference_none")}</p>;
  const beyond = exceeds(difference, uncertainty);
  return (
    <>
      <p class="figure">
        <span class="ltr">{measured(difference, uncertainty, 2, "K")}</span>
        <small>{t("record.difference")}</small>
      </p>
      {uncertainty !== null && <DifferenceLine difference={difference} uncertainty={uncertainty} />}
      <p class={beyond === true ? "strong" : ""}>
        {uncertainty === null ? t("record.uncertainty_unknown") : t(beyond ? "record.beyond" : "record.within", { spread: number(2 * uncertainty, 2) })}
      </p>
    </>
  );
}

function Lesion({ record }: { readonly record: OpenedRecord }) {
  const { lesionMl, lesionUncertaintyMl } = record.summary;
  const { mri } = record;
  return (
    <>
      {lesionMl === null ? (
        <p>{t("record.lesion_none")}</p>
      ) : (
        <p class="figure">
          <span class="ltr">{measured(lesionMl, lesionUncertaintyMl, 1, "ml").replace(/^\+/, "")}</span>
          <small>{t("record.lesion")}</small>
        </p>
      )}
      {lesionMl !== null && lesionUncertaintyMl === null && <p class="subtle">{t("record.lesion_uncertainty_unknown")}</p>}
      {mri && (
        <p class="subtle small">
          {t("record.slices", { slices: mri.slices, between: number(mri.sliceSpacingMm, 1), row: number(mri.rowSpacingMm, 2), column: number(mri.columnSpacingMm, 2) })}
        </p>
      )}
      {mri?.description && (
        <p class="small">
          <Foreign text={mri.description} />
        </p>
      )}
    </>
  );
}

/** In short: the answer, its score on its line, and what it means here. Why there is none stands as plainly as an answer. */
export function Machine({ record, site }: { readonly record: OpenedRecord; readonly site: SiteInfo | null }) {
  const { prediction } = record;
  const unsure = prediction?.outcome === "abstained" || prediction?.outcome === "out_of_domain";
  return (
    <Panel kind="machine" title={t("record.machine")}>
      {prediction === null ? (
        <p>{t("record.machine_none")}</p>
      ) : (
        <>
          <p class={`figure outcome ${unsure ? "unsure" : ""}`}>
            <Foreign text={outcomeWords(prediction.outcome)} />
          </p>
          <Score prediction={prediction} />
          <p class="meaning">
            <Meant prediction={prediction} site={site} />
          </p>
          {unsure && <p class="small">{t(`record.outcome_means.${prediction.outcome}`)}</p>}
          {prediction.classes !== null && <Classes classes={prediction.classes} />}
          {unsure && <Reason prediction={prediction} />}
        </>
      )}
    </Panel>
  );
}

export function Reason({ prediction }: { readonly prediction: Prediction }) {
  if (prediction.reason === null) return null;
  return (
    <p class="small">
      <span class="subtle">{t("record.reason")}: </span>
      <Foreign text={prediction.reason} />
    </p>
  );
}

/** Never a number alone: probability, threshold and band on one line. */
function Score({ prediction }: { readonly prediction: Prediction }) {
  const { probability, threshold, abstain } = prediction;
  if (probability === null) return <p>{t("record.probability_none")}</p>;
  const parts = [t("record.probability", { value: number(probability, 2) })];
  if (threshold !== null) parts.push(t("record.threshold", { value: number(threshold, 2) }));
  if (abstain !== null) parts.push(t("record.band", { low: number(abstain[0], 2), high: number(abstain[1], 2) }));
  return (
    <>
      <ScoreLine prediction={prediction} />
      <p class="small">{parts.join(" · ")}</p>
    </>
  );
}

/** MRI: what kind of lesion, if there is one. */
function Classes({ classes }: { readonly classes: Readonly<Record<string, number>> }) {
  const found = Object.entries(classes).sort(([, a], [, b]) => b - a);
  return (
    <>
      <p class="small subtle">{t("record.classes")}</p>
      <dl class="classes">
        {found.map(([name, share]) => (
          <div key={name}>
            <dt>
              <Foreign text={plainName(name)} />
            </dt>
            <dd class="share ltr" aria-hidden="true">
              <span style={{ inlineSize: `${100 * Math.min(1, Math.max(0, share))}%` }} />
            </dd>
            <dd>{number(share, 2)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

export function Meant({ prediction, site }: { readonly prediction: Prediction; readonly site: SiteInfo | null }) {
  const found = meaning(prediction, site);
  if (found.kind === "unknown") return <>{t("record.meaning.unknown")}</>;
  if (found.kind === "examined_only") return <>{t("record.meaning.examined_only", { examined: counted(found.examined) })}</>;
  return <strong>{t("record.meaning.with_this_answer", { n: counted(found.n), low: found.low, high: found.high })}</strong>;
}
