// The portal's words. One JSON file for each area and language; `t("worklist.title")` looks into `en/worklist.json` under "title".
// {name} in a text is replaced; the text is always put into the page as text, never as markup.

import { signal } from "@preact/signals";

type Texts = Record<string, string>;
type Catalogue = Record<string, Texts>;
export type Language = "en" | "ar";
export const LANGUAGES: Readonly<Record<Language, { readonly name: string; readonly direction: "ltr" | "rtl" }>> = {
  en: { name: "English", direction: "ltr" },
  ar: { name: "العربية", direction: "rtl" },
};

function catalogue(modules: Record<string, unknown>): Catalogue {
  return Object.fromEntries(
    Object.entries(modules).map(([path, module]) => [path.replace(/^.*\/(.+)\.json$/, "$1"), (module as { default: Texts }).default]),
  );
}

const english = catalogue(import.meta.glob("./en/*.json", { eager: true }));
const others: Partial<Record<Language, Catalogue>> = {};

export const language = signal<Language>("en");

/** Loads the language's words, then switches to it. */
export async function use(chosen: Language): Promise<void> {
  if (chosen === "ar" && !others.ar) {
    others.ar = (await import("./arabic")).arabic;
  }
  language.value = chosen;
  document.documentElement.lang = chosen;
  document.documentElement.dir = LANGUAGES[chosen].direction;
}

export function t(key: string, values: Readonly<Record<string, string | number>> = {}): string {
  const [area = "", name = ""] = key.split(/\.(.*)/s);
  const text = others[language.value]?.[area]?.[name] ?? english[area]?.[name] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, word: string) => String(values[word] ?? whole));
}
