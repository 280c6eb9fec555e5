// One record: the audit entry first, then the document, then its parts, each compared with its hash.

import { collection, doc, type DocumentReference, getDocFromServer, runTransaction, serverTimestamp } from "firebase/firestore";
import { Fault, type Session } from "./cloud";
import type { Connection } from "./firebase-connection";
import { toFault, within } from "./firebase-faults";
import { tableOf } from "./fields";
import { fieldsOf, summaryOf } from "./firebase-read";
import { readRecord, sha256Hex, SCHEMA } from "./read";
import type { OpenedRecord } from "./record";

/** A few more bytes than the document names are asked for, so that too many are noticed, and no more. */
const SLACK = 1;
const UPLOAD = /^[0-9a-f]{32}$/;

export class Records {
  constructor(
    private readonly connection: Connection,
    private readonly who: () => Session,
  ) {}

  async open(site: string, id: string): Promise<OpenedRecord> {
    const read = await this.connection.keeping(`record/${site}/${id}`, async () => {
      const line = doc(this.connection.db, "sites", site, "worklist", id);
      await within(this.enter(line, site, id));
      const record = doc(this.connection.db, "sites", site, "records", id);
      const [document, listed] = await Promise.all([within(getDocFromServer(record)), within(getDocFromServer(line))]);
      if (!document.exists() || !listed.exists()) throw toFault({ code: "not-found" });
      return { record: fieldsOf(document), summary: summaryOf(listed) };
    });
    const { json, sha256 } = read.record;
    if (typeof json !== "string" || typeof sha256 !== "string") throw new Fault("damaged", "The document is damaged: it is no record.");
    await requireHash(new TextEncoder().encode(json), sha256);
    return { ...readRecord(json, read.summary, sha256), uploads: readUploads(read.record["uploads"]) };
  }

  /**
   * A refusal is asked about once more before a doctor reads it: the rules refuse, too, while a busy server fails to look up the
   * documents that they depend on, and it says no more than that of either.
   */
  private async enter(line: DocumentReference, site: string, id: string): Promise<void> {
    try {
      await this.write(line, site, id);
    } catch (error) {
      if (toFault(error).kind !== "not_allowed") throw error;
      await this.write(line, site, id);
    }
  }

  /**
   * Writes the audit entry of this opening, what lets the rules read the record for a minute, and that the record is opened.
   * A transaction, since it is never kept for later: an entry that arrives after the network came back would tell of no opening.
   * Each of its tries has an entry of its own: the answer to the one before may be all that was lost, and no entry is written twice.
   */
  private async write(line: DocumentReference, site: string, id: string): Promise<void> {
    const { uid, name } = this.who();
    const opened = doc(this.connection.db, "sites", site, "opened", `${uid}_${id}`);
    const at = serverTimestamp();
    await runTransaction(this.connection.db, async (transaction) => {
      const listed = await transaction.get(line);
      if (!listed.exists()) throw toFault({ code: "not-found" });
      const patient = listed.get("patient") as string | null;
      const entry = doc(collection(this.connection.db, "sites", site, "audit"));
      transaction.set(entry, { schema: SCHEMA, uid, name, action: "open_record", record: id, patient, at });
      transaction.set(opened, { schema: SCHEMA, uid, record: id, entry: entry.id, at });
      if (listed.get("reading") === "unread") transaction.update(line, { reading: "opened" });
    });
  }

  async part(record: OpenedRecord, name: string): Promise<Uint8Array> {
    const part = Object.hasOwn(record.parts, name) ? record.parts[name] : undefined;
    if (part === undefined) throw new Fault("not_there", "The record has no such file.");
    const key = `part/${part.sha256}`;
    const keep = this.connection.keeper();
    const held = await this.connection.kept.get(key); // the same bytes wherever they come from: the hash says so
    const { site, id } = record.summary;
    const { uploads = {} } = record;
    if (!Object.hasOwn(uploads, name)) throw new Fault("not_there", "The record does not say where this file lies.");
    const path = `sites/${site}/records/${id}/${part.sha256}/${uploads[name]}/${name}`;
    const bytes = held instanceof Uint8Array ? held : await this.download(path, part.bytes);
    await requireHash(bytes, part.sha256);
    if (bytes !== held) await keep(key, bytes, bytes.length);
    return bytes;
  }

  private async download(path: string, size: number): Promise<Uint8Array> {
    this.who();
    const storage = await within(this.connection.storage());
    const { getBytes, ref } = await import("firebase/storage");
    return new Uint8Array(await within(getBytes(ref(storage, path), size + SLACK)));
  }
}

/** With which upload each part arrived; a segment of its path. What is none is left out. */
function readUploads(held: unknown): Record<string, string> {
  const uploads = Object.entries(tableOf(held)).filter((entry): entry is [string, string] => UPLOAD.test(String(entry[1])));
  return Object.fromEntries(uploads);
}

async function requireHash(bytes: Uint8Array, sha256: string): Promise<void> {
  if ((await sha256Hex(bytes)) !== sha256) {
    throw new Fault("altered", "The bytes are not those that the kiosk sent: show them to nobody, tell the technician.");
  }
}
