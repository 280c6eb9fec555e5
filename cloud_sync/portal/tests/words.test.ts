/// <reference types="node" />
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../src", import.meta.url));
const LANGUAGES = readdirSync(join(ROOT, "i18n"), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
const AREAS = readdirSync(join(ROOT, "i18n/en")).map((file) => file.replace(/\.json$/, ""));

const words = (language: string, area: string): Record<string, string> => JSON.parse(readFileSync(join(ROOT, "i18n", language, `${area}.json`), "utf8"));
const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string).sort();

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sources(path) : /\.tsx?$/.test(entry.name) ? [readFileSync(path, "utf8")] : [];
  });
}

describe.each(LANGUAGES.filter((language) => language !== "en"))("the words in %s", (language) => {
  it.each(AREAS)("of %s are the same keys as in English, with the same placeholders", (area) => {
    const [english, other] = [words("en", area), words(language, area)];
    expect(Object.keys(other).sort()).toEqual(Object.keys(english).sort());
    for (const [key, text] of Object.entries(other)) {
      expect(placeholders(text), `${area}.${key}`).toEqual(placeholders(english[key] ?? ""));
      expect(text.trim(), `${area}.${key}`).not.toBe("");
    }
  });

  it("have no area that English lacks", () => {
    expect(readdirSync(join(ROOT, "i18n", language)).map((file) => file.replace(/\.json$/, "")).sort()).toEqual([...AREAS].sort());
  });
});

describe("the words", () => {
  const all = sources(ROOT).join("\n");

  it("that the code asks for by name are there", () => {
    const asked = [...all.matchAll(/\bt\(\s*"([a-z]+)\.([^"]+)"/g)].map(([, area, key]) => [area as string, key as string] as const);
    expect(asked.length).toBeGreaterThan(50);
    const missing = asked.filter(([area, key]) => !AREAS.includes(area) || !(key in words("en", area))).map((key) => key.join("."));
    expect(missing).toEqual([]);
  });

  it("hold no markup", () => {
    const marked = AREAS.flatMap((area) => Object.entries(words("en", area)).filter(([, text]) => /<\w/.test(text)).map(([key]) => `${area}.${key}`));
    expect(marked).toEqual([]);
  });
});
