// Keeps the portal itself (no patient's data: that is the data layer's business) for when there is no network.
// Built as one file of its own, /sw.js, with the list of the portal's files put into it; so it changes whenever one of them does.

export {};

declare const self: ServiceWorkerGlobalScope;
/** Put in by `build/offline.ts`: a hash of all files, and the addresses that every doctor needs, relative to this file. */
declare const __VERSION__: string;
declare const __FILES__: readonly string[];

const SHELL = `firstlight-shell-${__VERSION__}`;
const PAGE = "./index.html";
const DEADLINE_MS = 4_000;
const LONGEST_LIST = 100;

const here = (path: string): string => new URL(path, self.registration.scope).href;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(__FILES__.map((file) => new Request(here(file), { cache: "no-cache" })))));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(clear().then(() => self.clients.claim()));
});

/** Forgets the files of older versions. */
async function clear(): Promise<void> {
  const names = (await caches.keys()).filter((name) => name.startsWith("firstlight-shell-") && name !== SHELL);
  await Promise.all(names.map((name) => caches.delete(name)));
}

// What the page had fetched before this worker was there: the code of its cloud, for one.
self.addEventListener("message", (event) => {
  const asked: unknown = event.data;
  if (!Array.isArray(asked)) return;
  const files = asked.filter((url): url is string => typeof url === "string" && isFile(url)).slice(0, LONGEST_LIST);
  event.waitUntil(caches.open(SHELL).then((cache) => Promise.all(files.map(async (file) => (await cache.match(file)) ?? cache.add(file)))));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate" && isPage(request.url)) event.respondWith(newest(request, here(PAGE)));
  else if (request.url === here("./__firstlight.json")) event.respondWith(newest(request, request.url));
  else if (isFile(request.url)) event.respondWith(kept(request));
});

/** The portal itself. Whatever else somebody goes to, a record's file for one, is neither kept nor ever shown in its place. */
function isPage(url: string): boolean {
  const path = url.split(/[?#]/, 1)[0];
  return path === here("./") || path === here(PAGE);
}

/** A file whose name has its hash, or the icon: it never changes under its name. */
function isFile(url: string): boolean {
  return url.startsWith(here("./assets/")) || url === here("./icon.svg");
}

async function kept(request: Request): Promise<Response> {
  const cache = await caches.open(SHELL);
  const found = await cache.match(request.url);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request.url, answer.clone());
  return answer;
}

/** From the network, or, when that fails or takes too long, as it was the last time. */
async function newest(request: Request, key: string): Promise<Response> {
  const cache = await caches.open(SHELL);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(DEADLINE_MS) });
    if (answer.ok) await cache.put(key, answer.clone());
    return answer;
  } catch (error) {
    const found = await cache.match(key);
    if (found) return found;
    throw error;
  }
}
