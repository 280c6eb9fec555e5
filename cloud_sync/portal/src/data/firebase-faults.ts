// Whatever Firebase's SDK throws, as a `Fault`; and an end to waiting, which the SDK itself does not always find.

import { Fault, type FaultKind } from "./cloud";

/** ms. `Cloud` promises 20 s; one call may take two of these. */
export const DEADLINE_MS = 9_000;

const KINDS: Readonly<Record<string, FaultKind>> = {
  "auth/invalid-credential": "wrong_password",
  "auth/wrong-password": "wrong_password",
  "auth/user-not-found": "wrong_password",
  "auth/invalid-email": "wrong_password",
  "auth/missing-password": "wrong_password",
  "auth/user-disabled": "wrong_password",
  "auth/too-many-requests": "paused",
  "auth/invalid-verification-code": "second_factor_wrong",
  "auth/missing-verification-code": "second_factor_wrong",
  "auth/code-expired": "second_factor_wrong",
  "auth/network-request-failed": "offline",
  "auth/user-token-expired": "signed_out",
  "auth/requires-recent-login": "signed_out",
  "permission-denied": "not_allowed",
  unauthenticated: "signed_out",
  "not-found": "not_there",
  unavailable: "offline",
  "storage/unauthorized": "not_allowed",
  "storage/unauthenticated": "signed_out",
  "storage/object-not-found": "not_there",
  "storage/retry-limit-exceeded": "offline",
};

const SENTENCES: Readonly<Partial<Record<FaultKind, string>>> = {
  wrong_password: "Name or password is wrong.",
  paused: "Too many wrong tries. Please wait a while before the next one.",
  second_factor_wrong: "The code is wrong, or too old.",
  signed_out: "You were signed out. Please sign in again.",
  not_allowed: "The cloud's rules do not allow this.",
  not_there: "There is no such thing in the cloud.",
  offline: "The cloud cannot be reached.",
};

/** Firebase tells neither how long nor why; its own advice is some minutes. */
const PAUSE_S = 300;

export function toFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const code = codeOf(error);
  const kind = KINDS[code] ?? "unavailable";
  const sentence = SENTENCES[kind] ?? `The cloud did not do what it was asked for (${code || "no reason given"}).`;
  return new Fault(kind, sentence, kind === "paused" ? PAUSE_S : null);
}

/** `auth/…`, `storage/…`, or Firestore's word alone. */
export function codeOf(error: unknown): string {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : null;
  return typeof code === "string" ? code.replace(/^firestore\//, "") : "";
}

/** The promise's own outcome, or `late` after `ms`; whatever is thrown is a `Fault`. */
export async function within<T>(promise: Promise<T>, ms = DEADLINE_MS, late: () => Fault = tooLate): Promise<T> {
  try {
    return await timed(promise, ms, late);
  } catch (error) {
    throw toFault(error);
  }
}

/** As `within`, but the promise's own errors stay as they are. */
export async function timed<T>(promise: Promise<T>, ms = DEADLINE_MS, late: () => Fault = tooLate): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

function tooLate(): Fault {
  return isOffline() ? toFault({ code: "unavailable" }) : new Fault("unavailable", "The cloud did not answer in time.");
}

/** What the browser is sure of; `true` elsewhere means only that some network is there. */
export function isOffline(): boolean {
  return typeof navigator !== "undefined" && navigator.onLine === false;
}
