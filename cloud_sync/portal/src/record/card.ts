// A model's card as sections, tables and lists, whatever keys it has: a card of a model that is not made yet must be readable, too.

import type { ModelCard } from "../data/cloud";

export type Content =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly Content[] }
  | { readonly kind: "facts"; readonly facts: readonly (readonly [string, Content])[] }
  | { readonly kind: "table"; readonly columns: readonly string[]; readonly rows: readonly (readonly (Content | null)[])[] };

export interface Section {
  readonly key: string;
  readonly content: readonly Content[];
}

/** Words of the reader's language that stand among the card's own. */
export interface Words {
  readonly yes: string;
  readonly no: string;
  readonly lowest: string;
  readonly highest: string;
  range(low: string, high: string): string;
  interval(estimate: string, level: string | null): string;
}

type Table = Readonly<Record<string, unknown>>;

const ORDER = [
  "intended_use", "not_shown", "metrics", "baselines", "trained_on", "explanation", "threshold", "abstain", "risk_coverage", "calibration",
  "classes", "accepted", "refused", "gate", "quantisation", "input", "drift",
];
const DEEPEST = 6;
const LONGEST_LIST = 500;

/** What matters for trusting an answer first: what it is for, what was not shown, what was measured, what simpler things reach. */
export function sections({ card }: ModelCard, words: Words): { readonly lead: string | null; readonly sections: readonly Section[] } {
  const { model, data, ...rest } = card;
  const { description, intended_use, not_shown, ...facts } = isTable(model) ? model : {};
  const all: Record<string, unknown> = { ...rest, intended_use, not_shown, trained_on: data, ...(Object.keys(facts).length > 0 ? { model: facts } : {}) };
  const keys = [...ORDER, ...Object.keys(all).filter((key) => !ORDER.includes(key))];
  return {
    lead: typeof description === "string" ? description : null,
    sections: keys.filter((key) => Object.hasOwn(all, key) && all[key] != null).map((key) => ({ key, content: section(key, all[key], words) })),
  };
}

/** The one figure that counts as evidence of telling apart; `null` where the card has none. */
export function evidence({ card }: ModelCard): { value: number; low: number; high: number; level: number; n: number; unit: string } | null {
  const metrics = Array.isArray(card.metrics) ? card.metrics.filter(isTable) : [];
  const figure = metrics.find((metric) => metric.name === "auroc" && metric.evidence === true);
  if (!figure) return null;
  const { value, low, high, level, n, unit } = figure;
  if (![value, low, high, n].every((found) => typeof found === "number")) return null;
  return {
    value: Number(value), low: Number(low), high: Number(high), level: typeof level === "number" ? level : 0.95, n: Number(n),
    unit: typeof unit === "string" ? unit : "patients",
  };
}

function section(key: string, value: unknown, words: Words): readonly Content[] {
  // Whole sentences in columns are hard to read: each set of data is a list of its own.
  if (key === "trained_on" && Array.isArray(value)) return value.slice(0, LONGEST_LIST).map((item) => content(item, words));
  if (key === "drift" && isTable(value)) return [quantiles(value, words)];
  return [content(value, words)];
}

export function content(value: unknown, words: Words, depth = 0): Content {
  if (depth > DEEPEST) return text("…");
  if (Array.isArray(value)) {
    const items = value.slice(0, LONGEST_LIST);
    if (items.length > 0 && items.every(isTable)) return table(items, words);
    if (items.every((item) => typeof item === "number")) {
      const [low, high] = items.map(figure);
      return text(items.length === 2 ? words.range(low ?? "", high ?? "") : items.map(figure).join(", "));
    }
    return { kind: "list", items: items.map((item) => content(item, words, depth + 1)) };
  }
  if (isTable(value)) {
    return { kind: "facts", facts: Object.entries(value).slice(0, LONGEST_LIST).map(([name, item]) => [name, content(item, words, depth + 1)] as const) };
  }
  if (typeof value === "boolean") return text(value ? words.yes : words.no);
  return text(typeof value === "number" ? figure(value) : String(value));
}

function table(rows: readonly Table[], words: Words): Content {
  const merged = rows.map((row) => withInterval(row, words));
  const columns = [...new Set(merged.flatMap((row) => Object.keys(row)))];
  return {
    kind: "table",
    columns,
    rows: merged.map((row) => columns.map((name) => (Object.hasOwn(row, name) && row[name] != null ? content(row[name], words, 1) : null))),
  };
}

/** An estimate and its interval belong together, and so do a number and what it counts. */
function withInterval(row: Table, words: Words): Table {
  const estimate = ["value", "share"].find((name) => name in row && "low" in row && "high" in row);
  if (!estimate) return row;
  const { name, kind, subject, population, [estimate]: middle, low, high, level, n, unit, evidence: counts, note, made_how: made, ...others } = row;
  const shown: Record<string, unknown> = {
    name, kind, subject, population, ...others,
    [words.interval(estimate, typeof level === "number" ? `${figure(100 * level)} %` : null)]: `${figureOf(middle)} (${words.range(figureOf(low), figureOf(high))})`,
    n: typeof unit === "string" ? `${figureOf(n)} ${unit}` : n,
    made_how: made, counts_as_evidence: counts, note,
  };
  return Object.fromEntries(Object.entries(shown).filter(([, item]) => item !== undefined));
}

function quantiles(drift: Table, words: Words): Content {
  const rows = Object.entries(drift).slice(0, LONGEST_LIST).map(([statistic, values]) => {
    const shares = Array.isArray(values) ? values : [];
    const name = (at: number) => (at === 0 ? words.lowest : at === shares.length - 1 ? words.highest : `${Math.round((100 * at) / (shares.length - 1))} %`);
    return { statistic: statistic.replaceAll("_", " "), ...Object.fromEntries(shares.map((value, at) => [name(at), value])) };
  });
  return table(rows, words);
}

const text = (words: string): Content => ({ kind: "text", text: words });

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const figureOf = (value: unknown): string => (typeof value === "number" ? figure(value) : String(value ?? "–"));

/** Three digits are more than most of these numbers deserve. */
function figure(value: number): string {
  return (Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)))).replace("-", "−");
}
