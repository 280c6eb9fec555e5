import { describe, expect, it } from "vitest";
import { breakLines } from "../../src/report/lines";
import { fairly } from "../../src/report/report";

const measure = (text: string): number => [...text].length;
const shown = (text: string, width = 40, most = 100) => {
  const { lines, cut } = breakLines(text, width, measure, most);
  return { lines: lines.map((line) => line.runs.map((run) => run.text).join("|")), cut, rightToLeft: lines.map((line) => line.rightToLeft) };
};

describe("lines", () => {
  it("break between words, and a word that is too wide anywhere", () => {
    expect(shown("one two three", 8).lines).toEqual(["one two", "three"]);
    expect(shown("see aaaaaaaaaaaa end", 5).lines).toEqual(["see", "aaaaa", "aaaaa", "aa", "end"]);
  });

  it("keep paragraphs, empty ones too, and say when something was left out", () => {
    expect(shown("a\n\nb").lines).toEqual(["a", "", "b"]);
    expect(shown("a b c", 1, 2)).toMatchObject({ lines: ["a", "b"], cut: true });
    expect(shown("", 10)).toMatchObject({ lines: [""], cut: false });
  });

  it("of Arabic begin at the right; a number after Arabic letters is an Arabic one (rule W2), so its unit stands left of it", () => {
    const { lines, rightToLeft } = shown("قدره 0.92 K عند P-1");
    expect(rightToLeft).toEqual([true]);
    expect(lines).toEqual(["P-1| عند |K| |0.92|قدره "]);
  });

  it("of Latin keep an Arabic name in its place", () => {
    expect(shown("by \u2068أمل\u2069, 26 Nov")).toMatchObject({ lines: ["by |أمل|, 26 Nov"], rightToLeft: [false] });
  });

  it("mirror brackets from right to left, and turn around what has no letters", () => {
    expect(shown("أ (ب)").lines).toEqual(["أ )ب("]);
    const { lines } = breakLines("\u2067a\u2069 ש", 40, measure, 9);
    expect(lines[0]?.rightToLeft).toBe(true);
  });

  it("never break a character in two", () => {
    for (const line of shown("😀😀😀😀😀 م😀", 2).lines) expect(line).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/);
  });
});

it("room is shared: who needs little gets it, the others share what is left", () => {
  expect(fairly([2, 100, 100], 22)).toEqual([2, 10, 10]);
  expect(fairly([1, 1], 10)).toEqual([1, 1]);
  expect(fairly([5, 5], 1)).toEqual([0, 0]);
  expect(fairly([], 3)).toEqual([]);
});
