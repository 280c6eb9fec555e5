// A cloud in memory with made-up records, for looking at pages and for tests. Look at yours so:
//
//     npx vite --port 5199          then open http://localhost:5199/sample.html
//
// Any name and the password "sample" signs in as doctor, "admin" as administrator; the name "totp" asks for the code 123456.
// sample.html?records=200 makes fewer records (default 10,000), ?live=5 lets a record arrive every 5 seconds, ?slow=1500 makes each
// call take that many ms, ?fail=offline (or another kind of fault) makes each opening fail, ?as=admin or ?as=doctor skips signing in.
// The first records: 0 thermal, above the threshold, with a photograph; 1 MRI with a lesion; 2 abstained; 3 out of domain;
// 4 without any model; 5 hostile texts; 6 problem. Patient "P-HIST-0001-00" has twelve thermal visits, "P-HEAD-0002-00" four of MRI.

import {
  type AuditEntry, type Cloud, type Counts, type Cursor, Fault, type FaultKind, type KioskState, type ModelCard, type Page,
  type SecondFactor, type Session, type SiteInfo, type Stop, type TotpEnrolment, type WorklistQuery,
} from "../src/data/cloud";
import type { OpenedRecord, Review, Summary, Verdict } from "../src/data/record";
import { card } from "./sample-card";
import { fleet as madeFleet } from "./sample-fleet";
import { opened } from "./sample-opened";
import { summaries } from "./sample-summaries";
import { seeded } from "./sample-parts";

export interface SampleOptions {
  readonly records?: number;
  readonly liveS?: number;
  readonly slowMs?: number;
  readonly fail?: FaultKind;
  readonly as?: "doctor" | "admin";
}

const RANK = { look_first: 0, not_assessed: 1, routine: 2 } as const;
const PAGE = 100;

export class SampleCloud implements Cloud {
  readonly kind = "local";
  #session: Session | null = null;
  readonly #sessions = new Set<(session: Session | null) => void>();
  readonly #worklists = new Set<() => void>();
  readonly #reviewed = new Set<() => void>();
  #records: Summary[];
  readonly #parts = new Map<string, Promise<{ record: OpenedRecord; parts: Readonly<Record<string, Uint8Array>> }>>();
  readonly #reviews: Review[] = [];
  readonly #audit: AuditEntry[] = [];
  readonly #options: SampleOptions;
  readonly #startMs = Date.now();

  constructor(options: SampleOptions = {}) {
    this.#options = options;
    this.#records = summaries(options.records ?? 10_000);
    this.#sort();
    if (options.as) this.#session = this.#sessionOf(options.as);
    if (options.liveS) setInterval(() => this.arrive(), options.liveS * 1000);
  }

  /** Lets a record arrive, as a kiosk would. */
  arrive(change: Partial<Summary> = {}): Summary {
    const id = crypto.randomUUID().replaceAll("-", "");
    const now = new Date().toISOString();
    const [first] = summaries(1, Math.floor(Math.random() * 1e9));
    const made = { ...(first as Summary), id, receivedAt: now, capturedAt: now, reading: "unread" as const, lastVerdict: null, ...change };
    this.#records.push(made);
    this.#sort();
    for (const changed of this.#worklists) changed();
    return made;
  }

  /** Ends the session as a server would. */
  expire(): void {
    this.#become(null);
  }

  #sort(): void {
    this.#records.sort((a, b) => RANK[a.urgency] - RANK[b.urgency] || b.receivedAt.localeCompare(a.receivedAt));
  }

  #sessionOf(role: "doctor" | "admin"): Session {
    return role === "admin"
      ? { uid: "u-admin", name: "Noor Haddad", role: "administrator", site: "home" }
      : { uid: "u-doctor", name: "Dr. Ada Brandt", role: "doctor", site: "home" };
  }

  #become(session: Session | null): void {
    this.#session = session;
    for (const listener of this.#sessions) listener(session);
  }

  async #wait(): Promise<void> {
    await new Promise((done) => setTimeout(done, this.#options.slowMs ?? 15));
    if (!this.#session) throw new Fault("signed_out", "The session ended.");
  }

  onSession(listener: (session: Session | null) => void): Stop {
    this.#sessions.add(listener);
    listener(this.#session);
    return () => this.#sessions.delete(listener);
  }

  #wrong = 0;

  async signIn(name: string, password: string): Promise<Session | SecondFactor> {
    await new Promise((done) => setTimeout(done, 200));
    const role = password === "admin" ? "admin" : "doctor";
    if (password !== "sample" && password !== "admin") {
      this.#wrong += 1;
      if (this.#wrong > 2) throw new Fault("paused", "Too many wrong tries.", 20);
      throw new Fault("wrong_password", "Name and password do not belong together.");
    }
    const session = this.#sessionOf(role);
    if (name === "totp") {
      return {
        confirm: async (code) => {
          if (code !== "123456") throw new Fault("second_factor_wrong", "This code is not right.");
          this.#become(session);
          return session;
        },
      };
    }
    this.#become(session);
    return session;
  }

  async signOut(): Promise<void> {
    this.#become(null);
  }

  async beginTotp(): Promise<TotpEnrolment | null> {
    await this.#wait();
    const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
    return {
      secret,
      uri: `otpauth://totp/Firstlight:${encodeURIComponent(this.#session?.name ?? "")}?secret=${secret}&issuer=Firstlight`,
      confirm: async (code) => {
        if (code !== "123456") throw new Fault("second_factor_wrong", "This code is not right.");
      },
    };
  }

  async site(): Promise<SiteInfo> {
    await this.#wait();
    return { id: "home", name: "Riverside clinic", prevalence: { breast: 0.006 } };
  }

  async counts(): Promise<Counts> {
    await this.#wait();
    const count = (wanted: (record: Summary) => boolean): number => this.#records.filter(wanted).length;
    return { unread: count((r) => r.reading === "unread"), toDo: count((r) => r.reading !== "reviewed"), total: this.#records.length };
  }

  #page(query: WorklistQuery, after: Cursor | null): Page<Summary> {
    const find = query.find.trim().toLowerCase();
    const wanted = this.#records.filter(
      (r) =>
        (query.reading === "all" || (query.reading === "to_do" ? r.reading !== "reviewed" : r.reading === query.reading)) &&
        (query.urgency === null || r.urgency === query.urgency) &&
        (query.modality === null || r.modality === query.modality) &&
        (!query.mine || Number.parseInt(r.id.slice(0, 2), 16) % 3 === 0) &&
        (find === "" || (r.patient ?? "").toLowerCase().startsWith(find) || r.id.startsWith(find)),
    );
    const start = after === null ? 0 : wanted.findIndex((r) => r.id === after) + 1;
    const items = wanted.slice(start, start + PAGE);
    return { items, next: start + PAGE < wanted.length ? (items.at(-1)?.id ?? null) : null };
  }

  async worklist(query: WorklistQuery, after: Cursor | null): Promise<Page<Summary>> {
    await this.#wait();
    return this.#page(query, after);
  }

  watchWorklist(query: WorklistQuery, changed: (first: Page<Summary>) => void, failed: (fault: Fault) => void): Stop {
    const tell = (): void => {
      this.#wait().then(() => this.#worklists.has(tell) && changed(this.#page(query, null)), (error: unknown) => failed(error as Fault));
    };
    this.#worklists.add(tell);
    tell();
    return () => this.#worklists.delete(tell);
  }

  async patientRecords(patient: string): Promise<readonly Summary[]> {
    await this.#wait();
    return this.#records.filter((r) => r.patient === patient).sort((a, b) => a.receivedAt.localeCompare(b.receivedAt));
  }

  #change(id: string, change: Partial<Summary>): void {
    this.#records = this.#records.map((r) => (r.id === id ? { ...r, ...change } : r));
    for (const tell of this.#worklists) tell();
  }

  async openRecord(site: string, id: string): Promise<OpenedRecord> {
    await this.#wait();
    if (this.#options.fail) throw new Fault(this.#options.fail, "Asked for by ?fail=.");
    const summary = this.#records.find((r) => r.id === id && r.site === site);
    if (!summary) throw new Fault("not_there", "There is no such record here.");
    this.#enter("open_record", summary);
    if (summary.problem !== null) throw new Fault("damaged", summary.problem);
    const made = this.#parts.get(id) ?? opened(summary);
    this.#parts.set(id, made);
    if (summary.reading === "unread") this.#change(id, { reading: "opened" });
    return { ...(await made).record, summary: { ...summary, reading: summary.reading === "unread" ? "opened" : summary.reading } };
  }

  #enter(action: AuditEntry["action"], summary: Summary | null): void {
    const { uid, name } = this.#session as Session;
    const at = new Date().toISOString();
    this.#audit.unshift({ id: crypto.randomUUID(), uid, name, action, record: summary?.id ?? null, patient: summary?.patient ?? null, at });
  }

  async part(record: OpenedRecord, name: string): Promise<Uint8Array> {
    await this.#wait();
    const bytes = (await this.#parts.get(record.summary.id))?.parts[name];
    if (!bytes) throw new Fault("not_there", `The record has no part ${name}.`);
    return bytes;
  }

  watchReviews(record: OpenedRecord, changed: (reviews: readonly Review[]) => void, failed: (fault: Fault) => void): Stop {
    const tell = (): void => {
      this.#wait().then(() => changed(this.#reviews.filter((r) => r.record === record.summary.id)), (error: unknown) => failed(error as Fault));
    };
    this.#reviewed.add(tell);
    tell();
    return () => this.#reviewed.delete(tell);
  }

  async review(record: OpenedRecord, verdict: Verdict, note: string, supersedes: string | null): Promise<Review> {
    await this.#wait();
    if (this.#session?.role !== "doctor") throw new Fault("not_allowed", "Only doctors review.");
    const { id, patient } = record.summary;
    const made: Review = {
      id: crypto.randomUUID(), record: id, recordSha256: record.sha256, patient, author: this.#session.uid, authorName: this.#session.name,
      verdict, note, supersedes, at: new Date().toISOString(),
    };
    this.#reviews.push(made);
    for (const tell of this.#reviewed) tell();
    this.#change(id, { reading: "reviewed", lastVerdict: verdict });
    return made;
  }

  async modelCard(bundleSha256: string): Promise<ModelCard> {
    await this.#wait();
    if (!bundleSha256.startsWith("a")) throw new Fault("not_there", "This card was never published.");
    return { name: "breast", version: "1.0.0", card };
  }

  fleet(changed: (kiosks: readonly KioskState[]) => void, failed: (fault: Fault) => void): Stop {
    const tell = (): void => void this.#wait().then(() => changed(madeFleet(Date.now(), this.#startMs)), (error: unknown) => failed(error as Fault));
    const timer = setInterval(tell, 30_000);
    tell();
    return () => clearInterval(timer);
  }

  async audit(filter: { readonly record: string | null; readonly uid: string | null }, after: Cursor | null): Promise<Page<AuditEntry>> {
    await this.#wait();
    if (this.#session?.role !== "administrator") throw new Fault("not_allowed", "Only administrators read the audit.");
    if (this.#audit.length < 200) this.#inventAudit();
    const wanted = this.#audit.filter((e) => (filter.record === null || e.record === filter.record) && (filter.uid === null || e.uid === filter.uid));
    const start = after === null ? 0 : Number(after);
    return { items: wanted.slice(start, start + PAGE), next: start + PAGE < wanted.length ? String(start + PAGE) : null };
  }

  #inventAudit(): void {
    const random = seeded(3);
    for (let back = 1; back <= 240; back += 1) {
      const record = this.#records[Math.floor(random() * this.#records.length)];
      const doctor = random() < 0.8;
      this.#audit.push({
        id: `made-${back}`, uid: doctor ? "u-doctor" : "u-second", name: doctor ? "Dr. Ada Brandt" : "Dr. Kofi Mensah", action: "open_record",
        record: record?.id ?? null, patient: record?.patient ?? null, at: new Date(Date.now() - back * 1_700_000).toISOString(),
      });
    }
  }
}
