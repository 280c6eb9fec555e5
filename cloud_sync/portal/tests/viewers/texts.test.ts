import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const SOURCE = join(import.meta.dirname, "../../src");
const AREAS = ["thermogram", "mri", "patient"] as const;

const texts = (language: string, area: string): Record<string, string> => JSON.parse(readFileSync(join(SOURCE, "i18n", language, `${area}.json`), "utf8"));
const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string).sort();

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
}

describe.each(AREAS)("the words of %s", (area) => {
  const english = texts("en", area);
  const arabic = texts("ar", area);

  it("exist in both languages, with the same places for values", () => {
    expect(Object.keys(arabic)).toEqual(Object.keys(english));
    for (const [key, text] of Object.entries(english)) expect([key, placeholders(arabic[key] ?? "")]).toEqual([key, placeholders(text)]);
  });

  it("are Arabic in Arabic", () => {
    for (const [key, text] of Object.entries(arabic)) expect([key, /[\u0600-\u06ff]/.test(text) || /^L \u2066?\{/.test(text)]).toEqual([key, true]);
  });

  it("exist wherever the viewers ask for them", () => {
    const pages = ["patient.tsx", "compare.tsx"].map((name) => readFileSync(join(SOURCE, "pages", name), "utf8"));
    const asked = [...sources(join(SOURCE, "viewers")), ...pages].flatMap((text) => [...text.matchAll(new RegExp(`"${area}\\.(\\w+)"`, "g"))].map((match) => match[1] as string));
    expect(asked.length).toBeGreaterThan(5);
    for (const key of asked) expect(Object.keys(english)).toContain(key);
  });
});
