// Listening to Firestore. Without a network it answers from what it happens to know, which here is never taken for the whole.

import { onSnapshot, type Query, type QueryDocumentSnapshot } from "firebase/firestore";
import type { Fault, Stop } from "./cloud";
import { toFault } from "./firebase-faults";

/** So long the cloud may be silent at the start, or after the network went, before it is said. */
const SILENCE_MS = 10_000;

/** Calls back with what the cloud itself confirmed, and again on each change; with a fault while the cloud cannot be reached. */
export function listen(query: Query, heard: (docs: readonly QueryDocumentSnapshot[]) => void, failed: (fault: Fault) => void): Stop {
  let silence: ReturnType<typeof setTimeout> | null = null;
  const expect = (): void => {
    silence ??= setTimeout(() => {
      silence = null;
      failed(toFault({ code: "unavailable" }));
    }, SILENCE_MS);
  };
  const quiet = (): void => {
    if (silence !== null) clearTimeout(silence);
    silence = null;
  };
  const stop = onSnapshot(
    query,
    { includeMetadataChanges: true },
    (answer) => {
      if (answer.metadata.fromCache) return expect();
      quiet();
      heard(answer.docs);
    },
    (error) => {
      quiet();
      failed(toFault(error));
    },
  );
  expect();
  return () => {
    quiet();
    stop();
  };
}
