// Which cloud this portal belongs to is said by the server that it came from, in /__firstlight.json.

import { type Cloud, Fault } from "./data/cloud";

/** `{"kind": "local"}`, or `{"kind": "firebase", …}` with what Firebase's SDK needs; see `data/firebase.ts`. */
export interface Settings extends Readonly<Record<string, unknown>> {
  readonly kind: "local" | "firebase";
}

const ADDRESS = "/__firstlight.json";
const DEADLINE_MS = 10_000;
const KEPT = "firstlight.backend";

/** Throws `Fault("unavailable")` or, without a network and before the first visit, `Fault("offline")`. */
export async function openCloud(): Promise<Cloud> {
  const settings = await readSettings();
  const { open } = settings.kind === "local" ? await import("./data/local") : await import("./data/firebase");
  return open(settings);
}

async function readSettings(): Promise<Settings> {
  try {
    const answer = await fetch(ADDRESS, { cache: "no-cache", signal: AbortSignal.timeout(DEADLINE_MS) });
    if (!answer.ok) throw new Fault("unavailable", `The server answered ${answer.status} when it was asked which cloud this is.`);
    const settings = checked(await answer.json());
    localStorage.setItem(KEPT, JSON.stringify(settings));
    return settings;
  } catch (error) {
    if (error instanceof Fault) throw error;
    const kept = localStorage.getItem(KEPT); // no secret stands in it
    if (kept !== null) return checked(JSON.parse(kept));
    throw new Fault("offline", "This portal was not opened on this device before, and its server does not answer.");
  }
}

function checked(settings: unknown): Settings {
  const kind = typeof settings === "object" && settings !== null && "kind" in settings ? settings.kind : null;
  if (kind !== "local" && kind !== "firebase") {
    throw new Fault("unavailable", `The server's ${ADDRESS} names no cloud that this portal knows.`);
  }
  return settings as Settings;
}
