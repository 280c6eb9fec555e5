// The report is in English in every language of the portal, so that any colleague can read it; names and notes stay as they were
// written, in any script of the fonts. Its sentences are those of the page.

import model from "../i18n/en/model.json";
import record from "../i18n/en/record.json";
import review from "../i18n/en/review.json";
import { isolated, shortened } from "../record/text";

const CATALOGUES: Readonly<Record<string, Readonly<Record<string, string>>>> = { record, review, model };

export function english(key: string, values: Readonly<Record<string, string | number>> = {}): string {
  const [area = "", name = ""] = key.split(/\.(.*)/s);
  const text = CATALOGUES[area]?.[name] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, word: string) => String(values[word] ?? whole));
}

/** The English word for a device's code; a code without one as it is. */
export function worded(key: string, code: string): string {
  const found = english(`${key}.${code}`);
  return found === `${key}.${code}` ? isolated(code) : found;
}

const WHEN = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" });

export function when(iso: string | null): string {
  const time = new Date(iso ?? "");
  return iso === null || Number.isNaN(time.getTime()) ? "not known" : WHEN.format(time);
}

/** What the checks at capture said; of a record that names none, nothing is said to have passed. */
export function checkWords(gates: Readonly<Record<string, boolean>>): string {
  const failed = Object.entries(gates).filter(([, passed]) => !passed).map(([name]) => worded("record.gate", name));
  if (failed.length > 0) return english("record.gates_failed", { gates: shortened(failed.join(", "), 200) });
  return Object.keys(gates).length > 0 ? "All checks at capture passed." : "The record names no check at capture.";
}
