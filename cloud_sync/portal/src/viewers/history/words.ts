import { measured, number, signed, when } from "../../format";
import { t } from "../../i18n";
import type { Change, Point, Quantity } from "./changes";

export const UNITS: Readonly<Record<Quantity, string>> = { difference: "K", probability: "", lesion: "ml" };
export const DECIMALS: Readonly<Record<Quantity, number>> = { difference: 2, probability: 2, lesion: 1 };

export function timeText(point: Pick<Point, "at" | "byArrival">): string {
  const time = when(new Date(point.at).toISOString());
  return point.byArrival ? t("patient.by_arrival", { time }) : time;
}

/** "+0.92 ± 0.31 K", "0.71", "14.2 ± 1.6 ml". */
export function valueText(point: Pick<Point, "value" | "uncertainty">, quantity: Quantity): string {
  const decimals = DECIMALS[quantity];
  if (quantity === "probability") return number(point.value, decimals);
  const text = measured(point.value, point.uncertainty, decimals, UNITS[quantity]);
  return quantity === "lesion" ? text.replace(/^\+/, "") : text;
}

/** "+0.81 ± 0.44 K, more than its uncertainty". Isolated, so that it keeps its order in a text from right to left. */
export function changeText(change: Change, quantity: Quantity): string {
  const decimals = DECIMALS[quantity];
  if (change.uncertainty === null) return `\u2066${signed(change.by, decimals)} ${UNITS[quantity]}\u2069`.replace(" \u2069", "\u2069") + t("patient.comma") + t("patient.change_unknown");
  const text = `\u2066${measured(change.by, change.uncertainty, decimals, UNITS[quantity])}\u2069`;
  return `${change.counts ? (change.by > 0 ? "▲ " : "▼ ") : ""}${text}${t("patient.comma")}${t(change.counts ? "patient.change_counts" : "patient.change_within")}`;
}
