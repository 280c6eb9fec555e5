// Numbers with their units and uncertainties, and times, in the reader's language. Digits are Latin in Arabic, too, as on its lab reports.

import { LANGUAGES, language } from "./i18n";

const TAGS = { en: "en-GB", ar: "ar-u-nu-latn" } as const;
const WHEN: Intl.DateTimeFormatOptions = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const DAY: Intl.DateTimeFormatOptions = { day: "numeric", month: "short", year: "numeric" };
const DAY_OF_THIS_YEAR: Intl.DateTimeFormatOptions = { day: "numeric", month: "short" };
const CLOCK: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

const made = new Map<string, Intl.DateTimeFormat>();

function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language.value} ${JSON.stringify(options)}`;
  const found = made.get(key) ?? new Intl.DateTimeFormat(TAGS[language.value], options);
  made.set(key, found);
  return found;
}

function time(text: string | null): Date | null {
  const parsed = new Date(text ?? "");
  return text === null || Number.isNaN(parsed.getTime()) ? null : parsed;
}

function shown(text: string | null, options: Intl.DateTimeFormatOptions): string {
  const at = time(text);
  return at ? formatter(options).format(at) : "–";
}

/** Day and time of day. `text`: ISO 8601. */
export const when = (text: string | null): string => shown(text, WHEN);
export const day = (text: string | null): string => shown(text, DAY);

/** The time of day for today, else the day, with its year where that is another one. */
export function briefly(text: string | null, now: Date = new Date()): string {
  const at = time(text);
  if (at?.toDateString() === now.toDateString()) return shown(text, CLOCK);
  return shown(text, at?.getFullYear() === now.getFullYear() ? DAY_OF_THIS_YEAR : DAY);
}

/** "in 5 minutes", "5 minutes ago"; `seconds` from now, negative for the past. */
export function relative(seconds: number): string {
  const format = new Intl.RelativeTimeFormat(TAGS[language.value], { numeric: "auto" });
  const size = Math.abs(seconds);
  if (size < 60) return format.format(Math.round(seconds), "second");
  if (size < 60 * 60) return format.format(Math.round(seconds / 60), "minute");
  if (size < 36 * 3600) return format.format(Math.round(seconds / 3600), "hour");
  return format.format(Math.round(seconds / 86_400), "day");
}

/** With a minus that is as wide as a plus; "–" for no value. */
export function number(value: number | null, decimals: number): string {
  return value === null ? "–" : value.toFixed(decimals).replace(/^-(?=0(\.0*)?$)/, "").replace("-", "−"); // no "−0.00"
}

export function signed(value: number | null, decimals: number): string {
  return value !== null && value > 0 ? `+${number(value, decimals)}` : number(value, decimals);
}

/** "+0.92 ± 0.31 K". The uncertainty is a standard uncertainty (JCGM 100:2008); where none is known, "± ?". */
export function measured(value: number | null, uncertainty: number | null, decimals: number, unit: string): string {
  if (value === null) return "–";
  return `${signed(value, decimals)} ± ${uncertainty === null ? "?" : number(uncertainty, decimals)}\u00a0${unit}`;
}

/** In Arabic text the unit would jump to the other side of its number (Unicode's bidirectional algorithm, rule W2). */
function isolated(text: string): string {
  return LANGUAGES[language.value].direction === "rtl" ? `\u2066${text}\u2069` : text;
}

const COUNT = new Intl.NumberFormat("en-GB");
export const count = (value: number): string => COUNT.format(value);

/** "12.4 GB". */
export function bytes(value: number | null): string {
  if (value === null) return "–";
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, value)) / 3)));
  return isolated(`${(value / 1000 ** power).toFixed(power === 0 ? 0 : 1)}\u00a0${units[power]}`);
}
