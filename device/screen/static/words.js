// The texts of the catalogue, put where the page asks for them. Everything is set as text, never as HTML.

let catalogue = { default: "en", languages: [], texts: {} };
let current = {};
let code = "";

export async function loadWords() {
  catalogue = await (await fetch("/catalogue.json")).json();
  use(catalogue.default);
}

export const languages = () => catalogue.languages;
export const language = () => code;
export const has = (key) => key in current;

/** One text, with what stands in braces filled in. */
export function say(key, values = {}) {
  return (current[key] ?? "").replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** Seconds as a person says them: "48 s", "2:05". */
export function clock(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Change the language of everything that is on the page; true if it was another one before. */
export function use(wanted) {
  if (wanted === code || !(wanted in catalogue.texts)) return false;
  code = wanted;
  current = catalogue.texts[wanted];
  document.documentElement.lang = wanted;
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = say(element.dataset.text);
  for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", say(element.dataset.label));
  return true;
}
