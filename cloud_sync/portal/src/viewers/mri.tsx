// The slices of one MRI series. Its own chunk: import it lazily.

import type { OpenedRecord } from "../data/record";

export interface MriProps {
  /** The bytes of `series.npz`. */
  readonly series: Uint8Array;
  /** The bytes of `findings.npz`. */
  readonly findings: Uint8Array | null;
  readonly record: OpenedRecord;
  /** Asks for the bytes of a part that the doctor wants to save (`result-*.dcm`); without it nothing is offered. */
  readonly onPart?: (name: string) => Promise<Uint8Array>;
}

export default function MriViewer(_props: MriProps) {
  return <p>…</p>;
}
