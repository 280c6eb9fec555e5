// Words for the codes that a device sends. A code that is not known is shown as it is, as a text of a device.

import { t } from "../i18n";
import { harmless, plainName, shortened } from "./text";

function worded(key: string, code: string): string {
  const found = /^[a-z_]{1,40}$/.test(code) ? t(`${key}.${code}`) : "";
  return found === "" || found === `${key}.${code}` ? shortened(harmless(code), 80) : found;
}

export const outcomeWords = (outcome: string | null): string => worded("record.outcome", outcome ?? "none");
export const resultWords = (result: string): string => worded("record.result", result);
export const modeWords = (mode: string): string => worded("record.mode", mode);
export const verdictWords = (verdict: string): string => worded("review.verdict", verdict);

export function gateWords(gate: string): string {
  const found = worded("record.gate", gate);
  return found === gate ? plainName(gate) : found;
}
