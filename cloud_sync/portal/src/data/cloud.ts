// The one door to the data. Two implementations: firebase.ts and local.ts (the embedded cloud); pages know this file alone.

import type { OpenedRecord, Reading, Review, Summary, Urgency, Verdict } from "./record";

export type Role = "doctor" | "administrator";

export interface Session {
  readonly uid: string;
  readonly name: string;
  readonly role: Role;
  readonly site: string;
}

/** Named by fault; the message is a sentence for the doctor, in English; pages translate by `kind`. */
export type FaultKind =
  | "signed_out" // the session ended, or was ended
  | "wrong_password"
  | "paused" // too many wrong tries
  | "second_factor_wrong"
  | "not_allowed" // the rules refused
  | "not_there"
  | "altered" // the bytes are not those that the kiosk signed off
  | "damaged" // nobody can read this
  | "too_large"
  | "offline"
  | "unavailable"; // anything else of the way or the server

export class Fault extends Error {
  constructor(
    readonly kind: FaultKind,
    message: string,
    readonly retryAfterS: number | null = null,
  ) {
    super(message);
    this.name = "Fault";
  }
}

/** The first factor was right, a code of an authenticator app is asked for. */
export interface SecondFactor {
  /** Throws `Fault("second_factor_wrong")`. */
  confirm(code: string): Promise<Session>;
}

export interface TotpEnrolment {
  /** otpauth:// address, to be drawn as a QR code, and the secret to be typed. */
  readonly uri: string;
  readonly secret: string;
  confirm(code: string): Promise<void>;
}

export interface WorklistQuery {
  readonly reading: Reading | "to_do" | "all"; // "to_do": not reviewed
  readonly urgency: Urgency | null;
  readonly modality: "thermal" | "mri" | null;
  /** Only patients that are assigned to whoever is signed in. */
  readonly mine: boolean;
  /** Beginning of a patient reference, or of a record's id; empty: all. */
  readonly find: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** `null`: this was the last one. */
  readonly next: Cursor | null;
}
export type Cursor = string;

export interface Counts {
  readonly unread: number;
  readonly toDo: number;
  readonly total: number;
}

export interface KioskState {
  readonly kiosk: string;
  readonly label: string | null;
  /** ISO 8601 by the cloud's clock; `null`: never heard of. */
  readonly lastContact: string | null;
  readonly version: string | null;
  readonly waiting: number | null;
  readonly laidAside: number | null;
  readonly diskFreeBytes: number | null;
  readonly diskTotalBytes: number | null;
  readonly sensorNoiseK: number | null;
  readonly warnings: readonly string[];
  readonly revokedAt: string | null;
}

export interface AuditEntry {
  readonly id: string;
  readonly uid: string;
  readonly name: string;
  readonly action: "open_record" | "open_audit" | "export";
  readonly record: string | null;
  readonly patient: string | null;
  readonly at: string;
}

export interface ModelCard {
  readonly name: string;
  readonly version: string;
  /** The card as the bundle has it, tables as objects. */
  readonly card: Readonly<Record<string, unknown>>;
}

export interface SiteInfo {
  readonly id: string;
  readonly name: string;
  /** By model name, as `[models] prevalence` of a kiosk. */
  readonly prevalence: Readonly<Record<string, number>>;
}

export type Stop = () => void;

/** Every promise may reject with a `Fault` and with nothing else, and settles within 20 s. */
export interface Cloud {
  readonly kind: "firebase" | "local";

  /** Who is signed in, `null` for nobody; called again on each change, first at once or as soon as it is known. */
  onSession(listener: (session: Session | null) => void): Stop;
  signIn(name: string, password: string): Promise<Session | SecondFactor>;
  signOut(): Promise<void>;
  /** `null` where this cloud has no second factor. */
  beginTotp(): Promise<TotpEnrolment | null>;

  site(): Promise<SiteInfo>;
  counts(): Promise<Counts>;
  /** A page of 100, urgent first, then the newest. */
  worklist(query: WorklistQuery, after: Cursor | null): Promise<Page<Summary>>;
  /** Calls back whenever something that the query might show arrived or changed, with the first page anew. */
  watchWorklist(query: WorklistQuery, changed: (first: Page<Summary>) => void, failed: (fault: Fault) => void): Stop;
  /** All records of a patient, oldest first. */
  patientRecords(patient: string): Promise<readonly Summary[]>;

  /** Writes the audit entry of this opening, then reads. Also marks the record as opened. Works offline for what was opened before. */
  openRecord(site: string, id: string): Promise<OpenedRecord>;
  /** The bytes of a part of an opened record, compared with their hash (`Fault("altered")`). */
  part(record: OpenedRecord, name: string): Promise<Uint8Array>;

  watchReviews(record: OpenedRecord, changed: (reviews: readonly Review[]) => void, failed: (fault: Fault) => void): Stop;
  review(record: OpenedRecord, verdict: Verdict, note: string, supersedes: string | null): Promise<Review>;

  /** `Fault("not_there")` where the card was never published. */
  modelCard(bundleSha256: string): Promise<ModelCard>;

  fleet(changed: (kiosks: readonly KioskState[]) => void, failed: (fault: Fault) => void): Stop;
  /** Administrators only; newest first. */
  audit(filter: { readonly record: string | null; readonly uid: string | null }, after: Cursor | null): Promise<Page<AuditEntry>>;
}

export function isSecondFactor(answer: Session | SecondFactor): answer is SecondFactor {
  return "confirm" in answer;
}
