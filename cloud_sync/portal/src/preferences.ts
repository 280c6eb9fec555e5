// Language, theme and single keys of this browser. They are no one's secret, so they stay when a session ends.

import { signal } from "@preact/signals";
import { LANGUAGES, type Language, use } from "./i18n";

export type Theme = "system" | "light" | "dark";
export const theme = signal<Theme>("system");

/** Single keys can be switched off (WCAG 2.1.4): who speaks to the computer would press them all the time. */
export const singleKeys = signal(true);

const LANGUAGE_KEY = "firstlight.language";
const THEME_KEY = "firstlight.theme";
const SINGLE_KEYS_KEY = "firstlight.single-keys";

function isLanguage(name: string | null | undefined): name is Language {
  return name != null && Object.hasOwn(LANGUAGES, name);
}

function kept(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage is switched off in this browser
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // The choice holds until the page is closed.
  }
}

export function chooseTheme(chosen: Theme): void {
  theme.value = chosen;
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
  keep(THEME_KEY, chosen);
}

export function chooseSingleKeys(chosen: boolean): void {
  singleKeys.value = chosen;
  keep(SINGLE_KEYS_KEY, chosen ? "on" : "off");
}

export async function chooseLanguage(chosen: Language): Promise<void> {
  await use(chosen);
  keep(LANGUAGE_KEY, chosen);
}

/** What was chosen before, else what the browser asks for. */
export async function restorePreferences(): Promise<void> {
  const before = kept(THEME_KEY);
  if (before === "light" || before === "dark") chooseTheme(before);
  singleKeys.value = kept(SINGLE_KEYS_KEY) !== "off";
  const asked = navigator.languages.map((tag) => tag.split("-", 1)[0]);
  const chosen = [kept(LANGUAGE_KEY), ...asked].find(isLanguage) ?? "en";
  await use(chosen).catch(() => use("en")); // a language that is not in the cache yet, without a network
}
