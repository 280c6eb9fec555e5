// What a machine's answer means at this site: how many of a thousand patients with this answer had a finding.

import type { SiteInfo } from "../data/cloud";
import type { Prediction } from "../data/record";

export type Meaning =
  /** Of 1,000 with this answer, about `n` (`low` to `high`) had a finding; of 1,000 examined, `examined` have one. */
  | { readonly kind: "with_this_answer"; readonly n: number; readonly low: number; readonly high: number; readonly examined: number | null }
  /** Only how many of 1,000 examined have a finding is known, not what the answer changes about it. */
  | { readonly kind: "examined_only"; readonly examined: number }
  | { readonly kind: "unknown" };

const isShare = (value: number | null | undefined): value is number => value != null && value >= 0 && value <= 1;

/** The kiosk's own calculation where it made one (the clinic had told it how many are ill); else what the site says of itself. */
export function meaning(prediction: Prediction, site: SiteInfo | null): Meaning {
  const own = prediction.illHere;
  const atSite = prediction.model === null ? undefined : ownNumber(site?.prevalence, prediction.model);
  const examined = isShare(prediction.prevalence) ? prediction.prevalence : isShare(atSite) ? atSite : null;
  if (own && own.every(isShare) && own[1] <= own[0] && own[0] <= own[2]) {
    return {
      kind: "with_this_answer",
      n: thousand(own[0]),
      low: Math.floor(exactly(own[1])),
      high: Math.ceil(exactly(own[2])),
      examined: examined === null ? null : thousand(examined),
    };
  }
  return examined === null ? { kind: "unknown" } : { kind: "examined_only", examined: thousand(examined) };
}

/** A model may be named "constructor". */
function ownNumber(table: Readonly<Record<string, number>> | undefined, name: string): number | undefined {
  return table && Object.hasOwn(table, name) ? table[name] : undefined;
}

/** 1000 × share without the last binary digits: 0.006 is 6, not 6.000000000000001. */
function exactly(share: number): number {
  return Number((1000 * share).toPrecision(9));
}

function thousand(share: number): number {
  const exact = exactly(share);
  return exact < 1 ? exact : Math.round(exact);
}

/** "9", and "<1" for less than one of a thousand. */
export function counted(n: number): string {
  return n > 0 && n < 1 ? "<1" : String(Math.round(n));
}

/** Whether a difference exceeds its doubled standard uncertainty; `null` where that is not known. */
export function exceeds(difference: number | null, uncertainty: number | null): boolean | null {
  return difference === null || uncertainty === null ? null : Math.abs(difference) > 2 * uncertainty;
}
