import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { EMPTY, keepDraft, readDraft } from "../../src/record/draft";
import { arrivedSince, inDisagreement, newestFirst, ownStanding, standing, superseded } from "../../src/record/reviewing";
import { review } from "./made";

const first = review();
const second = review({ id: "r2", verdict: "recall", supersedes: "r1", at: "2026-11-20T11:00:00.000Z" });
const others = review({ id: "r3", author: "u-2", authorName: "Dr. Bo", verdict: "disagree", at: "2026-11-20T10:30:00.000Z" });

it("a second thought takes the place of the first, which stays", () => {
  expect(newestFirst([first, second, others]).map(({ id }) => id)).toEqual(["r2", "r3", "r1"]);
  expect(standing([first, second, others]).map(({ id }) => id)).toEqual(["r2", "r3"]);
  expect(ownStanding([first, second, others], "u-1")).toBe(second);
  expect(ownStanding([first], "u-2")).toBeNull();
});

it("nobody supersedes another one's review", () => {
  expect([...superseded([first, { ...others, supersedes: "r1" }])]).toEqual([]);
});

it("two doctors of different minds disagree, one doctor's second thought does not", () => {
  expect(inDisagreement([first, others])).toBe(true);
  expect(inDisagreement([first, second])).toBe(false);
  expect(inDisagreement([first, { ...others, verdict: "agree" }])).toBe(false);
});

it("what others signed since is news, what I signed is not", () => {
  expect(arrivedSince([first, second, others], new Set(["r1"]), "u-1")).toEqual([others]);
});

class Kept {
  readonly all = new Map<string, string>();
  getItem = (key: string): string | null => this.all.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.all.set(key, value);
  removeItem = (key: string): void => void this.all.delete(key);
}

beforeEach(() => vi.stubGlobal("sessionStorage", new Kept()));
afterEach(() => vi.unstubAllGlobals());

it("a draft is kept for its author and its record alone, and leaves nothing when it is empty", () => {
  keepDraft("u-1", "home", "a", { verdict: "recall", note: "See again" });
  expect(readDraft("u-1", "home", "a")).toEqual({ verdict: "recall", note: "See again" });
  expect(readDraft("u-2", "home", "a")).toEqual(EMPTY);
  expect(readDraft("u-1", "home", "b")).toEqual(EMPTY);
  keepDraft("u-1", "home", "a", EMPTY);
  expect((sessionStorage as unknown as Kept).all.size).toBe(0);
});

it.each(["not JSON", "null", "7", '{"verdict": "constructor", "note": 4}'])("a draft that is %s is none", (kept) => {
  sessionStorage.setItem("firstlight.draft/u-1/home/a", kept);
  expect(readDraft("u-1", "home", "a")).toEqual(EMPTY);
});
