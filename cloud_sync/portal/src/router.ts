// Addresses of the portal: everything stands after the `#`, so that any static server serves it and no server sees a patient.

import { signal } from "@preact/signals";

export type PageName = "worklist" | "record" | "patient" | "compare" | "fleet" | "audit" | "settings" | "help";

export interface Route {
  readonly page: PageName;
  readonly params: Readonly<Record<string, string>>;
}

const PATTERNS: readonly (readonly [PageName, readonly string[]])[] = [
  ["worklist", []],
  ["record", ["record", "{site}", "{id}"]],
  ["patient", ["patient", "{ref}"]],
  ["compare", ["compare", "{a}", "{b}"]],
  ["fleet", ["fleet"]],
  ["audit", ["audit"]],
  ["settings", ["settings"]],
  ["help", ["help"]],
];

function match(pattern: readonly string[], parts: readonly string[]): Record<string, string> | null {
  if (pattern.length !== parts.length) return null;
  const params: Record<string, string> = {};
  for (const [at, expected] of pattern.entries()) {
    const part = parts[at] ?? "";
    if (expected.startsWith("{")) params[expected.slice(1, -1)] = part;
    else if (expected !== part) return null;
  }
  return params;
}

/** The page that an address names; an address that names none leads to the worklist. */
export function parse(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  let parts: string[];
  try {
    parts = path === "" ? [] : path.split("/").map(decodeURIComponent);
  } catch {
    return { page: "worklist", params: {} }; // a broken %-sequence
  }
  for (const [page, pattern] of PATTERNS) {
    const params = match(pattern, parts);
    if (params) return { page, params: { ...Object.fromEntries(new URLSearchParams(query)), ...params } };
  }
  return { page: "worklist", params: {} };
}

const join = (...parts: readonly string[]): string => `#/${parts.map(encodeURIComponent).join("/")}`;

/** Addresses to link to: `<a href={address.record(site, id)}>`. */
export const address = {
  worklist: (): string => "#/",
  record: (site: string, id: string): string => join("record", site, id),
  patient: (ref: string): string => join("patient", ref),
  compare: (a: string, b: string): string => join("compare", a, b),
  fleet: (): string => join("fleet"),
  audit: (filter: Readonly<Record<string, string>> = {}): string => {
    const query = new URLSearchParams(filter).toString();
    return join("audit") + (query && `?${query}`);
  },
  settings: (): string => join("settings"),
  help: (): string => join("help"),
};

export const route = signal<Route>(parse(location.hash));
addEventListener("hashchange", () => {
  route.value = parse(location.hash);
});

export function go(to: string): void {
  location.hash = to;
}
