// What the embedded cloud answers, beside records and reviews: checked like everything from outside.

import { Fault, type AuditEntry, type Counts, type KioskState, type ModelCard, type Page, type Session, type SiteInfo } from "./cloud";
import { countOf, entriesOf, isTable, numberOf, numberWithin, tableOf, textOf, timeOf, wordOf } from "./fields";
import { readSummary } from "./read";
import type { Summary } from "./record";

const ROLES = ["doctor", "administrator"] as const;
const ACTIONS = ["open_record", "open_audit", "export"] as const;
const MOST_WARNINGS = 20;

export function noAnswer(): Fault {
  return new Fault("unavailable", "The server answered something that is no answer.");
}

export function readSession(answer: unknown): Session | null {
  const session = tableOf(answer)["session"];
  if (session === null) return null;
  const { uid, name, role, site } = tableOf(session);
  const known = wordOf(role, ROLES);
  if (typeof uid !== "string" || typeof name !== "string" || typeof site !== "string" || known === null) throw noAnswer();
  return { uid, name, role: known, site };
}

export function readSite(answer: unknown): SiteInfo {
  const site = tableOf(answer);
  const id = textOf(site["id"]);
  if (id === null) throw noAnswer();
  const shares = entriesOf(site["prevalence"]).flatMap(([model, share]) => {
    const known = numberWithin(share, 0, 1);
    return known === null ? [] : [[model, known] as const];
  });
  return { id, name: textOf(site["name"]) ?? id, prevalence: Object.fromEntries(shares) };
}

export function readCounts(answer: unknown): Counts {
  const counts = tableOf(answer);
  const [unread, toDo, total] = [countOf(counts["unread"]), countOf(counts["to_do"]), countOf(counts["total"])];
  if (unread === null || toDo === null || total === null) throw noAnswer();
  return { unread, toDo, total };
}

export function itemsOf(answer: unknown): readonly unknown[] {
  const items = tableOf(answer)["items"];
  if (!Array.isArray(items)) throw noAnswer();
  return items;
}

export function readLine(item: unknown): Summary {
  const line = tableOf(item);
  const [id, site] = [line["record"], line["site"]];
  if (typeof id !== "string" || typeof site !== "string") throw noAnswer();
  return readSummary(item, id, site);
}

export function readPage<T>(answer: unknown, read: (item: unknown) => T): Page<T> {
  const next = tableOf(answer)["next"];
  return { items: itemsOf(answer).map(read), next: typeof next === "string" ? next : null };
}

export function readKiosk(item: unknown): KioskState {
  const kiosk = tableOf(item);
  const warnings = Array.isArray(kiosk["warnings"]) ? kiosk["warnings"].slice(0, MOST_WARNINGS) : [];
  return {
    kiosk: textOf(kiosk["kiosk"]) ?? "",
    label: textOf(kiosk["label"]),
    lastContact: timeOf(kiosk["last_contact"]),
    version: textOf(kiosk["version"]),
    waiting: countOf(kiosk["waiting"]),
    laidAside: countOf(kiosk["laid_aside"]),
    diskFreeBytes: countOf(kiosk["disk_free_bytes"]),
    diskTotalBytes: countOf(kiosk["disk_total_bytes"]),
    sensorNoiseK: numberOf(kiosk["sensor_noise_k"]),
    warnings: warnings.map(textOf).filter((text) => text !== null),
    revokedAt: timeOf(kiosk["revoked_at"]),
  };
}

export function readAuditEntry(item: unknown): AuditEntry {
  const entry = tableOf(item);
  const [id, uid, action, at] = [textOf(entry["id"]), textOf(entry["uid"]), wordOf(entry["action"], ACTIONS), timeOf(entry["at"])];
  if (id === null || uid === null || action === null || at === null) throw noAnswer();
  return { id, uid, name: textOf(entry["name"]) ?? uid, action, record: textOf(entry["record"]), patient: textOf(entry["patient"]), at };
}

export function readCard(answer: unknown): ModelCard {
  const { name, version, card } = tableOf(answer);
  if (!isTable(card)) throw noAnswer();
  return { name: textOf(name) ?? "", version: textOf(version) ?? "", card };
}
