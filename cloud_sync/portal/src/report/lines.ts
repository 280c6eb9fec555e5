// Text in lines, each a row of runs in the order in which the eye meets them (UAX 9): Arabic notes stay right on an English page.

import bidiFactory from "bidi-js";

const bidi = bidiFactory();

export interface Run {
  readonly text: string;
  readonly rightToLeft: boolean;
}
export interface Line {
  /** From left to right. */
  readonly runs: readonly Run[];
  /** Whether its paragraph begins at the right. */
  readonly rightToLeft: boolean;
}
export interface Broken {
  readonly lines: readonly Line[];
  /** Not everything found room in `most` lines. */
  readonly cut: boolean;
}

type Measure = (text: string) => number;
const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
const SECOND_HALF = /[\udc00-\udfff]/; // of a surrogate pair
const UNSEEN = /[\u200b-\u200f\u061c\ufeff\u202a-\u202e\u2066-\u2069]/g;

/** Breaks `text` into lines of at most `width`, as `measure` measures. */
export function breakLines(text: string, width: number, measure: Measure, most: number): Broken {
  const lines: Line[] = [];
  for (const paragraph of text.split("\n")) {
    const embedding = bidi.getEmbeddingLevels(paragraph);
    const rightToLeft = (embedding.paragraphs[0]?.level ?? 0) % 2 === 1;
    for (const [start, end] of ranges(paragraph, width, measure)) {
      if (lines.length === most) return { lines, cut: true };
      lines.push({ runs: visual(paragraph, embedding.levels, start, end), rightToLeft });
    }
  }
  return { lines, cut: false };
}

/** Beginning and end of each line, without the spaces at its end. A word that is wider than a line is broken anywhere. */
function ranges(paragraph: string, width: number, measure: Measure): [number, number][] {
  const found: [number, number][] = [];
  const space = measure(" ");
  let [start, end, used] = [0, 0, 0];
  for (const { 0: word, index } of paragraph.matchAll(/\S+/g)) {
    const gap = space * (index - end);
    const wide = measure(word);
    if (used > 0 && used + gap + wide > width) {
      found.push([start, end]);
      [start, used] = [index, 0];
    }
    if (used === 0 && wide > width) {
      for (const piece of pieces(word, width, measure)) {
        if (piece.at > 0) found.push([start, index + piece.at]);
        start = index + piece.at;
        used = piece.width;
      }
    } else used += (used > 0 ? gap : 0) + wide;
    end = index + word.length;
  }
  found.push([start, end]);
  return found;
}

function* pieces(word: string, width: number, measure: Measure): Generator<{ at: number; width: number }> {
  let [at, used, index] = [0, 0, 0];
  for (const character of word) {
    const wide = measure(character);
    if (used > 0 && used + wide > width) {
      yield { at, width: used };
      [at, used] = [index, 0];
    }
    used += wide;
    index += character.length;
  }
  yield { at, width: used };
}

/** UAX 9, rule L2, on runs of one level each; the letters within a run are put in order by whoever shapes them. */
function visual(paragraph: string, levels: Uint8Array, start: number, end: number): Run[] {
  const runs: { text: string; level: number }[] = [];
  for (let at = start; at < end; at++) {
    const level = levels[at] ?? 0;
    const last = runs.at(-1);
    if (last && (last.level === level || SECOND_HALF.test(paragraph[at] ?? ""))) last.text += paragraph[at];
    else runs.push({ text: paragraph[at] ?? "", level });
  }
  for (let level = Math.max(0, ...runs.map((run) => run.level)); level > 0; level--) {
    for (let at = 0; at < runs.length; at++) {
      let to = at;
      while (to < runs.length && (runs[to]?.level ?? 0) >= level) to++;
      if (to > at) runs.splice(at, to - at, ...runs.slice(at, to).reverse());
      at = Math.max(at, to);
    }
  }
  return runs.map(({ text, level }) => ({ text: inOrder(text, level % 2 === 1), rightToLeft: level % 2 === 1 })).filter((run) => run.text);
}

/** A shaper turns a run around by its letters; one without letters ("، –") is turned around here. Brackets are mirrored. */
function inOrder(text: string, rightToLeft: boolean): string {
  if (!rightToLeft) return text.replace(UNSEEN, "");
  const characters = [...text.replace(UNSEEN, "")].map((character) => bidi.getMirroredCharacter(character) ?? character);
  return (RIGHT_TO_LEFT.test(text) ? characters : characters.reverse()).join("");
}
