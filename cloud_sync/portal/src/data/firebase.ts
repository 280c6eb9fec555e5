// Firebase: Auth says who, Firestore holds the documents and Storage the parts, and the rules of cloud_sync/firebase say who may do what.

import type { AuditEntry, Cloud, Counts, Cursor, Fault, KioskState, ModelCard, Page, SecondFactor, Session, SiteInfo, Stop, TotpEnrolment, WorklistQuery } from "./cloud";
import { Directory } from "./firebase-directory";
import { Connection, readSettings } from "./firebase-connection";
import { Records } from "./firebase-records";
import { Reviews } from "./firebase-reviews";
import { Sessions } from "./firebase-session";
import { Worklist } from "./firebase-worklist";
import { openOffline } from "./local-offline";
import type { OpenedRecord, Review, Summary, Verdict } from "./record";

/** `settings`: what `/__firstlight.json` says; see `readSettings`. Throws `Fault("unavailable")` where something is missing in it. */
export async function open(settings: Readonly<Record<string, unknown>>): Promise<Cloud> {
  const connection = new Connection(readSettings(settings), await openOffline());
  return new FirebaseCloud(connection);
}

export class FirebaseCloud implements Cloud {
  readonly kind = "firebase";
  private readonly sessions: Sessions;
  private readonly lists: Worklist;
  private readonly records: Records;
  private readonly signed: Reviews;
  private readonly directory: Directory;

  constructor(connection: Connection) {
    this.sessions = new Sessions(connection);
    const who = (): Session => this.sessions.required();
    this.lists = new Worklist(connection, who);
    this.records = new Records(connection, who);
    this.signed = new Reviews(connection, who);
    this.directory = new Directory(connection, who);
  }

  onSession(listener: (session: Session | null) => void): Stop {
    return this.sessions.listen(listener);
  }

  signIn(name: string, password: string): Promise<Session | SecondFactor> {
    return this.sessions.signIn(name, password);
  }

  signOut(): Promise<void> {
    return this.sessions.signOut();
  }

  beginTotp(): Promise<TotpEnrolment | null> {
    return this.sessions.beginTotp();
  }

  site(): Promise<SiteInfo> {
    return this.directory.site();
  }

  counts(): Promise<Counts> {
    return this.lists.counts();
  }

  worklist(query: WorklistQuery, after: Cursor | null): Promise<Page<Summary>> {
    return this.lists.page(query, after);
  }

  watchWorklist(query: WorklistQuery, changed: (first: Page<Summary>) => void, failed: (fault: Fault) => void): Stop {
    return this.lists.watch(query, changed, failed);
  }

  patientRecords(patient: string): Promise<readonly Summary[]> {
    return this.lists.ofPatient(patient);
  }

  openRecord(site: string, id: string): Promise<OpenedRecord> {
    return this.records.open(site, id);
  }

  part(record: OpenedRecord, name: string): Promise<Uint8Array> {
    return this.records.part(record, name);
  }

  watchReviews(record: OpenedRecord, changed: (reviews: readonly Review[]) => void, failed: (fault: Fault) => void): Stop {
    return this.signed.watch(record, changed, failed);
  }

  review(record: OpenedRecord, verdict: Verdict, note: string, supersedes: string | null): Promise<Review> {
    return this.signed.sign(record, verdict, note, supersedes);
  }

  modelCard(bundleSha256: string): Promise<ModelCard> {
    return this.directory.modelCard(bundleSha256);
  }

  fleet(changed: (kiosks: readonly KioskState[]) => void, failed: (fault: Fault) => void): Stop {
    return this.directory.fleet(changed, failed);
  }

  audit(filter: { readonly record: string | null; readonly uid: string | null }, after: Cursor | null): Promise<Page<AuditEntry>> {
    return this.directory.audit(filter, after);
  }
}
