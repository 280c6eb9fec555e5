import { useEffect, useState } from "preact/hooks";
import type { Cloud, ModelCard, SiteInfo } from "../data/cloud";
import type { OpenedRecord, Prediction } from "../data/record";
import { number } from "../format";
import { t } from "../i18n";
import { evidence } from "./card";
import { loadCard } from "./card-dialog";
import { Foreign } from "./foreign";
import { counted, meaning } from "./meaning";
import { Panel, Reason } from "./panels";
import { resultWords } from "./words";

/** Below the picture: why the machine said so, how well it did in its test, which model it was, and what the patient was told. */
export function MachineDetails({ cloud, record, site }: { readonly cloud: Cloud; readonly record: OpenedRecord; readonly site: SiteInfo | null }) {
  const { prediction, asymmetry } = record;
  return (
    <Panel kind="machine" title={t("record.machine_details")}>
      {prediction === null ? <p>{t("record.machine_none")}</p> : <Answer cloud={cloud} prediction={prediction} site={site} />}
      <Told record={record} />
      {(asymmetry.leftC !== null || asymmetry.rightC !== null) && (
        <p class="subtle small">{t("record.sides", { left: number(asymmetry.leftC, 1), right: number(asymmetry.rightC, 1) })}</p>
      )}
    </Panel>
  );
}

function Answer({ cloud, prediction, site }: { readonly cloud: Cloud; readonly prediction: Prediction; readonly site: SiteInfo | null }) {
  const card = useCard(cloud, prediction.bundleSha256);
  const said = card && evidenceWords(card);
  return (
    <>
      <p>
        <Foreign text={t("record.model", { name: prediction.model ?? "?", version: prediction.version ?? "" })} />
      </p>
      <Reason prediction={prediction} />
      {said && <p class="small evidence">{said}</p>}
      <Examined prediction={prediction} site={site} />
    </>
  );
}

function Examined({ prediction, site }: { readonly prediction: Prediction; readonly site: SiteInfo | null }) {
  const found = meaning(prediction, site);
  if (found.kind !== "with_this_answer" || found.examined === null) return null;
  return <p class="small">{t("record.meaning.examined", { examined: counted(found.examined) })}</p>;
}

function useCard(cloud: Cloud, sha256: string | null): ModelCard | null {
  const [card, setCard] = useState<ModelCard | null>(null);
  useEffect(() => {
    let wanted = true;
    setCard(null);
    if (sha256 !== null) loadCard(cloud, sha256).then((found) => wanted && setCard(found), () => undefined); // its dialog says what is wrong
    return () => {
      wanted = false;
    };
  }, [cloud, sha256]);
  return card;
}

export function evidenceWords(card: ModelCard): string | null {
  const figure = evidence(card);
  if (figure === null) return null;
  return t("record.evidence", {
    value: number(figure.value, 2),
    low: number(figure.low, 2),
    high: number(figure.high, 2),
    level: `${Math.round(100 * figure.level)} %`,
    n: figure.n,
    unit: figure.unit,
    verdict: t(figure.low > 0.5 ? "record.evidence_beyond_chance" : "record.evidence_chance"),
  });
}

function Told({ record }: { readonly record: OpenedRecord }) {
  const { result } = record.summary;
  return (
    <p class="small">
      <span class="subtle">{t("record.told")}</span> {result === null ? t("record.told_nothing") : <q><Foreign text={resultWords(result)} /></q>}
    </p>
  );
}
