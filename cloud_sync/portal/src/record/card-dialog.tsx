import { useEffect, useState } from "preact/hooks";
import { Dialog, faultText, Spinner } from "../components";
import { type Cloud, Fault, type ModelCard } from "../data/cloud";
import type { Prediction } from "../data/record";
import { language, t } from "../i18n";
import { type Content, sections, type Words } from "./card";
import { Foreign } from "./foreign";
import { plainName } from "./text";

/** Of every bundle once: a card never changes, its hash is its name. */
const cards = new Map<string, Promise<ModelCard>>();

export function loadCard(cloud: Cloud, sha256: string): Promise<ModelCard> {
  const known = cards.get(sha256);
  if (known) return known;
  const asked = cloud.modelCard(sha256);
  cards.set(sha256, asked);
  asked.catch(() => cards.delete(sha256));
  return asked;
}

function words(): Words {
  return {
    yes: t("model.yes"),
    no: t("model.no"),
    lowest: t("model.lowest"),
    highest: t("model.highest"),
    range: (low, high) => t("model.range", { low, high }),
    interval: (estimate, level) => (level === null ? t("model.interval_plain", { estimate }) : t("model.interval", { estimate, level })),
  };
}

export function CardDialog({ cloud, prediction, onClose }: { readonly cloud: Cloud; readonly prediction: Prediction; readonly onClose: () => void }) {
  const [state, setState] = useState<{ card?: ModelCard; error?: unknown }>({});
  const sha256 = prediction.bundleSha256 ?? "";
  useEffect(() => {
    let wanted = true;
    loadCard(cloud, sha256).then(
      (card) => wanted && setState({ card }),
      (error: unknown) => wanted && setState({ error }),
    );
    return () => {
      wanted = false;
    };
  }, [cloud, sha256]);
  return (
    <Dialog wide title={t("model.title")} onClose={onClose}>
      <article class="card-page">
        <h3 class="name">
          <Foreign text={`${prediction.model ?? "?"} ${prediction.version ?? ""}`} />
        </h3>
        {state.card ? <Card card={state.card} /> : state.error === undefined ? <Spinner what={t("model.loading")} /> : <Missing error={state.error} />}
        <p class="subtle small">
          {t("model.bundle")} <span class="ltr hash">{sha256}</span>
        </p>
      </article>
    </Dialog>
  );
}

function Missing({ error }: { readonly error: unknown }) {
  const missing = error instanceof Fault && error.kind === "not_there";
  return (
    <p class="notice warning" role="alert">
      {missing ? t("model.not_there") : t("model.failed", { reason: faultText(error) })}
    </p>
  );
}

function Card({ card }: { readonly card: ModelCard }) {
  const found = sections(card, words());
  return (
    <>
      {language.value !== "en" && <p class="subtle small">{t("model.english")}</p>}
      {found.lead !== null && (
        <p class="lead">
          <Foreign text={found.lead} />
        </p>
      )}
      {found.sections.map(({ key, content }) => (
        <section key={key} class={key === "not_shown" ? "not-shown" : ""}>
          <h3>{heading(key)}</h3>
          {content.map((part, at) => (
            <Shown key={at} content={part} />
          ))}
        </section>
      ))}
    </>
  );
}

/** A key that this portal has no words for is shown as it is. */
function heading(key: string): string {
  const found = /^[a-z_]{1,40}$/.test(key) ? t(`model.${key}`) : "";
  if (found !== "" && found !== `model.${key}`) return found;
  const plain = plainName(key);
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

function Shown({ content }: { readonly content: Content }) {
  if (content.kind === "text") return <Foreign text={content.text} />;
  if (content.kind === "list") {
    return (
      <ul>
        {content.items.map((item, at) => (
          <li key={at}>
            <Shown content={item} />
          </li>
        ))}
      </ul>
    );
  }
  if (content.kind === "facts") {
    return (
      <dl class="facts">
        {content.facts.map(([name, value]) => (
          <div key={name}>
            <dt>
              <Foreign text={plainName(name)} />
            </dt>
            <dd>
              <Shown content={value} />
            </dd>
          </div>
        ))}
      </dl>
    );
  }
  return (
    <div class="table-box" tabIndex={0} role="group">
      <table class="table">
        <thead>
          <tr>
            {content.columns.map((name) => (
              <th key={name} scope="col">
                <Foreign text={plainName(name)} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {content.rows.map((row, at) => (
            <tr key={at}>
              {row.map((cell, column) => (
                <td key={column}>{cell && <Shown content={cell} />}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
