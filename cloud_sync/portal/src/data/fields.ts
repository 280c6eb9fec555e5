// Values out of something that a device or a server sent, each of the kind that is expected, or none at all.

export type Table = Readonly<Record<string, unknown>>;

export const LONGEST_TEXT = 300;
const LARGEST_NUMBER = 1e15;
const LARGEST_TABLE = 64;

// Controls (C0 and C1; tab and line feed are spared where lines are allowed), what turns the direction of text around (so that a
// name reads as another), and what is invisible (zero width space, word joiner, byte order mark, tags).
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
/** Halves of characters, which no other language can hold either. */
const HALVES = /\p{Cs}/gu;
const MARKS = /[\u061c\u200e\u200f]/g;

/** Text that may span lines, as a person wrote it: marks of direction stay, since Arabic and Hebrew need them. */
export function cleanLines(text: string, longest: number): string {
  // Cut before the work is done: a text may have megabytes.
  return cut(text.slice(0, longest * 2 + 2).replace(/\r\n?/g, "\n").replace(UNSEEN, "").replace(HALVES, "\ufffd"), longest);
}

/** Text of one line, for what a device wrote. */
export function cleanText(text: string, longest = LONGEST_TEXT): string {
  return cut(text.slice(0, longest * 2 + 2).replace(/[\t\n\r]+/g, " ").replace(UNSEEN, "").replace(MARKS, "").replace(HALVES, "\ufffd"), longest);
}

function cut(text: string, longest: number): string {
  const letters = [...text];
  return letters.length <= longest ? text : `${letters.slice(0, longest - 1).join("")}…`;
}

/** The value if it is an object with keys, else an empty one. */
export function tableOf(value: unknown): Table {
  return isTable(value) ? value : {};
}

export function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The first entries of a table, with clean names; never `__proto__`. */
export function entriesOf(value: unknown, most = LARGEST_TABLE): readonly (readonly [string, unknown])[] {
  return Object.entries(tableOf(value))
    .slice(0, most)
    .map(([name, entry]) => [cleanText(name, 60), entry] as const)
    .filter(([name]) => name !== "" && name !== "__proto__");
}

export function textOf(value: unknown): string | null {
  return typeof value === "string" ? cleanText(value) : null;
}

export function numberOf(value: unknown): number | null {
  return typeof value === "number" && Math.abs(value) <= LARGEST_NUMBER ? value : null;
}

/** A number from `low` to `high`. */
export function numberWithin(value: unknown, low: number, high: number): number | null {
  const number = numberOf(value);
  return number !== null && number >= low && number <= high ? number : null;
}

/** A whole number from 0 on. */
export function countOf(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null;
}

export function flagOf(value: unknown): boolean | null {
  return typeof value === "boolean" ? value : null;
}

/** The value if it is one of the words that are expected. */
export function wordOf<Word extends string>(value: unknown, words: readonly Word[]): Word | null {
  return words.find((word) => word === value) ?? null;
}

/** So many numbers, or nothing. */
export function numbersOf(value: unknown, many: number): readonly number[] | null {
  if (!Array.isArray(value) || value.length !== many) return null;
  const numbers = value.map(numberOf);
  return numbers.every((number) => number !== null) ? (numbers as number[]) : null;
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/;

/** A moment as ISO 8601 in UTC; `null` where the text is none, or has no time zone. */
export function timeOf(value: unknown): string | null {
  if (typeof value !== "string" || value.length > 40 || !TIME.test(value)) return null;
  const at = Date.parse(value.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

const SHA256 = /^[0-9a-f]{64}$/;

export function sha256Of(value: unknown): string | null {
  return typeof value === "string" && SHA256.test(value) ? value : null;
}
