// The one place that sets up Firebase's SDK, and that takes Firestore down and up again when a person leaves.
// Firestore keeps its documents in memory alone. What was opened stays in `Offline`, as with the embedded cloud: that is small,
// is cleared in one step, and lets two tabs be open at once; Firestore's own database in the browser is none of it.

import { type FirebaseApp, initializeApp } from "firebase/app";
import { type Auth, browserLocalPersistence, connectAuthEmulator, indexedDBLocalPersistence, initializeAuth } from "firebase/auth";
import { connectFirestoreEmulator, type Firestore, getFirestore, terminate } from "firebase/firestore";
import type { FirebaseStorage } from "firebase/storage";
import { Fault } from "./cloud";
import { tableOf } from "./fields";
import { isOffline, toFault } from "./firebase-faults";
import type { Offline } from "./local-offline";

/** As `/__firstlight.json` has it. Nothing in it is secret: what a browser may do, the rules say. */
export interface Settings {
  readonly project: string;
  readonly apiKey: string;
  readonly bucket: string;
  readonly authDomain: string;
  /** host:port of each emulator, for tests; `null`: the real Firebase. */
  readonly emulators: { readonly auth: string; readonly firestore: string; readonly storage: string } | null;
}

export function readSettings(settings: Readonly<Record<string, unknown>>): Settings {
  const text = (table: Readonly<Record<string, unknown>>, key: string): string => {
    const value = table[key];
    if (typeof value !== "string" || value === "") throw new Fault("unavailable", `The server's description of this cloud lacks "${key}".`);
    return value;
  };
  const emulators = settings["emulators"] === undefined || settings["emulators"] === null ? null : tableOf(settings["emulators"]);
  return {
    project: text(settings, "project"),
    apiKey: text(settings, "apiKey"),
    bucket: text(settings, "bucket"),
    authDomain: text(settings, "authDomain"),
    emulators: emulators && { auth: text(emulators, "auth"), firestore: text(emulators, "firestore"), storage: text(emulators, "storage") },
  };
}

export class Connection {
  readonly auth: Auth;
  private readonly app: FirebaseApp;
  private firestore: Firestore | null = null;
  private store: Promise<FirebaseStorage> | null = null;
  private era = 0;

  /** `kept`: where what was opened stays while somebody is signed in. */
  constructor(
    private readonly settings: Settings,
    readonly kept: Offline,
  ) {
    const { project, apiKey, bucket, authDomain, emulators } = settings;
    this.app = initializeApp({ projectId: project, apiKey, storageBucket: bucket, authDomain });
    // No resolver for pop-ups and redirects: people sign in with a password, and that code stays out of the bundle.
    this.auth = initializeAuth(this.app, { persistence: [indexedDBLocalPersistence, browserLocalPersistence] });
    if (emulators) connectAuthEmulator(this.auth, `http://${emulators.auth}`, { disableWarnings: true });
  }

  get db(): Firestore {
    if (this.firestore === null) {
      this.firestore = getFirestore(this.app);
      const { emulators } = this.settings;
      if (emulators) connectFirestoreEmulator(this.firestore, ...hostAndPort(emulators.firestore));
    }
    return this.firestore;
  }

  /** Loaded with the first part: no worklist needs it. */
  storage(): Promise<FirebaseStorage> {
    this.store ??= this.openStorage();
    return this.store;
  }

  private async openStorage(): Promise<FirebaseStorage> {
    const { connectStorageEmulator, getStorage } = await import("firebase/storage");
    const storage = getStorage(this.app);
    storage.maxOperationRetryTime = 8_000;
    const { emulators } = this.settings;
    if (emulators) connectStorageEmulator(storage, ...hostAndPort(emulators.storage));
    return storage;
  }

  /** Forgets everything that was read. */
  async forget(): Promise<void> {
    const leaving = this.firestore;
    this.firestore = null;
    this.era += 1;
    await Promise.all([this.kept.clear(), leaving && terminate(leaving)]);
  }

  /** For whoever is signed in now: what `keep` gets after they left is not kept. */
  keeper(): (key: string, value: unknown, bytes: number) => Promise<void> {
    const { era } = this;
    return async (key, value, bytes) => {
      if (era === this.era) await this.kept.put(key, value, bytes);
    };
  }

  /** What the cloud answers, or, while it cannot be reached, what it answered before. */
  async keeping<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const keep = this.keeper();
    try {
      if (isOffline()) throw toFault({ code: "unavailable" });
      const answer = await ask();
      await keep(key, answer, JSON.stringify(answer).length);
      return answer;
    } catch (error) {
      const fault = toFault(error);
      const held = fault.kind === "offline" ? await this.kept.get(key) : undefined;
      if (held === undefined) throw fault;
      return held as T;
    }
  }
}

function hostAndPort(address: string): [string, number] {
  const [host = "", port = ""] = address.split(/:(?=\d+$)/);
  return [host, Number(port)];
}
