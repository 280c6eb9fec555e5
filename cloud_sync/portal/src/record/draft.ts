// What somebody began to write about a record, kept in this tab alone until it is signed.

import type { Verdict } from "../data/record";
import { VERDICTS } from "./reviewing";

export interface Draft {
  readonly verdict: Verdict | null;
  readonly note: string;
}

export const EMPTY: Draft = { verdict: null, note: "" };

const PREFIX = "firstlight.draft/";
const key = (uid: string, site: string, record: string): string => `${PREFIX}${uid}/${site}/${record}`;

export function readDraft(uid: string, site: string, record: string): Draft {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(key(uid, site, record)) ?? "null");
    if (typeof kept !== "object" || kept === null) return EMPTY;
    const { verdict, note } = kept as Record<string, unknown>;
    return { verdict: VERDICTS.find((known) => known === verdict) ?? null, note: typeof note === "string" ? note : "" };
  } catch {
    return EMPTY; // storage is switched off, or holds something else
  }
}

export function keepDraft(uid: string, site: string, record: string, draft: Draft): void {
  try {
    if (draft.verdict === null && draft.note === "") sessionStorage.removeItem(key(uid, site, record));
    else sessionStorage.setItem(key(uid, site, record), JSON.stringify(draft));
  } catch {
    // It is kept as long as the page stays open.
  }
}

/** Somebody left of their own accord: nothing that they began stays in this tab. Who was thrown out finds it again. */
export function forgetDrafts(): void {
  try {
    for (const name of Object.keys(sessionStorage)) if (name.startsWith(PREFIX)) sessionStorage.removeItem(name);
  } catch {
    // storage is switched off: there is nothing
  }
}
