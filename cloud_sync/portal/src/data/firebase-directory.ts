// The site, its kiosks, its audit, and the cards of its models.

import { collection, doc, documentId, type DocumentSnapshot, getDocFromServer, getDocsFromServer, limit, orderBy, query, runTransaction, serverTimestamp, startAfter, Timestamp, where } from "firebase/firestore";
import { Fault, type AuditEntry, type Cursor, type KioskState, type ModelCard, type Page, type Session, type SiteInfo, type Stop } from "./cloud";
import type { Connection } from "./firebase-connection";
import { isOffline, toFault, within } from "./firebase-faults";
import { listen } from "./firebase-live";
import { fieldsOf, readCard, readEntry, readKiosk, readSite } from "./firebase-read";
import { SCHEMA } from "./read";
import type { Table } from "./fields";
import { PAGE } from "./firebase-asks";

export class Directory {
  constructor(
    private readonly connection: Connection,
    private readonly who: () => Session,
  ) {}

  async site(): Promise<SiteInfo> {
    const { site } = this.who();
    return this.connection.keeping("site", async () => readSite(await this.found("sites", site)));
  }

  async modelCard(bundleSha256: string): Promise<ModelCard> {
    return this.connection.keeping(`card/${bundleSha256}`, async () => readCard(await this.found("models", bundleSha256)));
  }

  fleet(changed: (kiosks: readonly KioskState[]) => void, failed: (fault: Fault) => void): Stop {
    const { site } = this.who();
    const heard: { kiosks?: ReadonlyMap<string, Table>; heartbeats?: ReadonlyMap<string, Table> } = {};
    const tell = (): void => {
      const { kiosks, heartbeats } = heard;
      if (!kiosks || !heartbeats) return;
      const names = [...new Set([...kiosks.keys(), ...heartbeats.keys()])].sort();
      changed(names.map((name) => readKiosk(name, kiosks.get(name) ?? {}, heartbeats.get(name) ?? {})));
    };
    const stops = (["kiosks", "heartbeats"] as const).map((name) =>
      listen(
        collection(this.connection.db, "sites", site, name),
        (docs) => {
          heard[name] = new Map(docs.map((one) => [one.id, fieldsOf(one)]));
          tell();
        },
        failed,
      ),
    );
    return () => {
      for (const stop of stops) stop();
    };
  }

  /** Looking at the audit is an entry in it, too. */
  async audit(filter: { readonly record: string | null; readonly uid: string | null }, after: Cursor | null): Promise<Page<AuditEntry>> {
    const { uid, name, site } = this.who();
    if (isOffline()) throw toFault({ code: "unavailable" });
    const entries = collection(this.connection.db, "sites", site, "audit");
    if (after === null) {
      const entry = { schema: SCHEMA, uid, name, action: "open_audit", record: null, patient: null, at: serverTimestamp() };
      await within(runTransaction(this.connection.db, async (transaction) => void transaction.set(doc(entries), entry)));
    }
    const asked = query(
      entries,
      ...(filter.record === null ? [] : [where("record", "==", filter.record)]),
      ...(filter.uid === null ? [] : [where("uid", "==", filter.uid)]),
      orderBy("at", "desc"),
      orderBy(documentId(), "desc"),
      ...(after === null ? [] : [startAfter(...place(after))]),
      limit(PAGE),
    );
    const { docs } = await within(getDocsFromServer(asked));
    const last = docs.length === PAGE ? docs.at(-1) : undefined;
    const at: unknown = last?.get("at");
    return { items: docs.map(readEntry), next: last && at instanceof Timestamp ? JSON.stringify([at.seconds, at.nanoseconds, last.id]) : null };
  }

  private async found(...path: [string, string]): Promise<DocumentSnapshot> {
    const snapshot = await within(getDocFromServer(doc(this.connection.db, ...path)));
    if (!snapshot.exists()) throw toFault({ code: "not-found" });
    return snapshot;
  }
}

function place(cursor: Cursor): [Timestamp, string] {
  try {
    const [seconds, nanoseconds, id] = JSON.parse(cursor) as [number, number, string];
    return [new Timestamp(seconds, nanoseconds), id];
  } catch {
    throw new Fault("unavailable", "The page to go on from is unknown.");
  }
}
