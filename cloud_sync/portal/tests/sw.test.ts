// The service worker's keeping: the portal's own files, and nothing of a patient.

import { beforeAll, beforeEach, expect, test } from "vitest";

const ORIGIN = "https://portal.example";
type Fetched = { readonly request: { readonly method: string; readonly mode: string; readonly url: string }; respondWith(answer: Promise<Response>): void };
const listeners = new Map<string, (event: Fetched) => void>();
const kept = new Map<string, Response>();

beforeAll(async () => {
  const cache = {
    match: async (key: string) => kept.get(key),
    put: async (key: string, answer: Response) => void kept.set(key, answer),
  };
  Object.assign(globalThis, {
    __VERSION__: "1",
    __FILES__: [],
    caches: { open: async () => cache, keys: async () => [], delete: async () => true },
    self: { registration: { scope: `${ORIGIN}/` }, addEventListener: (name: string, listener: (event: Fetched) => void) => listeners.set(name, listener) },
    fetch: async () => new Response("what the server says"),
  });
  await import("../src/offline/sw");
});

beforeEach(() => kept.clear());

async function goTo(path: string): Promise<boolean> {
  let answer: Promise<Response> | null = null;
  const request = { method: "GET", mode: "navigate", url: ORIGIN + path };
  listeners.get("fetch")?.({ request, respondWith: (given) => (answer = given) });
  await answer;
  return answer !== null;
}

test("the portal is kept under one name, however it was reached", async () => {
  for (const path of ["/", "/?from=mail", "/index.html"]) expect(await goTo(path)).toBe(true);
  expect([...kept.keys()]).toEqual([`${ORIGIN}/index.html`]);
});

test.each(["/api/worklist", "/api/records/home/0123/parts/capture.npz", "/icon.txt", "/index.html.bak"])(
  "whoever types the address %s gets it from the server, and nothing of it is kept",
  async (path) => {
    expect(await goTo(path)).toBe(false);
    expect([...kept.keys()]).toEqual([]);
  },
);

test("a file of the portal that somebody goes to is kept under its own name", async () => {
  await goTo("/icon.svg");
  expect([...kept.keys()]).toEqual([`${ORIGIN}/icon.svg`]);
});
