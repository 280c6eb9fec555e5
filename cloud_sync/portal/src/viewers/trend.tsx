// A patient's history as a chart, with the same numbers as a table.

import type { Summary } from "../data/record";

export type Quantity = "difference" | "probability" | "lesion";

export interface TrendProps {
  /** Oldest first, as `cloud.patientRecords` gives them. */
  readonly records: readonly Summary[];
  readonly quantity: Quantity;
  /** The record on the page, marked. */
  readonly current?: string | null;
  /** Narrow: for the pane beside a record. */
  readonly compact?: boolean;
}

export function Trend(_props: TrendProps) {
  return <p>…</p>;
}
