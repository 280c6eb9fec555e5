import type { ComponentChildren } from "preact";
import { number } from "../../format";
import { t } from "../../i18n";
import { absolute, type Budget, ofDifference } from "./uncertainty";

/** Where the numbers' uncertainty comes from, and when the sensor's accuracy matters. */
export function Trust({ budget }: { readonly budget: Budget }) {
  const kelvin = (value: number | null): string => (value === null ? "?" : `${number(value, 2)} K`);
  const line = (name: string, value: number | null): ComponentChildren => (
    <div>
      <dt>{t(`thermogram.${name}`)}</dt>
      <dd class="ltr">{kelvin(value)}</dd>
    </div>
  );
  return (
    <details class="trust">
      <summary>{t("thermogram.trust")}</summary>
      <p>{t("thermogram.trust_within")}</p>
      <p>{t("thermogram.trust_absolute")}</p>
      <dl class="budget">
        {line("u_noise", budget.noiseK)}
        {line("u_uniformity", budget.nonUniformityK)}
        {line("u_accuracy", budget.accuracyK)}
        {line("u_emissivity", budget.emissivityK)}
        {line("u_difference", ofDifference(budget, 1, 1))}
        {line("u_absolute", absolute(budget, 1))}
      </dl>
      <p class="subtle small">{t("thermogram.trust_note")}</p>
    </details>
  );
}
