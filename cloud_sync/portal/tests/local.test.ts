import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Fault, isSecondFactor, type FaultKind, type Session, type WorklistQuery } from "../src/data/cloud";
import { LocalCloud } from "../src/data/local";
import { Forgetful } from "../src/data/local-offline";

const SESSION = { uid: "doctor", name: "doctor", role: "doctor", site: "home" };
const QUERY: WorklistQuery = { reading: "to_do", urgency: null, modality: null, mine: false, find: "" };
const ID = "0".repeat(31) + "1";
const PART = new TextEncoder().encode("pixels");
const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");
const JSON_TEXT = JSON.stringify({
  schema: 1,
  id: ID,
  site: "home",
  patient: "P-1",
  modality: "thermal",
  parts: { "capture.npz": { media_type: "application/x-npz", sha256: sha256(PART), bytes: PART.length } },
});
const LINE = { schema: 1, record: ID, site: "home", patient: "P-1", urgency: "routine", received_at: "2026-11-20T09:31:00Z" };
const OPENED = { json: JSON_TEXT, sha256: sha256(JSON_TEXT), summary: LINE };

type Answer = Response | Error | unknown;
type Handler = (request: { readonly path: string; readonly body: unknown; readonly background: boolean }) => Answer;

/** Answers as the server does; a path that a test does not name is not there. */
class Server {
  readonly asked: string[] = [];
  /** Whom the page believed to be signed in, for each of `asked`. */
  readonly believed: (string | null)[] = [];
  private handlers = new Map<string, Handler>();
  private release: (() => void)[] = [];
  token = "1";

  constructor() {
    this.on("GET /api/session", () => ({ session: SESSION }));
    this.on("POST /api/sign-out", () => ({}));
    vi.stubGlobal("fetch", (path: string, request: RequestInit = {}) => this.answer(path, request));
  }

  on(what: string, handler: Handler): this {
    this.handlers.set(what, handler);
    return this;
  }

  offline(): this {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
    return this;
  }

  online(): this {
    vi.stubGlobal("fetch", (path: string, request: RequestInit = {}) => this.answer(path, request));
    return this;
  }

  change(): void {
    this.token += "1";
    for (const release of this.release.splice(0)) release();
  }

  private async answer(path: string, request: RequestInit): Promise<Response> {
    const what = `${request.method ?? "GET"} ${path.split("?")[0]}`;
    this.asked.push(what);
    this.believed.push(new Headers(request.headers).get("X-Signed-In-As"));
    if (what === "GET /api/changes") {
      if (new URL(path, "http://x").searchParams.get("after") === this.token) await new Promise<void>((resolve) => this.release.push(resolve));
      return Response.json({ token: this.token });
    }
    const body: unknown = typeof request.body === "string" ? JSON.parse(request.body) : null;
    const background = new Headers(request.headers).get("X-Background") === "1";
    const given = this.handlers.get(what)?.({ path, body, background }) ?? refused(404, "not_there");
    if (given instanceof Error) throw given;
    return given instanceof Response ? given : Response.json(given);
  }
}

const refused = (status: number, fault: string, headers: Record<string, string> = {}) =>
  Response.json({ fault, problem: "a sentence" }, { status, headers });

async function faultOf(promise: Promise<unknown>): Promise<FaultKind> {
  const fault = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  expect(fault).toBeInstanceOf(Fault);
  return (fault as Fault).kind;
}

async function start(server: Server, offline = new Forgetful()): Promise<{ cloud: LocalCloud; sessions: (Session | null)[]; server: Server; offline: Forgetful }> {
  const cloud = LocalCloud.start(offline);
  const sessions: (Session | null)[] = [];
  cloud.onSession((session) => sessions.push(session));
  await vi.waitFor(() => expect(sessions).toHaveLength(1));
  await vi.waitFor(async () => expect(((await offline.get("session")) !== undefined) === (sessions[0] !== null)).toBe(true));
  return { cloud, sessions, server, offline };
}

let server: Server;
beforeEach(() => {
  server = new Server();
});
afterEach(() => vi.unstubAllGlobals());

describe("signing in", () => {
  it("goes on with the session of before", async () => {
    const { sessions } = await start(server);
    expect(sessions).toEqual([SESSION]);
  });

  it("asks for a code where the server does", async () => {
    server.on("GET /api/session", () => ({ session: null })).on("POST /api/sign-in", ({ body }) => {
      expect(body).toEqual({ name: "doctor", passphrase: "secret" });
      return { second_factor: "ticket" };
    });
    server.on("POST /api/sign-in/code", ({ body }) => {
      const { ticket, code } = body as { ticket: string; code: string };
      return ticket === "ticket" && code === "123456" ? { session: SESSION } : refused(401, "second_factor_wrong");
    });
    const { cloud, sessions } = await start(server);
    const answer = await cloud.signIn("doctor", "secret");
    if (!isSecondFactor(answer)) throw new Error("no code was asked for");
    expect(await faultOf(answer.confirm("000000"))).toBe("second_factor_wrong");
    expect(await answer.confirm("123456")).toEqual(SESSION);
    expect(sessions).toEqual([null, SESSION]);
  });

  it("says how long to wait", async () => {
    server.on("POST /api/sign-in", () => refused(429, "paused", { "Retry-After": "7" }));
    const { cloud } = await start(server);
    const fault = (await cloud.signIn("doctor", "x").catch((error: unknown) => error)) as Fault;
    expect([fault.kind, fault.retryAfterS, fault.message]).toEqual(["paused", 7, "a sentence"]);
  });

  it("ends everywhere in the page when the server says so", async () => {
    const { cloud, sessions, offline } = await start(server.on(`POST /api/records/home/${ID}/open`, () => OPENED));
    await cloud.openRecord("home", ID);
    server.on("GET /api/counts", () => refused(401, "signed_out"));
    expect(await faultOf(cloud.counts())).toBe("signed_out");
    expect(sessions).toEqual([SESSION, null]);
    expect(await offline.get(`record/home/${ID}`)).toBeUndefined();
  });
});

describe("signing out", () => {
  it("leaves nothing of a patient in the browser", async () => {
    const { cloud, sessions, offline } = await start(server.on(`POST /api/records/home/${ID}/open`, () => OPENED));
    await cloud.openRecord("home", ID);
    expect(await offline.get(`record/home/${ID}`)).toBeDefined();
    await cloud.signOut();
    expect(sessions.at(-1)).toBeNull();
    expect(server.asked.at(-1)).toBe("POST /api/sign-out");
    expect(await offline.get(`record/home/${ID}`)).toBeUndefined();
    expect(await offline.get("session")).toBeUndefined();
  });

  it("without a network is made good before anything else", async () => {
    const first = await start(server);
    server.offline();
    await first.cloud.signOut();
    const second = await start(server, first.offline);
    expect(second.sessions).toEqual([null]);
    server.online().asked.length = 0;
    let out = false;
    server.on("POST /api/sign-out", () => ((out = true), {})).on("GET /api/session", () => ({ session: out ? null : SESSION }));
    const third = await start(server, first.offline);
    expect(third.sessions).toEqual([null]);
    expect(server.asked).toEqual(["POST /api/sign-out", "GET /api/session"]);
  });
});

describe("a record", () => {
  it("is opened at the server, and again without it", async () => {
    const { cloud } = await start(server.on(`POST /api/records/home/${ID}/open`, () => OPENED));
    server.on(`GET /api/records/home/${ID}/parts/capture.npz`, () => new Response(PART));
    const record = await cloud.openRecord("home", ID);
    expect([record.summary.patient, record.sha256]).toEqual(["P-1", sha256(JSON_TEXT)]);
    expect(await cloud.part(record, "capture.npz")).toEqual(PART);
    server.offline();
    expect(await cloud.openRecord("home", ID)).toEqual(record);
    expect(await cloud.part(record, "capture.npz")).toEqual(PART);
    expect(await faultOf(cloud.openRecord("home", "f".repeat(32)))).toBe("offline");
    expect(await faultOf(cloud.worklist(QUERY, null))).toBe("offline"); // half a list would pass for the whole
  });

  it("whose bytes are not those of its hash is not shown and not kept", async () => {
    const { cloud, offline } = await start(server.on(`POST /api/records/home/${ID}/open`, () => ({ ...OPENED, json: JSON_TEXT.replace("P-1", "P-2") })));
    expect(await faultOf(cloud.openRecord("home", ID))).toBe("altered");
    expect(await offline.get(`record/home/${ID}`)).toBeUndefined();
    server.on(`POST /api/records/home/${ID}/open`, () => OPENED);
    const record = await cloud.openRecord("home", ID);
    server.on(`GET /api/records/home/${ID}/parts/capture.npz`, () => new Response("pixelz"));
    expect(await faultOf(cloud.part(record, "capture.npz"))).toBe("altered");
    expect(await faultOf(cloud.part(record, "constructor"))).toBe("not_there");
    await offline.put(`part/${sha256(PART)}`, new TextEncoder().encode("pixelz"));
    expect(await faultOf(cloud.part(record, "capture.npz"))).toBe("altered"); // nor what somebody put into the browser
  });

  it("is reviewed with the hash of what was seen", async () => {
    const review = { schema: 1, id: "r1", record: ID, record_sha256: sha256(JSON_TEXT), author: "doctor", verdict: "agree", note: "n", at: "2026-11-20T10:00:00Z" };
    const { cloud } = await start(server.on(`POST /api/records/home/${ID}/open`, () => OPENED));
    const record = await cloud.openRecord("home", ID);
    server.on(`POST /api/records/home/${ID}/reviews`, ({ body }) => {
      expect(body).toEqual({ record_sha256: sha256(JSON_TEXT), verdict: "agree", note: "n", supersedes: null });
      return review;
    });
    expect(await cloud.review(record, "agree", "n", null)).toMatchObject({ id: "r1", verdict: "agree", authorName: "doctor" });
    server.on(`GET /api/records/home/${ID}/reviews`, () => ({ items: [review, { ...review, verdict: "maybe" }] }));
    const seen: unknown[] = [];
    const stop = cloud.watchReviews(record, (reviews) => seen.push(reviews.length), (fault) => seen.push(fault.kind));
    await vi.waitFor(() => expect(seen).toHaveLength(4));
    expect(seen).toEqual([1, "damaged", 1, "damaged"]); // one that cannot be read is said, last, and hides no other
    stop();
  });
});

describe("every request", () => {
  it("says who is believed to be signed in, since the cookie may be another one's by now", async () => {
    const { cloud } = await start(server);
    server.on("GET /api/counts", () => ({ unread: 1, to_do: 1, total: 1 }));
    await cloud.counts();
    expect(server.asked).toEqual(["GET /api/session", "GET /api/counts"]);
    expect(server.believed).toEqual([null, SESSION.uid]);
  });
});

describe("a page whose person left in another tab", () => {
  it("signs that person out, not the one who came since", async () => {
    const { cloud } = await start(server);
    server.on("GET /api/counts", () => refused(401, "signed_out"));
    cloud.onSession((session) => void (session === null && cloud.signOut()));
    await expect(cloud.counts()).rejects.toMatchObject({ kind: "signed_out" });
    await vi.waitFor(() => expect(server.asked.at(-1)).toBe("POST /api/sign-out"));
    expect(server.believed.at(-1)).toBe(SESSION.uid);
  });
});

describe("a list that is watched", () => {
  it("is asked for anew when something changed, and not to keep the session alive", async () => {
    const { cloud } = await start(server);
    let patient = "P-1";
    const asked: boolean[] = [];
    server.on("GET /api/worklist", ({ path, background }) => {
      asked.push(background);
      expect(new URL(path, "http://x").search).toBe("?reading=to_do");
      return { items: [{ ...LINE, patient }], next: null };
    });
    const seen: (string | null | undefined)[] = [];
    const stop = cloud.watchWorklist(QUERY, (page) => seen.push(page.items[0]?.patient), () => undefined);
    await vi.waitFor(() => expect(seen).toEqual(["P-1", "P-1"])); // once more when it is known from where on changes are told
    await vi.waitFor(() => expect(server.asked.filter((what) => what === "GET /api/changes")).toHaveLength(2));
    patient = "P-2";
    server.change();
    await vi.waitFor(() => expect(seen).toEqual(["P-1", "P-1", "P-2"]));
    stop();
    patient = "P-3";
    server.change();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(seen).toEqual(["P-1", "P-1", "P-2"]);
    expect(asked).toEqual([true, true, true]);
  });

  it("says that the server is away, and goes on when it is back", async () => {
    const { cloud } = await start(server.on("GET /api/fleet", () => ({ items: [{ kiosk: "kiosk-1", waiting: 2, warnings: [7, "warm"] }] })));
    const seen: number[] = [];
    const faults: string[] = [];
    const stop = cloud.fleet((kiosks) => seen.push(kiosks[0]?.waiting ?? -1), (fault) => faults.push(fault.kind));
    await vi.waitFor(() => expect(seen).toEqual([2, 2]));
    await vi.waitFor(() => expect(server.asked.filter((what) => what === "GET /api/changes")).toHaveLength(2));
    server.offline();
    server.change(); // the waiting request is answered, the next ones fail
    await vi.waitFor(() => expect(faults).toContain("offline"));
    server.online();
    await vi.waitFor(() => expect(seen.length).toBeGreaterThan(2), 5000);
    stop();
    server.change();
  });
});

describe("what the server answers", () => {
  it.each([
    [500, "<html>", "unavailable"],
    [200, "<html>", "unavailable"],
    [200, "null", "unavailable"],
    [200, '{"items": 7}', "unavailable"],
    [200, '{"items": [7], "next": null}', "unavailable"],
    [503, '{"fault": "unavailable", "problem": "x"}', "unavailable"],
    [403, '{"fault": "not_allowed"}', "not_allowed"],
    [403, '{"fault": "a new one"}', "unavailable"],
  ])("%i %s is a fault", async (status, body, kind) => {
    const { cloud } = await start(server.on("GET /api/worklist", () => new Response(body, { status })));
    expect(await faultOf(cloud.worklist(QUERY, null))).toBe(kind);
  });

  it("may take too long", async () => {
    const { cloud } = await start(server);
    vi.spyOn(AbortSignal, "timeout").mockReturnValueOnce(AbortSignal.abort());
    server.on("GET /api/counts", () => new DOMException("aborted", "TimeoutError"));
    expect(await faultOf(cloud.counts())).toBe("unavailable");
  });

  it("is read field by field", async () => {
    const { cloud } = await start(server);
    server.on("GET /api/site", () => ({ id: "home", name: 7, prevalence: { breast: 0.006, odd: 2, __proto__: 1 } }));
    expect(await cloud.site()).toEqual({ id: "home", name: "home", prevalence: { breast: 0.006 } });
    server.on("GET /api/audit", ({ path }) => {
      expect(path).toBe(`/api/audit?record=${ID}`);
      return { items: [{ id: "1", uid: "u", action: "open_record", at: "2026-11-20T10:00:00Z", record: ID }], next: "5" };
    });
    const page = await cloud.audit({ record: ID, uid: null }, null);
    expect(page).toEqual({ items: [{ id: "1", uid: "u", name: "u", action: "open_record", at: "2026-11-20T10:00:00.000Z", record: ID, patient: null }], next: "5" });
    server.on(`GET /api/models/${sha256("x")}`, () => ({ name: "breast", version: "1.0.0", card: { model: {} } }));
    expect(await cloud.modelCard(sha256("x"))).toEqual({ name: "breast", version: "1.0.0", card: { model: {} } });
    server.on("POST /api/totp", () => ({ uri: "otpauth://totp/x", secret: "ABC" })).on("POST /api/totp/confirm", () => ({}));
    const enrolment = await cloud.beginTotp();
    expect(enrolment.secret).toBe("ABC");
    await enrolment.confirm("123456");
    server.on("GET /api/patients/P%2F1/records", () => ({ items: [LINE] }));
    expect(await cloud.patientRecords("P/1")).toHaveLength(1);
  });
});
