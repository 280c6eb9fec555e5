// What the comparison of two thermograms says in words.

import { measured, number, signed } from "../../format";
import { t } from "../../i18n";
import type { Side } from "../../pages/compare";
import { changeBetween } from "../history/changes";
import { changeText } from "../history/words";
import type { Field } from "../picture/field";
import { type Change, FEWEST_TOUCHING } from "./change";
import { linearAt, mapped, type NotRegistered, type Registered } from "./register";
import { type Budget, exceeds, withinPicture } from "./uncertainty";

/** A place in the earlier picture, in its pixels; fractions are allowed. */
export interface Spot {
  readonly x: number;
  readonly y: number;
  readonly byKey: boolean;
}

export function Registration({ result }: { readonly result: Registered | NotRegistered }) {
  const percent = (value: number | null): string => (value === null ? "–" : number(100 * value, 0));
  if (!result.ok) {
    return (
      <div class="notice warning" role="status">
        <strong>{t("patient.not_registered")}.</strong> {t(`patient.not_registered_${result.reason}`, { correlation: number(result.correlation, 2), overlap: percent(result.overlap) })}{" "}
        {t("patient.not_registered_what")}
      </div>
    );
  }
  const { dx, dy, turn, scale } = result.transform;
  return (
    <p class="notice" role="status">
      {t("patient.registered", {
        dx: tidy(dx), dy: tidy(dy), turn: tidy((turn * 180) / Math.PI), scale: number(scale, 2),
        before: number(result.before, 3), after: number(result.correlation, 3), overlap: percent(result.overlap), residual: number(result.residualK, 2),
      })}
    </p>
  );
}

/** With a sign and one decimal, and no "−0.0". */
function tidy(value: number): string {
  return signed(Math.abs(value) < 0.05 ? 0 : value, 1);
}

export function Facts({ before, after, change }: { readonly before: Side; readonly after: Side; readonly change: Change | null }) {
  const [one, other] = [before.record.asymmetry, after.record.asymmetry];
  const asymmetry =
    one.differenceK === null || other.differenceK === null
      ? null
      : changeBetween({ value: one.differenceK, uncertainty: one.uncertaintyK }, { value: other.differenceK, uncertainty: other.uncertaintyK });
  const mean = change && { by: change.shiftK, uncertainty: change.shiftUncertaintyK, counts: exceeds(change.shiftK, change.shiftUncertaintyK) };
  return (
    <dl class="change-facts">
      {asymmetry && (
        <div>
          <dt>{t("patient.asymmetry_change")}</dt>
          <dd class={asymmetry.counts ? "counts" : ""}>{changeText(asymmetry, "difference")}</dd>
        </div>
      )}
      {mean && (
        <div>
          <dt>{t("patient.mean_change")}</dt>
          <dd class={mean.counts ? "counts" : ""}>{changeText(mean, "difference")}</dd>
        </div>
      )}
    </dl>
  );
}

export function markedText(change: Change): string {
  if (!change.uncertainty) return t("patient.difference_unknown");
  const count = change.marked.reduce((sum, one) => sum + one, 0);
  return count === 0 ? t("patient.difference_none_marked", { fewest: FEWEST_TOUCHING }) : t("patient.difference_marked", { count });
}

interface PairReadoutProps {
  readonly id: string;
  readonly spot: Spot | null;
  readonly a: Field;
  readonly b: Field;
  readonly result: Registered | NotRegistered;
  readonly change: Change | null;
  readonly budgets: readonly [Budget, Budget];
}

export function PairReadout({ id, spot, a, b, result, change, budgets }: PairReadoutProps) {
  if (!spot) return <p class="readout subtle" id={id}>{t("patient.at_point")}</p>;
  const valueA = linearAt(a, spot.x, spot.y);
  const [x, y] = result.ok ? mapped(result.transform, spot.x, spot.y, a.columns, a.rows) : [spot.x, spot.y];
  const valueB = linearAt(b, x, y);
  const celsius = (value: number, budget: Budget): string => {
    const within = withinPicture(budget, 1);
    return Number.isNaN(value) ? t("patient.at_outside") : `${number(value, 2)} ± ${within === null ? "?" : number(within, 2)} °C`;
  };
  const index = Math.round(spot.y) * a.columns + Math.round(spot.x);
  const difference = change?.difference.values[index] ?? NaN;
  const uncertainty = change?.uncertainty?.values[index] ?? null;
  return (
    <p class="readout" id={id} aria-live={spot.byKey ? "polite" : "off"}>
      {t("patient.at_before")} <b class="ltr">{celsius(valueA, budgets[0])}</b>
      {" · "}{t("patient.at_after")} <b class="ltr">{celsius(valueB, budgets[1])}</b>
      {!Number.isNaN(difference) && (
        <span class={uncertainty !== null && exceeds(difference, uncertainty) ? "counts" : ""}>
          {" · "}{t("patient.at_change")} <b class="ltr">{measured(difference, uncertainty, 2, "K")}</b>
          {uncertainty !== null && exceeds(difference, uncertainty) && ` ▲ ${t("patient.change_counts")}`}
        </span>
      )}
    </p>
  );
}
