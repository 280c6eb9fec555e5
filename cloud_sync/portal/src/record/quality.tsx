import type { OpenedRecord } from "../data/record";
import { number, when } from "../format";
import { t } from "../i18n";
import { Foreign } from "./foreign";
import { Panel } from "./panels";
import { gateWords } from "./words";

type Quality = OpenedRecord["quality"];
type Row = readonly [string, string];

function figure(quality: Quality, key: string, decimals: number): string | null {
  const value = quality[key];
  return typeof value === "number" ? number(value, decimals) : null;
}

function rows(quality: Quality): readonly Row[] {
  const of = (key: string, decimals: number) => figure(quality, key, decimals) ?? "–";
  const found: (Row | false)[] = [
    figure(quality, "noise_k", 3) !== null && [t("record.noise"), t("record.noise_value", { noise: of("noise_k", 3), target: of("target_noise_k", 2) })],
    figure(quality, "frames", 0) !== null && [t("record.frames"), t("record.frames_value", { used: of("frames", 0), rejected: of("rejected", 0) })],
    figure(quality, "refresh_hz", 0) !== null && [t("record.rate"), `${of("refresh_hz", 1)} Hz`],
    figure(quality, "ambient_c", 1) !== null && [t("record.ambient"), `${of("ambient_c", 1)} °C`],
    figure(quality, "sensor_ambient_c", 1) !== null && [
      t("record.sensor"),
      t("record.sensor_value", { ambient: of("sensor_ambient_c", 1), supply: of("supply_v", 2), bad: of("bad_pixels", 0) }),
    ],
    figure(quality, "emissivity", 2) !== null && [t("record.emissivity"), t("record.emissivity_value", { emissivity: of("emissivity", 2), reflected: of("reflected_c", 1) })],
    typeof quality.prepare_skipped === "boolean" && [t("record.rest"), t(quality.prepare_skipped ? "record.rest_skipped" : "record.rest_complete")],
  ];
  return found.filter((row): row is Row => row !== false);
}

export function failedGates(record: OpenedRecord): readonly string[] {
  return Object.entries(record.gates)
    .filter(([, passed]) => !passed)
    .map(([name]) => gateWords(name));
}

export function Quality({ record }: { readonly record: OpenedRecord }) {
  const figures = rows(record.quality);
  const gates = Object.entries(record.gates);
  return (
    <Panel kind="plain" title={t("record.quality")}>
      {figures.length === 0 && gates.length === 0 && <p>{t("record.quality_none")}</p>}
      {figures.length > 0 && <Facts rows={figures} />}
      {gates.length > 0 && (
        <ul class="gates">
          {gates.map(([name, passed]) => (
            <li key={name} class={passed ? "passed" : "failed"}>
              <span aria-hidden="true">{passed ? "✓" : "✗"}</span> <Foreign text={gateWords(name)} />
              <span class="hidden-text">: {t(passed ? "record.gate_passed" : "record.gate_failed")}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** Whose record it is, in full: for a telephone call with whoever keeps the kiosk. */
export function Identity({ record }: { readonly record: OpenedRecord }) {
  const { summary, consent } = record;
  const said = (value: boolean | null) => t(value === null ? "record.unsaid" : value ? "record.yes" : "record.no");
  const facts: Row[] = [
    [t("record.id"), summary.id],
    [t("record.hash"), record.sha256],
    [t("record.site"), summary.site],
    [t("record.kiosk"), summary.kiosk ?? "–"],
    [t("record.captured_at"), when(summary.capturedAt)],
    [t("record.received"), when(summary.receivedAt)],
    [t("record.consent"), t("record.consent_value", { version: consent.textVersion ?? "–", photo: said(consent.photo), training: said(consent.training) })],
  ];
  return (
    <Panel kind="plain" title={t("record.details")}>
      <Facts rows={facts} />
    </Panel>
  );
}

function Facts({ rows }: { readonly rows: readonly Row[] }) {
  return (
    <dl class="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <Foreign text={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
