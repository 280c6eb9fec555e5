// What is asked of Firestore for a page of the worklist, and how the answers become one page: without Firebase's SDK in it.
// Every question of one page has the same order, so one place in it says where each of them goes on, and nothing is left out.

import { Fault, type Cursor, type WorklistQuery } from "./cloud";

export const PAGE = 100;
/** Firestore takes so many values in one `in`. */
const MOST_IN = 30;
/** Beyond every text that begins with what stands before it: the last character that there is. */
const LAST = "\u{10ffff}";
/** Kiosks give ids of this form. */
const WHOLE_ID = /^[0-9a-f]{32}$/i;

export type Field = "id" | "reading" | "to_do" | "urgency" | "modality" | "patient";
export type Condition = readonly [field: Field, is: "==" | "in" | ">=" | "<", value: string | boolean | readonly string[]];

/** Urgent first, then the newest. Of what arrived in one moment, as batches do, by id, or by reference and id: see `asks`. */
export type Order = "id" | "patient";
export interface Asks {
  readonly order: Order;
  /** The conditions of each question; a line that answers one of them is wanted. */
  readonly questions: readonly (readonly Condition[])[];
  /** One record by its id, if it answers `filters`, too: who is asked for a document by its name can be asked for nothing else. */
  readonly record: { readonly id: string; readonly filters: readonly Condition[] } | null;
}

export interface Line {
  readonly id: string;
  readonly rank: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly patient: string | null;
}

/** `mine`: the patients of whoever asks, where only those are wanted. Firestore wants a field that is searched for a range in the order, too. */
export function asks(asked: WorklistQuery, mine: ReadonlySet<string> | null): Asks {
  const filters = filtersOf(asked);
  const find = asked.find.trim();
  const ids: readonly Condition[] | null = /^[0-9a-z]+$/i.test(find) ? beginning("id", find.toLowerCase()) : null;
  if (mine !== null) {
    const named = [...mine].filter((patient) => patient.toLowerCase().startsWith(find.toLowerCase()));
    const found = find !== "" && ids !== null ? ofPatients([...mine], [...filters, ...ids]) : [];
    return { order: "id", questions: [...ofPatients(named, filters), ...found], record: null };
  }
  if (find === "") return { order: "id", questions: [filters], record: null };
  const spelt = [...new Set([find, find.toUpperCase()])];
  if (WHOLE_ID.test(find)) {
    return { order: "id", questions: [[...filters, ["patient", "in", spelt]]], record: { id: find.toLowerCase(), filters } };
  }
  const patients = spelt.map((text) => [...filters, ...beginning("patient", text)]);
  return { order: "patient", questions: ids === null ? patients : [...patients, [...filters, ...ids]], record: null };
}

function filtersOf({ reading, urgency, modality }: WorklistQuery): readonly Condition[] {
  return [
    ...(reading === "to_do" ? [["to_do", "==", true] as const] : []),
    ...(reading === "to_do" || reading === "all" ? [] : [["reading", "==", reading] as const]),
    ...(urgency === null ? [] : [["urgency", "==", urgency] as const]),
    ...(modality === null ? [] : [["modality", "==", modality] as const]),
  ];
}

/** References are written in capitals, ids in small letters; who types them does not care. */
function beginning(field: Field, text: string): readonly Condition[] {
  return [
    [field, ">=", text],
    [field, "<", text + LAST],
  ];
}

function ofPatients(patients: readonly string[], conditions: readonly Condition[]): readonly (readonly Condition[])[] {
  const chunks = Array.from({ length: Math.ceil(patients.length / MOST_IN) }, (_, number) => patients.slice(number * MOST_IN, (number + 1) * MOST_IN));
  return chunks.map((some) => [...conditions, ["patient", "in", some]]);
}

/** The page that follows `after`; `answers`: to each question, its first `PAGE` lines from there or all that are left. */
export function pageOf<T extends Line>(answers: readonly (readonly T[])[], order: Order, after: Cursor | null): { readonly lines: readonly T[]; readonly next: Cursor | null } {
  const compare = comparing(order);
  const place = after === null ? null : lineOf(after);
  const found = [...new Map(answers.flat().map((line) => [line.id, line])).values()].filter((line) => place === null || compare(place, line) < 0);
  const lines = found.sort(compare).slice(0, PAGE);
  const last = lines.at(-1);
  return { lines, next: last !== undefined && lines.length === PAGE ? cursorOf(last) : null };
}

function comparing(order: Order): (a: Line, b: Line) => number {
  return (a, b) =>
    a.rank - b.rank ||
    b.seconds - a.seconds ||
    b.nanoseconds - a.nanoseconds ||
    (order === "patient" ? descending(a.patient ?? "", b.patient ?? "") : 0) ||
    descending(a.id, b.id);
}

function descending(a: string, b: string): number {
  return a === b ? 0 : a < b ? 1 : -1;
}

function cursorOf({ rank, seconds, nanoseconds, patient, id }: Line): Cursor {
  return JSON.stringify([rank, seconds, nanoseconds, patient, id]);
}

/** Throws `Fault("unavailable")` where it is no cursor of this list. */
export function lineOf(cursor: Cursor): Line {
  try {
    const [rank, seconds, nanoseconds, patient, id] = JSON.parse(cursor) as [number, number, number, string | null, string];
    return { rank, seconds, nanoseconds, patient, id };
  } catch {
    throw new Fault("unavailable", "The page to go on from is unknown.");
  }
}
