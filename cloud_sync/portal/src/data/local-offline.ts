// What was opened, kept in this browser so that it can be looked at again without the server. Cleared at sign-out.

const NAME = "firstlight-opened";
const STORE = "kept";
const LARGEST_ENTRY = 32 << 20;
const LARGEST_TOTAL = 256 << 20;

interface Entry {
  readonly key: string;
  readonly value: unknown;
  readonly bytes: number;
  readonly usedAt: number;
}

/** Keeping never fails: what cannot be kept (no room, a private window) is not there offline, and that is all. */
export interface Offline {
  get(key: string): Promise<unknown>;
  put(key: string, value: unknown, bytes: number): Promise<void>;
  clear(): Promise<void>;
}

export async function openOffline(): Promise<Offline> {
  try {
    return new Kept(await open());
  } catch {
    return new Forgetful();
  }
}

class Kept implements Offline {
  constructor(private readonly database: IDBDatabase) {}

  async get(key: string): Promise<unknown> {
    try {
      const store = this.store("readonly");
      const entry = await done<Entry | undefined>(store.get(key));
      return entry?.value;
    } catch {
      return undefined;
    }
  }

  async put(key: string, value: unknown, bytes: number): Promise<void> {
    if (bytes > LARGEST_ENTRY) return;
    try {
      await done(this.store("readwrite").put({ key, value, bytes, usedAt: Date.now() } satisfies Entry));
      await this.makeRoom();
    } catch {
      // see Offline
    }
  }

  async clear(): Promise<void> {
    try {
      await done(this.store("readwrite").clear());
    } catch {
      this.database.close();
      indexedDB.deleteDatabase(NAME);
    }
  }

  /** Drops what was kept longest ago. */
  private async makeRoom(): Promise<void> {
    const store = this.store("readwrite");
    const sizes: [IDBValidKey, number][] = [];
    let total = 0;
    await new Promise<void>((resolve, reject) => {
      const cursor = store.index("usedAt").openCursor();
      cursor.onerror = () => reject(cursor.error);
      cursor.onsuccess = () => {
        const at = cursor.result;
        if (!at) return resolve();
        const { bytes } = at.value as Entry;
        sizes.push([at.primaryKey, bytes]);
        total += bytes;
        at.continue();
      };
    });
    for (const [key, bytes] of sizes) {
      if (total <= LARGEST_TOTAL) break;
      store.delete(key);
      total -= bytes;
    }
  }

  private store(mode: IDBTransactionMode): IDBObjectStore {
    return this.database.transaction(STORE, mode).objectStore(STORE);
  }
}

/** Where the browser keeps nothing; also what tests use. */
export class Forgetful implements Offline {
  private readonly kept = new Map<string, unknown>();

  async get(key: string): Promise<unknown> {
    return this.kept.get(key);
  }

  async put(key: string, value: unknown): Promise<void> {
    this.kept.set(key, value);
  }

  async clear(): Promise<void> {
    this.kept.clear();
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" }).createIndex("usedAt", "usedAt");
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked"));
  });
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
