// One request waits at the server for something to happen, for all lists that are on the screen.

import { Fault, type Stop } from "./cloud";
import { isTable } from "./fields";
import type { Http } from "./local-http";

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;

type Listener = () => void;
type Failed = (fault: Fault) => void;
interface Watcher {
  readonly changed: Listener;
  readonly failed: Failed;
}

export class Changes {
  private readonly watchers = new Set<Watcher>();
  private running = false;
  private token = "";
  private wake: (() => void) | null = null;

  constructor(private readonly http: Http) {}

  /** Calls `changed` at once and whenever something may have changed, `failed` when the way to the server broke. */
  watch(changed: Listener, failed: Failed): Stop {
    const watcher = { changed, failed };
    this.watchers.add(watcher);
    changed();
    if (!this.running) void this.run();
    return () => this.watchers.delete(watcher);
  }

  private async run(): Promise<void> {
    this.running = true;
    const awake = () => this.wake?.();
    globalThis.addEventListener?.("online", awake);
    let pause = FIRST_PAUSE_MS;
    while (this.watchers.size > 0) {
      try {
        const answer = await this.http.get(`/api/changes?after=${encodeURIComponent(this.token)}`, { background: true });
        const token = isTable(answer) && typeof answer["token"] === "string" ? answer["token"] : null;
        if (token === null) throw new Fault("unavailable", "The server answered something that is no answer.");
        // The first answer counts as a change, too: something may have happened between the first question and it. After a fault
        // everything is asked anew, and what was said of it goes away.
        const changed = token !== this.token;
        this.token = token;
        pause = FIRST_PAUSE_MS;
        if (changed) for (const watcher of [...this.watchers]) watcher.changed();
      } catch (error) {
        const fault = error instanceof Fault ? error : new Fault("unavailable", String(error));
        if (pause === FIRST_PAUSE_MS) for (const { failed } of [...this.watchers]) failed(fault);
        if (fault.kind === "signed_out") break;
        this.token = ""; // so that the first answer comes at once
        await this.sleep(pause);
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
    }
    globalThis.removeEventListener?.("online", awake);
    this.running = false;
    this.token = "";
  }

  /** Ends early when the browser notices that there is a network again. */
  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.wake?.(), ms);
      this.wake = () => {
        clearTimeout(timer);
        this.wake = null;
        resolve();
      };
    });
  }
}
