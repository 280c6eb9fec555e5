// Firestore's documents as the tables that read.ts knows: times become ISO 8601, what else is no JSON is left out.

import { Timestamp, type DocumentSnapshot, type QueryDocumentSnapshot } from "firebase/firestore";
import type { AuditEntry, KioskState, ModelCard, SiteInfo } from "./cloud";
import { Fault } from "./cloud";
import { countOf, entriesOf, isTable, numberOf, numberWithin, tableOf, textOf, timeOf, wordOf, type Table } from "./fields";
import { isNewer, readSummary } from "./read";
import type { Summary } from "./record";

const LARGEST_CARD = 1 << 20;
const MOST_WARNINGS = 20;
const NEWER_KIOSK = "This kiosk is told of by a newer Firstlight: update this page to see more of it.";

export function plain(value: unknown): unknown {
  if (value instanceof Timestamp) return value.toDate().toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return null;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}

export function fieldsOf(snapshot: DocumentSnapshot): Table {
  return tableOf(plain(snapshot.data()));
}

/** A line of `sites/{site}/worklist`. */
export function summaryOf(snapshot: DocumentSnapshot): Summary {
  return readSummary(fieldsOf(snapshot), snapshot.id, snapshot.ref.parent.parent?.id ?? "");
}

/** Throws `Fault("damaged")` where the prevalences may mean something else by now. */
export function readSite(snapshot: DocumentSnapshot): SiteInfo {
  const site = understood(fieldsOf(snapshot), "This site was described");
  const shares = entriesOf(site["prevalence"]).flatMap(([model, share]) => {
    const known = numberWithin(share, 0, 1);
    return known === null ? [] : [[model, known] as const];
  });
  return { id: snapshot.id, name: textOf(site["name"]) ?? snapshot.id, prevalence: Object.fromEntries(shares) };
}

export function readCard(snapshot: DocumentSnapshot): ModelCard {
  const { name, version, card } = understood(fieldsOf(snapshot), "The model's card was written");
  if (typeof card !== "string" || card.length > LARGEST_CARD) throw damaged();
  let read: unknown;
  try {
    read = JSON.parse(card);
  } catch {
    throw damaged();
  }
  if (!isTable(read)) throw damaged();
  return { name: textOf(name) ?? "", version: textOf(version) ?? "", card: read };
}

function damaged(): Fault {
  return new Fault("damaged", "The model's card is damaged.");
}

/** Throws `Fault("damaged")` where a newer Firstlight wrote the document. */
function understood(document: Table, what: string): Table {
  if (isNewer(document)) throw new Fault("damaged", `${what} by a newer Firstlight: update this page to see it.`);
  return document;
}

/**
 * A kiosk as the administrator enrolled it, and its last heartbeat if there was one. Of what a newer Firstlight wrote, nothing is
 * shown but when it was written (`at` means that in each version, or a kiosk that was updated would seem to have stopped).
 */
export function readKiosk(kiosk: string, enrolled: Table, heartbeat: Table): KioskState {
  const newer = isNewer(enrolled) || isNewer(heartbeat);
  const known = stateOf(kiosk, isNewer(enrolled) ? {} : enrolled, isNewer(heartbeat) ? { at: heartbeat["at"] } : heartbeat);
  return newer ? { ...known, warnings: [NEWER_KIOSK, ...known.warnings] } : known;
}

function stateOf(kiosk: string, enrolled: Table, heartbeat: Table): KioskState {
  const warnings = Array.isArray(heartbeat["warnings"]) ? heartbeat["warnings"].slice(0, MOST_WARNINGS) : [];
  return {
    kiosk,
    label: textOf(enrolled["label"]),
    lastContact: timeOf(heartbeat["at"]),
    version: textOf(heartbeat["version"]),
    waiting: countOf(heartbeat["waiting"]),
    laidAside: countOf(heartbeat["laid_aside"]),
    diskFreeBytes: countOf(heartbeat["disk_free_bytes"]),
    diskTotalBytes: countOf(heartbeat["disk_total_bytes"]),
    sensorNoiseK: numberOf(heartbeat["sensor_noise_k"]),
    warnings: warnings.map(textOf).filter((text) => text !== null),
    revokedAt: timeOf(enrolled["revoked_at"]),
  };
}

/** Throws `Fault("damaged")`. */
export function readEntry(snapshot: QueryDocumentSnapshot): AuditEntry {
  const entry = understood(fieldsOf(snapshot), "An entry of the audit was written");
  const [uid, action, at] = [textOf(entry["uid"]), wordOf(entry["action"], ["open_record", "open_audit", "export"]), timeOf(entry["at"])];
  if (uid === null || action === null || at === null) throw new Fault("damaged", "An entry of the audit is damaged.");
  return { id: snapshot.id, uid, name: textOf(entry["name"]) ?? uid, action, record: textOf(entry["record"]), patient: textOf(entry["patient"]), at };
}
