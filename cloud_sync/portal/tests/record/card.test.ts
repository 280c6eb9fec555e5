import { expect, it } from "vitest";
import { content, evidence, sections, type Words } from "../../src/record/card";

const words: Words = { yes: "yes", no: "no", lowest: "lowest", highest: "highest", range: (low, high) => `${low} to ${high}`, interval: (estimate, level) => `${estimate} (${level ?? "?"})` };
const auroc = { name: "auroc", value: 0.64286, low: 0.4879, high: 0.7921, level: 0.95, n: 53, unit: "patients", evidence: true, note: "x" };
const card = (tables: Record<string, unknown>) => ({ name: "breast", version: "1", card: tables });

it("what matters for trusting an answer comes first, and a key that nobody knows comes last", () => {
  const found = sections(card({ zebra: 1, metrics: [auroc], data: [{ n: 128 }], model: { name: "breast", description: "Small.", not_shown: ["That it helps."], intended_use: "Research." } }), words);
  expect(found.lead).toBe("Small.");
  expect(found.sections.map(({ key }) => key)).toEqual(["intended_use", "not_shown", "metrics", "trained_on", "zebra", "model"]);
});

it("an estimate stands with its interval, a number with what it counts", () => {
  const [metrics] = sections(card({ metrics: [auroc] }), words).sections;
  expect(metrics?.content[0]).toMatchObject({
    kind: "table",
    columns: ["name", "value (95 %)", "n", "counts_as_evidence", "note"],
    rows: [[{ text: "auroc" }, { text: "0.643 (0.488 to 0.792)" }, { text: "53 patients" }, { text: "yes" }, { text: "x" }]],
  });
});

it("quantiles are named by their share", () => {
  const [drift] = sections(card({ drift: { body_fraction: [0.4, 0.5, 0.6] } }), words).sections;
  expect(drift?.content[0]).toMatchObject({ columns: ["statistic", "lowest", "50 %", "highest"] });
});

it.each([null, 7, "text", [], [null], { deep: { deep: { deep: { deep: { deep: { deep: { deep: {} } } } } } } }, Array(9999).fill("x")])("a card with %j anywhere is readable", (value) => {
  const found = sections(card({ model: value, metrics: value, data: value, drift: value, other: value }), words);
  expect(JSON.stringify(found).length).toBeLessThan(200_000);
});

it("only a figure that counts as evidence is evidence", () => {
  expect(evidence(card({ metrics: [{ ...auroc, evidence: false }] }))).toBeNull();
  expect(evidence(card({ metrics: [{ ...auroc, low: "?" }] }))).toBeNull();
  expect(evidence(card({ metrics: "none" }))).toBeNull();
  expect(evidence(card({ metrics: [auroc] }))).toMatchObject({ value: 0.64286, n: 53, unit: "patients" });
});

it("numbers are not written more exactly than they are known", () => {
  expect([0.123456, -1.5, 1200, 1e-7].map((value) => content(value, words))).toEqual(["0.123", "−1.5", "1200", "1e−7"].map((text) => ({ kind: "text", text })));
});
