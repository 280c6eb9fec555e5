// The thermogram of one record, with everything that is measured on it.

import type { OpenedRecord } from "../data/record";
import type { Measurement } from "./types";

export interface ThermogramProps {
  /** The bytes of `capture.npz`. */
  readonly capture: Uint8Array;
  /** The bytes of `photo.jpg`. */
  readonly photo: Uint8Array | null;
  readonly record: OpenedRecord;
  /** A region was drawn or moved. */
  readonly onMeasure?: (measurement: Measurement) => void;
}

export function Thermogram(_props: ThermogramProps) {
  return <p>…</p>;
}
