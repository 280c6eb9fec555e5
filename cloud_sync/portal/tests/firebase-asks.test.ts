/// <reference types="node" />
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { Cursor, WorklistQuery } from "../src/data/cloud";
import { type Asks, asks, type Condition, type Line, lineOf, PAGE, pageOf } from "../src/data/firebase-asks";

const ALL: WorklistQuery = { reading: "all", urgency: null, modality: null, mine: false, find: "" };

interface Held extends Line {
  readonly reading: string;
  readonly to_do: boolean;
  readonly urgency: string;
  readonly modality: string;
}

/** Of a kiosk that sends five records in one commit, so that five arrive at one time; a third are of one patient, every seventh has no reference. */
const LINES: readonly Held[] = Array.from({ length: 1200 }, (_, n) => {
  const rank = n % 3 === 0 ? 2 : (n * 7) % 3;
  const patient = n % 7 === 0 ? null : n % 3 === 0 ? "P-MANY-0000-XX" : `P-${String((n * 37) % 500).padStart(4, "0")}-AB`;
  const reading = ["unread", "opened", "reviewed"][n % 3] as string;
  return {
    id: ((n * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, "0").repeat(4),
    rank, patient, reading,
    seconds: 1000 + Math.floor(n / 5), nanoseconds: Math.floor(n / 5) % 2,
    to_do: reading !== "reviewed", urgency: ["look_first", "not_assessed", "routine"][rank] as string, modality: n % 4 === 0 ? "mri" : "thermal",
  };
});

/** Answers one question as Firestore does: filtered, in the order that was asked for, from a place on, and cut. */
function answer(conditions: readonly Condition[], { order }: Asks, after: Cursor | null): readonly Held[] {
  const wanted = LINES.filter((line) =>
    conditions.every(([field, is, value]) => {
      const held = line[field];
      if (is === "in") return (value as readonly unknown[]).includes(held);
      if (is === "==") return held === value;
      return typeof held === "string" && (is === ">=" ? held >= (value as string) : held < (value as string));
    }),
  );
  const key = (line: Line): readonly (number | string)[] => [line.rank, -line.seconds, -line.nanoseconds, ...(order === "patient" ? [line.patient ?? ""] : []), line.id];
  const compare = (a: Line, b: Line): number => {
    const [one, other] = [key(a), key(b)];
    const at = one.findIndex((value, place) => value !== other[place]);
    if (at < 0) return 0;
    const sign = typeof one[at] === "string" ? -1 : 1; // texts run downwards
    return (one[at] as string) < (other[at] as string) ? -sign : sign;
  };
  const place = after === null ? null : lineOf(after);
  return wanted.sort(compare).filter((line) => place === null || compare(place, line) < 0).slice(0, PAGE);
}

function pages(asked: WorklistQuery, mine: ReadonlySet<string> | null = null): readonly (readonly Held[])[] {
  const wanted = asks(asked, mine);
  const found: (readonly Held[])[] = [];
  let after: Cursor | null = null;
  do {
    const answers = wanted.questions.map((conditions) => answer(conditions, wanted, after));
    const { record } = wanted;
    const one = record === null ? [] : LINES.filter((line) => line.id === record.id && record.filters.every(([field, , value]) => line[field] === value));
    const { lines, next }: { readonly lines: readonly Held[]; readonly next: Cursor | null } = pageOf([...answers, one], wanted.order, after);
    found.push(lines);
    after = next;
  } while (after !== null);
  return found;
}

const ids = (lines: readonly Line[]): readonly string[] => lines.map(({ id }) => id);
const matches = (line: Held, find: string): boolean => line.id.startsWith(find.toLowerCase()) || (line.patient ?? "").toLowerCase().startsWith(find.toLowerCase());
const filters: readonly Partial<WorklistQuery>[] = [{}, { reading: "to_do" }, { reading: "opened" }, { urgency: "look_first" }, { urgency: "routine", modality: "mri", reading: "to_do" }];
const answers = (line: Held, { reading, urgency, modality }: WorklistQuery): boolean =>
  (reading === "all" || (reading === "to_do" ? line.to_do : line.reading === reading)) &&
  (urgency === null || line.urgency === urgency) &&
  (modality === null || line.modality === modality);

describe("page after page", () => {
  const patients = ["P-MANY-0000-XX", ...Array.from({ length: 70 }, (_, n) => `P-${String(n * 7).padStart(4, "0")}-AB`)];

  it.each(filters)("brings every line once, urgent first, then the newest: %o", (narrowed) => {
    // "p-" begins every reference, "P-MANY" 300 and more lines, "0" and "3" begin many ids, the last one is the whole of one.
    for (const find of ["", "p-", "P-MANY", "p-00", "P-0037-AB", "0", "3", "p", LINES[9]?.id ?? "", "Q"]) {
      for (const mine of [null, new Set(patients)]) {
        const asked = { ...ALL, ...narrowed, find, mine: mine !== null };
        const found = pages(asked, mine);
        const shown = found.flat();
        const wanted = LINES.filter((line) => matches(line, find) && answers(line, asked) && (mine === null || mine.has(line.patient ?? "")));
        expect([...ids(shown)].sort(), find).toEqual([...ids(wanted)].sort());
        expect(new Set(ids(shown)).size, find).toBe(shown.length);
        const order = shown.map((line) => line.rank * 1e9 - line.seconds * 10 - line.nanoseconds);
        expect(order, find).toEqual([...order].sort((a, b) => a - b));
        for (const page of found.slice(0, -1)) expect(page).toHaveLength(PAGE);
      }
    }
  });

  it("looks further than three hundred lines", () => {
    expect(pages({ ...ALL, find: "P-MANY" }).flat().length).toBeGreaterThan(300);
    expect(pages({ ...ALL, find: "p-" }).flat().length).toBeGreaterThan(1000);
  });

  it("shows the one record that was asked for by its id on its own page alone", () => {
    const line = (id: string, seconds: number): Line => ({ id, rank: 0, seconds, nanoseconds: 0, patient: "ab" });
    const hundred = Array.from({ length: PAGE }, (_, n) => line(`a${n}`, 1000 - n));
    const first = pageOf([hundred, [line("b", 2000)]], "id", null);
    expect(first.lines[0]?.id).toBe("b");
    const second = pageOf([[line("a99", 901), line("c", 1)], [line("b", 2000)]], "id", first.next);
    expect(ids(second.lines)).toEqual(["a99", "c"]);
  });
});

describe("what is asked", () => {
  it("is one question where no more are needed", () => {
    expect(asks({ ...ALL, find: " P-7K2M " }, null)).toEqual({
      order: "patient", record: null, questions: [[["patient", ">=", "P-7K2M"], ["patient", "<", "P-7K2M\u{10ffff}"]]],
    });
    expect(asks({ ...ALL, reading: "to_do", modality: "mri" }, null).questions).toEqual([[["to_do", "==", true], ["modality", "==", "mri"]]]);
  });

  it("is a reference as it was typed and in capitals", () => {
    expect(asks({ ...ALL, find: "p-7k" }, null).questions.map(([first]) => first)).toEqual([["patient", ">=", "p-7k"], ["patient", ">=", "P-7K"]]);
  });

  it("goes to one record directly where its whole id is known, past no filter", () => {
    const id = "0123456789ABCDEF".repeat(2);
    const { questions, record } = asks({ ...ALL, reading: "unread", find: id }, null);
    expect(record).toEqual({ id: id.toLowerCase(), filters: [["reading", "==", "unread"]] });
    expect(questions).toEqual([[["reading", "==", "unread"], ["patient", "in", [id]]]]);
  });

  it("of many patients is asked thirty at a time, and of none not at all", () => {
    const mine = new Set(Array.from({ length: 65 }, (_, n) => `P-${n}`));
    expect(asks({ ...ALL, mine: true }, mine).questions.map((conditions) => (conditions.at(-1)?.[2] as string[]).length)).toEqual([30, 30, 5]);
    expect(asks({ ...ALL, mine: true }, new Set()).questions).toEqual([]);
    expect(asks({ ...ALL, mine: true, find: "p-6" }, mine).questions).toEqual([[["patient", "in", ["P-6", "P-60", "P-61", "P-62", "P-63", "P-64"]]]]);
  });

  it("has an index for each order, alone and behind each field that must have one value: the emulators ask for none", () => {
    const file = fileURLToPath(new URL("../../firebase/firestore.indexes.json", import.meta.url));
    const { indexes } = JSON.parse(readFileSync(file, "utf8")) as { indexes: { collectionGroup: string; fields: { fieldPath: string; order: string }[] }[] };
    const made = new Set(indexes.filter((one) => one.collectionGroup === "worklist").map((one) => one.fields.map(({ fieldPath, order }) => `${fieldPath} ${order}`).join()));
    const mine = new Set(["P-1"]);
    for (const narrowed of [...filters, { reading: "unread" as const, find: "P-1" }, { urgency: "routine" as const, find: "a1" }, { modality: "mri" as const, find: "P-" }, { find: "0".repeat(32) }]) {
      for (const whose of [null, mine]) {
        const { order, questions } = asks({ ...ALL, ...narrowed, mine: whose !== null }, whose);
        const suffix = ["rank ASCENDING", "received_at DESCENDING", ...(order === "patient" ? ["patient DESCENDING"] : [])];
        for (const conditions of questions) {
          const single = [...new Set(conditions.filter(([, is]) => is === "==" || is === "in").map(([field]) => field))];
          for (const before of single.length === 0 ? [[]] : single.map((field) => [`${field} ASCENDING`])) expect(made).toContain([...before, ...suffix].join());
        }
      }
    }
  });

  it("goes on from no place that is none", () => {
    expect(() => lineOf("somewhere")).toThrow("The page to go on from is unknown.");
  });
});
