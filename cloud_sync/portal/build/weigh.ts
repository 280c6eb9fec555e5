// How much a browser fetches before a doctor sees the worklist, gzipped.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** kB (1,000 bytes), for each back end, without the MRI viewer. */
export const BUDGET_KB = 250;

interface Part {
  readonly file: string;
  readonly name?: string;
  readonly imports?: readonly string[];
  readonly css?: readonly string[];
}
type Manifest = Readonly<Record<string, Part>>;

export interface Weight {
  readonly what: string;
  readonly kB: number;
  readonly files: readonly string[];
}

function reach(manifest: Manifest, entries: readonly string[]): readonly string[] {
  const files = new Set<string>();
  const seen = new Set<string>();
  const visit = (key: string): void => {
    // A module that lies in a chunk with others has that chunk's name alone.
    const name = key.replace(/^.*\/(.+)\.tsx?$/, "$1");
    const part = manifest[key] ?? Object.values(manifest).find((chunk) => chunk.name === name && chunk.file.endsWith(".js"));
    if (!part) throw new Error(`the build has no ${key}`);
    if (seen.has(key)) return;
    seen.add(key);
    files.add(part.file);
    for (const sheet of part.css ?? []) files.add(sheet);
    for (const imported of part.imports ?? []) visit(imported);
  };
  entries.forEach(visit);
  return [...files];
}

/** `folder`: where the portal was built, with Vite's manifest. */
export function weigh(folder: string): readonly Weight[] {
  const manifest = JSON.parse(readFileSync(join(folder, ".vite/manifest.json"), "utf8")) as Manifest;
  const weight = (what: string, entries: readonly string[]): Weight => {
    const files = ["index.html", ...reach(manifest, ["index.html", ...entries])];
    const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, file)), { level: 9 }).length, 0);
    return { what, kB: bytes / 1000, files };
  };
  const backEnds = ["local", "firebase"] as const;
  return [
    ...backEnds.map((name) => weight(`first load, ${name}`, [`src/data/${name}.ts`])),
    ...backEnds.map((name) => weight(`and a record opened, ${name}`, [`src/data/${name}.ts`, "src/pages/record.tsx"])),
  ];
}
