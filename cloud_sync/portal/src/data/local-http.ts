// Requests to the embedded cloud: each has a deadline, and whatever goes wrong becomes a Fault.

import { Fault, type FaultKind } from "./cloud";
import { isTable, textOf } from "./fields";

/** Every promise of the portal's data settles within 20 s. */
export const DEADLINE_MS = 18_000;
const KINDS: readonly FaultKind[] = [
  "signed_out",
  "wrong_password",
  "paused",
  "second_factor_wrong",
  "not_allowed",
  "not_there",
  "altered",
  "damaged",
  "too_large",
  "offline",
  "unavailable",
];

export interface Options {
  /** Because of a timer, not of a person: does not keep the session alive. */
  readonly background?: boolean;
}

export class Http {
  /**
   * `ended` is called when the server says that nobody is signed in, or somebody else (in another tab: the cookie is the browser's).
   * `who`: the uid of whoever this page believes to be signed in.
   */
  constructor(
    private readonly ended: () => void,
    private readonly who: () => string | null = () => null,
  ) {}

  async get(path: string, options: Options = {}): Promise<unknown> {
    return this.ask(path, headersOf(options), json);
  }

  async post(path: string, body: unknown): Promise<unknown> {
    return this.ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }, json);
  }

  async bytes(path: string): Promise<Uint8Array> {
    return this.ask(path, {}, async (response) => new Uint8Array(await response.arrayBuffer()));
  }

  private async ask<T>(path: string, request: RequestInit, read: (response: Response) => Promise<T>): Promise<T> {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const who = this.who();
    const headers = { ...(request.headers as Record<string, string> | undefined), ...(who === null ? {} : { "X-Signed-In-As": encodeURIComponent(who) }) };
    try {
      const response = await fetch(path, { ...request, headers, signal, credentials: "same-origin", cache: "no-store", redirect: "error" });
      if (!response.ok) throw await faultOf(response);
      return await read(response);
    } catch (error) {
      const fault = asFault(error, signal.aborted);
      if (fault.kind === "signed_out") this.ended();
      throw fault;
    }
  }
}

function headersOf(options: Options): RequestInit {
  return options.background ? { headers: { "X-Background": "1" } } : {};
}

async function json(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Fault("unavailable", "The server answered something that is no answer.");
  }
}

async function faultOf(response: Response): Promise<Fault> {
  const said = await json(response).catch(() => null);
  const kind = KINDS.find((known) => isTable(said) && said["fault"] === known) ?? "unavailable";
  const message = isTable(said) ? textOf(said["problem"]) : null;
  const retryAfterS = Number(response.headers.get("Retry-After") ?? "");
  return new Fault(kind, message ?? `The server answered ${response.status}.`, retryAfterS > 0 && retryAfterS < 86_400 ? retryAfterS : null);
}

function asFault(error: unknown, late: boolean): Fault {
  if (error instanceof Fault) return error;
  if (late) return new Fault("unavailable", `The server did not answer within ${DEADLINE_MS / 1000} s.`);
  return new Fault("offline", "The server cannot be reached just now.");
}
