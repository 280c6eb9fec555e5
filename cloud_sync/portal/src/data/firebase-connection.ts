// The one place that sets up Firebase's SDK, and that takes Firestore down and up again when a person leaves.

import { type FirebaseApp, initializeApp } from "firebase/app";
import { type Auth, browserLocalPersistence, connectAuthEmulator, indexedDBLocalPersistence, initializeAuth } from "firebase/auth";
import {
  clearIndexedDbPersistence,
  connectFirestoreEmulator,
  type Firestore,
  initializeFirestore,
  persistentLocalCache,
  persistentMultipleTabManager,
  terminate,
} from "firebase/firestore";
import type { FirebaseStorage } from "firebase/storage";
import { Fault } from "./cloud";
import { tableOf } from "./fields";
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

const CLEAR_TRIES = 5;
const CLEAR_AGAIN_MS = 400;

export class Connection {
  readonly auth: Auth;
  private readonly app: FirebaseApp;
  private firestore: Firestore | null = null;
  private store: Promise<FirebaseStorage> | null = null;

  /** `kept`: where the parts of opened records stay while somebody is signed in; Firestore keeps its documents itself. */
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

  /** Firestore with what it read before in this browser's database. */
  get db(): Firestore {
    if (this.firestore === null) {
      const localCache = persistentLocalCache({ tabManager: persistentMultipleTabManager() });
      this.firestore = initializeFirestore(this.app, { localCache });
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

  /** Forgets everything that was read. Another tab that still holds the database is signed out, too, and lets go of it soon. */
  async forget(): Promise<void> {
    await this.kept.clear();
    const leaving = this.db;
    await terminate(leaving);
    this.firestore = null;
    for (let tried = 0; tried < CLEAR_TRIES; tried += 1) {
      try {
        await clearIndexedDbPersistence(leaving);
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, CLEAR_AGAIN_MS));
      }
    }
  }
}

function hostAndPort(address: string): [string, number] {
  const [host = "", port = ""] = address.split(/:(?=\d+$)/);
  return [host, Number(port)];
}
