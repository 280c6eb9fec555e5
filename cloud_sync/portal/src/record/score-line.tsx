// Two lines with numbers on them: a probability with its threshold and its band, and a difference with its uncertainty.

import type { Prediction } from "../data/record";
import { number, signed } from "../format";
import { t } from "../i18n";

const clamped = (share: number): string => `${100 * Math.min(1, Math.max(0, share))}%`;

/** The probability from 0 to 1, the threshold as a notch, the abstention band as a hatched stretch. */
export function ScoreLine({ prediction }: { readonly prediction: Prediction }) {
  const { probability, threshold, abstain } = prediction;
  const values = {
    value: number(probability, 2),
    threshold: number(threshold, 2),
    low: number(abstain?.[0] ?? null, 2),
    high: number(abstain?.[1] ?? null, 2),
  };
  return (
    <div class="score-line ltr" role="img" aria-label={t(abstain ? "record.probability_line" : "record.probability_line_plain", values)}>
      <div class="track">
        {abstain && <span class="band" style={{ left: clamped(abstain[0]), width: clamped(abstain[1] - abstain[0]) }} />}
        {threshold !== null && <span class="notch" style={{ left: clamped(threshold) }} />}
        {probability !== null && <span class="mark" style={{ left: clamped(probability) }} />}
      </div>
      <div class="ends" aria-hidden="true">
        <span>0</span>
        {threshold !== null && (
          <span class="at" style={{ left: clamped(threshold) }}>
            {values.threshold}
          </span>
        )}
        <span>1</span>
      </div>
    </div>
  );
}

/** The difference with twice its standard uncertainty to both sides, zero in the middle. */
export function DifferenceLine({ difference, uncertainty }: { readonly difference: number; readonly uncertainty: number }) {
  const reach = Math.max(1, Math.ceil((Math.abs(difference) + 2 * uncertainty) * 2) / 2);
  const share = (value: number) => (value + reach) / (2 * reach);
  const label = t("record.difference_line", { value: `${signed(difference, 2)} K`, low: signed(-reach, 1), high: signed(reach, 1) });
  return (
    <div class="score-line difference ltr" role="img" aria-label={label}>
      <div class="track">
        <span class="notch" style={{ left: "50%" }} />
        <span class="reach" style={{ left: clamped(share(difference - 2 * uncertainty)), width: clamped((2 * uncertainty) / reach) }} />
        <span class="mark" style={{ left: clamped(share(difference)) }} />
      </div>
      <div class="ends" aria-hidden="true">
        <span>{signed(-reach, 1)}</span>
        <span class="at" style={{ left: "50%" }}>0</span>
        <span>{signed(reach, 1)} K</span>
      </div>
    </div>
  );
}
