// The embedded cloud (cloud_sync/local): the server that this page came from.

import {
  Fault,
  type AuditEntry,
  type Cloud,
  type Counts,
  type Cursor,
  type KioskState,
  type ModelCard,
  type Page,
  type SecondFactor,
  type Session,
  type SiteInfo,
  type Stop,
  type TotpEnrolment,
  type WorklistQuery,
} from "./cloud";
import { isTable, tableOf } from "./fields";
import { Changes } from "./local-changes";
import { Http, type Options } from "./local-http";
import { openOffline, type Offline } from "./local-offline";
import { itemsOf, noAnswer, readAuditEntry, readCard, readCounts, readKiosk, readLine, readPage, readSession, readSite } from "./local-read";
import { readable, readRecord, readReview, readSummary, sha256Hex } from "./read";
import type { OpenedRecord, Review, Summary, Verdict } from "./record";

const SESSION = "session";
const SIGN_OUT_DUE = "sign-out-due";
/** As long as the server's own: without it, nobody else ends a session that was left open. */
const IDLE_MS = 30 * 60_000;
const ACTIVE_EVERY_MS = 60_000;

export async function open(): Promise<Cloud> {
  return LocalCloud.start(await openOffline());
}

export class LocalCloud implements Cloud {
  readonly kind = "local";
  private readonly http = new Http(() => void this.end(), () => this.believed);
  private readonly changes = new Changes(this.http);
  private readonly listeners = new Set<(session: Session | null) => void>();
  private session: Session | null | undefined;
  /** Uid of whoever was signed in last: a page that signs them out means them, not whoever came since. */
  private believed: string | null = null;
  private usedAt = 0;
  private leaving = false;

  private constructor(private readonly offline: Offline) {}

  static start(offline: Offline): LocalCloud {
    const cloud = new LocalCloud(offline);
    void cloud.begin();
    for (const event of ["pointerdown", "keydown"]) globalThis.addEventListener?.(event, () => void cloud.active(), { passive: true });
    return cloud;
  }

  onSession(listener: (session: Session | null) => void): Stop {
    this.listeners.add(listener);
    if (this.session !== undefined) listener(this.session);
    return () => this.listeners.delete(listener);
  }

  async signIn(name: string, password: string): Promise<Session | SecondFactor> {
    const answer = tableOf(await this.http.post("/api/sign-in", { name, passphrase: password }));
    const ticket = answer["second_factor"];
    if (typeof ticket !== "string") return this.welcome(answer);
    return { confirm: async (code) => this.welcome(await this.http.post("/api/sign-in/code", { ticket, code })) };
  }

  async signOut(): Promise<void> {
    this.leaving = true; // what still arrives is not kept
    await this.offline.clear();
    // The cookie is not this page's to delete. Where the server does not hear of it (no network, or the tab is closed at once),
    // it is told at the next start, before anything else.
    await this.offline.put(SIGN_OUT_DUE, true, 1);
    await this.http.post("/api/sign-out", {}).then(
      () => this.offline.clear(),
      () => undefined,
    );
    this.tell(null); // last, for the page may be loaded anew by it
    this.leaving = false;
  }

  async beginTotp(): Promise<TotpEnrolment> {
    const { uri, secret } = tableOf(await this.http.post("/api/totp", {}));
    if (typeof uri !== "string" || typeof secret !== "string") throw noAnswer();
    return {
      uri,
      secret,
      confirm: async (code) => {
        await this.http.post("/api/totp/confirm", { code });
      },
    };
  }

  async site(): Promise<SiteInfo> {
    return this.kept("site", async () => this.http.get("/api/site"), readSite);
  }

  async counts(): Promise<Counts> {
    return readCounts(await this.http.get("/api/counts", { background: true }));
  }

  async worklist(query: WorklistQuery, after: Cursor | null): Promise<Page<Summary>> {
    return this.page(query, after, {});
  }

  watchWorklist(query: WorklistQuery, changed: (first: Page<Summary>) => void, failed: (fault: Fault) => void): Stop {
    return this.watch(() => this.page(query, null, { background: true }), changed, failed);
  }

  async patientRecords(patient: string): Promise<readonly Summary[]> {
    const path = `/api/patients/${encodeURIComponent(patient)}/records`;
    return this.kept(`patient/${patient}`, async () => this.http.get(path), (answer) => itemsOf(answer).map(readLine));
  }

  async openRecord(site: string, id: string): Promise<OpenedRecord> {
    return this.kept(`record/${site}/${id}`, async () => this.http.post(`${pathOf(site, id)}/open`, {}), async (answer) => {
      const { json, sha256, summary } = tableOf(answer);
      if (typeof json !== "string" || typeof sha256 !== "string") throw noAnswer();
      await requireHash(new TextEncoder().encode(json), sha256);
      return readRecord(json, readSummary(summary, id, site), sha256);
    });
  }

  async part(record: OpenedRecord, name: string): Promise<Uint8Array> {
    const part = Object.hasOwn(record.parts, name) ? record.parts[name] : undefined;
    if (part === undefined) throw new Fault("not_there", "The record has no such file.");
    const key = `part/${part.sha256}`;
    const held = await this.offline.get(key); // the same bytes wherever they come from: the hash says so
    const { site, id } = record.summary;
    const bytes = held instanceof Uint8Array ? held : await this.http.bytes(`${pathOf(site, id)}/parts/${encodeURIComponent(name)}`);
    await requireHash(bytes, part.sha256);
    if (bytes !== held) await this.keep(key, bytes, bytes.length);
    return bytes;
  }

  watchReviews(record: OpenedRecord, changed: (reviews: readonly Review[]) => void, failed: (fault: Fault) => void): Stop {
    const { site, id } = record.summary;
    const read = (answer: unknown) => readable(itemsOf(answer), (item) => readReview(item, String(tableOf(item)["id"] ?? "")));
    const told = ([reviews, fault]: readonly [readonly Review[], unknown]): void => {
      changed(reviews);
      if (fault !== null) failed(fault as Fault); // after the others, which are shown all the same: what is known hides no fault
    };
    const ask = async () => this.http.get(`${pathOf(site, id)}/reviews`, { background: true });
    return this.watch(() => this.kept(`reviews/${site}/${id}`, ask, read), told, failed);
  }

  async review(record: OpenedRecord, verdict: Verdict, note: string, supersedes: string | null): Promise<Review> {
    const { site, id } = record.summary;
    const answer = await this.http.post(`${pathOf(site, id)}/reviews`, { record_sha256: record.sha256, verdict, note, supersedes });
    return readReview(answer, String(tableOf(answer)["id"] ?? ""));
  }

  async modelCard(bundleSha256: string): Promise<ModelCard> {
    const ask = async () => this.http.get(`/api/models/${encodeURIComponent(bundleSha256)}`);
    return this.kept(`card/${bundleSha256}`, ask, readCard);
  }

  fleet(changed: (kiosks: readonly KioskState[]) => void, failed: (fault: Fault) => void): Stop {
    const ask = async () => itemsOf(await this.http.get("/api/fleet", { background: true })).map(readKiosk);
    return this.watch(ask, changed, failed);
  }

  async audit(filter: { readonly record: string | null; readonly uid: string | null }, after: Cursor | null): Promise<Page<AuditEntry>> {
    return readPage(await this.http.get(`/api/audit?${parameters({ ...filter, after })}`), readAuditEntry);
  }

  // -- who is signed in

  private async begin(): Promise<void> {
    let session: Session | null = null;
    let due = (await this.offline.get(SIGN_OUT_DUE)) === true;
    try {
      if (due) await this.http.post("/api/sign-out", {});
      due = false;
      session = readSession(await this.http.get("/api/session"));
    } catch (error) {
      session = !due && error instanceof Fault && unreachable(error) ? await this.remembered() : null;
    }
    if (this.session !== undefined) return; // somebody was faster
    this.tell(session);
    if (session !== null) return this.remember(session);
    await this.offline.clear();
    if (due) await this.offline.put(SIGN_OUT_DUE, true, 1);
  }

  private async welcome(answer: unknown): Promise<Session> {
    const session = readSession(answer);
    if (session === null) throw noAnswer();
    await this.offline.clear(); // it may be somebody else than the last time
    await this.remember(session);
    this.tell(session);
    return session;
  }

  /** What this page knows of a session when it starts without the server. */
  private async remembered(): Promise<Session | null> {
    const kept = tableOf(await this.offline.get(SESSION));
    const at = kept["at"];
    if (typeof at !== "number" || !(Date.now() - at < IDLE_MS) || at > Date.now()) return null;
    return readSession(kept);
  }

  private async remember(session: Session): Promise<void> {
    this.usedAt = Date.now();
    await this.offline.put(SESSION, { session, at: this.usedAt }, 200);
  }

  /** A person did something in the page that asks the server for nothing: the session is in use all the same. */
  private async active(): Promise<void> {
    if (!this.session || Date.now() - this.usedAt < ACTIVE_EVERY_MS) return;
    await this.remember(this.session);
    await this.http.get("/api/session").then(
      (answer) => (readSession(answer) === null ? this.end() : undefined),
      () => undefined,
    );
  }

  private async end(): Promise<void> {
    this.tell(null);
    await this.offline.clear();
  }

  private tell(session: Session | null): void {
    if (this.session === session) return;
    this.session = session;
    this.believed = session?.uid ?? this.believed;
    for (const listener of [...this.listeners]) listener(session);
  }

  // -- asking

  private async page(query: WorklistQuery, after: Cursor | null, options: Options): Promise<Page<Summary>> {
    const { reading, urgency, modality, find } = query;
    const asked = parameters({ reading, urgency, modality, find: find || null, mine: query.mine ? "1" : null, after });
    return readPage(await this.http.get(`/api/worklist?${asked}`, options), readLine);
  }

  /** Asks at once and after each change; of two answers that overtake each other the later question's counts. */
  private watch<T>(ask: () => Promise<T>, changed: (answer: T) => void, failed: (fault: Fault) => void): Stop {
    let [asked, answered, stopped] = [0, 0, false];
    const again = async (): Promise<void> => {
      const number = ++asked;
      try {
        const answer = await ask();
        if (stopped || number < answered) return;
        answered = number;
        changed(answer);
      } catch (error) {
        if (!stopped) failed(error instanceof Fault ? error : noAnswer());
      }
    };
    const stop = this.changes.watch(() => void again(), failed);
    return () => {
      stopped = true;
      stop();
    };
  }

  /** The server's answer, or, while it cannot be reached, the one that it gave before. */
  private async kept<T>(key: string, ask: () => Promise<unknown>, read: (answer: unknown) => T | Promise<T>): Promise<T> {
    let answer: unknown;
    try {
      answer = await ask();
    } catch (error) {
      const held = error instanceof Fault && unreachable(error) ? await this.offline.get(key) : undefined;
      if (!isTable(held)) throw error;
      return read(held);
    }
    const value = await read(answer);
    await this.keep(key, answer, JSON.stringify(answer).length);
    return value;
  }

  /** Only for whoever is signed in: an answer that comes after the end of a session is not kept. */
  private async keep(key: string, value: unknown, bytes: number): Promise<void> {
    if (this.session && !this.leaving) await this.offline.put(key, value, bytes);
  }
}

function unreachable(fault: Fault): boolean {
  return fault.kind === "offline" || (fault.kind === "unavailable" && fault.message.startsWith("The server did not answer"));
}

function pathOf(site: string, id: string): string {
  return `/api/records/${encodeURIComponent(site)}/${encodeURIComponent(id)}`;
}

function parameters(values: Readonly<Record<string, string | null>>): string {
  const given = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== null);
  return new URLSearchParams(given).toString();
}

async function requireHash(bytes: Uint8Array, sha256: string): Promise<void> {
  if ((await sha256Hex(bytes)) !== sha256) {
    throw new Fault("altered", "The bytes are not those that the kiosk sent: show them to nobody, tell the technician.");
  }
}
