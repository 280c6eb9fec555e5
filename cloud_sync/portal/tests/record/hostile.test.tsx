// Every text of a device and of a person, as markup and as bidirectional tricks: text stays text, and stays in its place.

import type { VNode } from "preact";
import renderToString from "preact-render-to-string";
import { describe, expect, it } from "vitest";
import { Foreign } from "../../src/record/foreign";
import { Machine, Measured } from "../../src/record/panels";
import { Identity, Quality } from "../../src/record/quality";
import { ReviewList } from "../../src/record/reviews";
import { Meanwhile } from "../../src/record/sign-dialog";
import { harmless, isolated, plainName, shortened } from "../../src/record/text";
import { safeName } from "../../src/record/save";
import { prediction, record, review, summary } from "./made";

const HOSTILE = `<img src=x onerror="alert(1)"><script>alert(2)</script>\u202egnp.exe\u2066\u0007`;
const session = { uid: "u-1", name: HOSTILE, role: "doctor", site: "home" } as const;
const hostile = record({
  summary: summary({ patient: HOSTILE, kiosk: HOSTILE, site: HOSTILE, id: HOSTILE, result: HOSTILE, outcome: HOSTILE as never, problem: HOSTILE }),
  sha256: HOSTILE,
  mode: HOSTILE,
  gates: { [HOSTILE]: false },
  consent: { textVersion: HOSTILE, screening: null, photo: null, training: null },
  prediction: prediction({ outcome: HOSTILE as never, reason: HOSTILE, model: HOSTILE, version: HOSTILE, classes: { [HOSTILE]: 0.4 } }),
});
const mri = record({ summary: summary({ modality: "mri", lesionMl: 3 }), mri: { slices: 4, rowSpacingMm: 1, columnSpacingMm: 1, sliceSpacingMm: 5, sliceScores: [], description: HOSTILE } });
const said = [review({ authorName: HOSTILE, note: HOSTILE, verdict: HOSTILE as never })];

const drawn: readonly (readonly [string, VNode])[] = [
  ["a text", <Foreign text={HOSTILE} />],
  ["what the machine said", <Machine record={hostile} site={null} />],
  ["a lesion", <Measured record={mri} />],
  ["the quality", <Quality record={hostile} />],
  ["the identity", <Identity record={hostile} />],
  ["the reviews", <ReviewList reviews={said} session={session} />],
  ["what came meanwhile", <Meanwhile reviews={said} />],
];

describe.each(drawn)("script in %s", (_place, node) => {
  const html = renderToString(node);

  it("is shown as text", () => {
    expect(html).toContain("&lt;img src=x");
    expect(html).not.toMatch(/<(img|script)/i);
    expect(html).not.toMatch(/<[^>]*\son\w+=/i);
  });

  it("has no character left that rearranges what stands around it", () => {
    expect(html).not.toMatch(/[\u202a-\u202e\u0007]/);
    const opened = [...html.matchAll(/[\u2066-\u2068]/g)].length;
    expect([...html.matchAll(/\u2069/g)].length).toBe(opened);
  });
});

it("what was taken out leaves a mark, and marks that Arabic is written with stay", () => {
  expect(harmless("a\u202eb\u0000c")).toBe("a\ufffdb\ufffdc");
  expect(harmless("كشك\u200f 1\r\nx\ty")).toBe("كشك\u200f 1\nx\ty");
  expect(isolated("a\u2069b")).toBe("\u2068a\ufffdb\u2069");
});

it("names of files and fields are tame", () => {
  expect(safeName("../../etc/pass wd\u202e.npz")).toBe("__.._etc_pass_wd_.npz");
  expect(safeName("")).toBe("file");
  expect(plainName("left_c")).toBe("left c");
  expect(shortened("😀😀😀", 2)).toBe("😀…");
});
