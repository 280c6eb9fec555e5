import { describe, expect, it } from "vitest";
import type { Summary, Urgency } from "../src/data/record";
import { append, inOrder, merge, shift } from "../src/worklist-lines";
import { summaries } from "./sample-summaries";

const [any] = summaries(1, 2) as [Summary];
const line = (id: string, urgency: Urgency, hour: number): Summary => ({ ...any, id, urgency, receivedAt: `2026-11-20T${String(hour).padStart(2, "0")}:00:00Z` });
const ids = (lines: readonly Summary[]): string => lines.map(({ id }) => id).join("");

const [A, B, C, D] = [line("a", "look_first", 9), line("b", "look_first", 8), line("c", "routine", 12), line("d", "routine", 11)];
const NEW = line("n", "look_first", 10);

describe("the worklist's lines", () => {
  it("are in the cloud's order: urgent first, then the newest", () => {
    expect(ids([D, C, B, A].sort(inOrder))).toBe("abcd");
  });

  it("take in a line that arrived, and keep what lies beyond the page", () => {
    const { lines, arrived } = merge([A, B, C, D], { items: [NEW, A], next: "after a" }, null, null);
    expect(ids(lines)).toBe("nabcd");
    expect(ids(arrived)).toBe("n");
  });

  it("lose a line that no longer answers the query, unless it is being read", () => {
    expect(ids(merge([A, B, C], { items: [A, C], next: null }, null, null).lines)).toBe("ac");
    expect(ids(merge([A, B, C], { items: [A, C], next: null }, null, "b").lines)).toBe("abc");
    expect(ids(merge([A, B, C, D], { items: [A, C], next: "after c" }, null, null).lines)).toBe("acd");
  });

  it("show what changed", () => {
    const read = { ...A, reading: "reviewed" as const };
    const { lines, arrived } = merge([A, B], { items: [read, B], next: null }, null, null);
    expect(lines[0]?.reading).toBe("reviewed");
    expect(arrived).toEqual([]);
  });

  it("move a line whose urgency changed, once", () => {
    expect(ids(merge([A, B, C], { items: [A, B, { ...C, urgency: "look_first" }], next: null }, null, null).lines)).toBe("cab");
  });

  it("go on below with the next page", () => {
    expect(ids(append([A, B], { items: [C, D], next: null }, null))).toBe("abcd");
    expect(ids(append([], { items: [A], next: null }, null))).toBe("a");
    expect(ids(append([A, B], { items: [], next: null }, null))).toBe("ab");
    // "d" had arrived meanwhile, so it is known, and "c" belongs before it
    expect(ids(append([A, B, D], { items: [C, D], next: null }, null))).toBe("abcd");
  });

  it("know how far the line that is being read was moved", () => {
    expect(shift([A, B, C], [NEW, A, B, C], 1)).toBe(1);
    expect(shift([A, B, C], [A, C], 1)).toBe(-1); // b is gone: c takes its place
    expect(shift([A, B, C], [A, B, C, D], 0)).toBe(0);
    expect(shift([A], [C], 0)).toBe(0);
  });
});
