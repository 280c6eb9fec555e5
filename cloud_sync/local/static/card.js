// The model's card: what it is for, what was measured, and what was not shown.

import { get } from "./api.js";
import { el, openDialog } from "./dom.js";
import { number, plainName } from "./format.js";

const cards = new Map(); // a card never changes: its hash is its name

export async function loadCard(sha256) {
  if (!cards.has(sha256)) cards.set(sha256, await get(`/api/models/${encodeURIComponent(sha256)}`));
  return cards.get(sha256);
}

export async function showCard(prediction) {
  let content;
  try {
    content = page(await loadCard(prediction.bundle_sha256));
  } catch (problem) {
    content = el("p", { class: "problem", role: "alert" }, problem.message);
  }
  const title = `${prediction.model ?? "model"} ${prediction.version ?? ""}`;
  openDialog("Model card", el("article", { class: "card-page" }, el("h1", {}, `Model card: ${title}`), content, el("p", { class: "subtle hash" }, `Bundle ${prediction.bundle_sha256}`)));
}

// One sentence about how well the model did where that counts as evidence; null where its card has none.
export function evidence(card) {
  const figure = (Array.isArray(card.metrics) ? card.metrics : []).find((candidate) => candidate.name === "auroc" && candidate.evidence === true);
  if (!figure) return null;
  const verdict = figure.low > 0.5 ? "0.5 is chance." : "0.5 is chance, which this does not exclude.";
  return `In its test it told apart with AUROC ${number(figure.value, 2)} (${percent(figure.level)} interval ${number(figure.low, 2)} to ${number(figure.high, 2)}, ${figure.n} ${figure.unit ?? "patients"}); ${verdict}`;
}

const ORDER = [
  "metrics", "baselines", "explanation", "threshold", "abstain", "risk_coverage", "calibration", "classes", "accepted", "refused",
  "gate", "quantisation", "data", "input", "drift",
];

const HEADINGS = {
  metrics: "What was measured",
  baselines: "What simpler things reach",
  explanation: "How often its map points at the lesion",
  abstain: "Where it does not answer",
  risk_coverage: "What remains wrong, by how many get an answer",
  accepted: "How much of its own kind it accepts",
  refused: "How much of other kinds it refuses",
  quantisation: "What was lost by making it small",
  drift: "What its inputs looked like in training (shares of them below)",
};

function page(card) {
  const { model = {}, ...rest } = card;
  const { description, intended_use: intendedUse, not_shown: notShown, ...facts } = model;
  const others = Object.keys(rest).filter((name) => !ORDER.includes(name));
  return [
    description && el("p", { class: "lead" }, description),
    intendedUse && el("section", {}, el("h2", {}, "Intended use"), el("p", {}, intendedUse)),
    notShown && el("section", { class: "not-shown" }, el("h2", {}, "What was not shown"), value(notShown)),
    [...ORDER, ...others].filter((name) => name in rest).map((name) => el("section", {}, el("h2", {}, heading(name)), section(name, rest[name]))),
    el("section", {}, el("h2", {}, "Model"), value(facts)),
  ];
}

function section(name, content) {
  // Whole sentences in columns are hard to read: each set of data is a list of its own.
  if (name === "data" && Array.isArray(content)) return content.map(value);
  if (name === "drift" && isTable(content)) return table(Object.entries(content).map(([statistic, quantiles]) => quantileRow(statistic, quantiles)));
  return value(content);
}

function quantileRow(statistic, quantiles) {
  const shown = Array.isArray(quantiles) ? quantiles : [];
  return { statistic: plainName(statistic), ...Object.fromEntries(shown.map((quantile, index) => [quantileName(index, shown.length), quantile])) };
}

function quantileName(index, length) {
  if (index === 0) return "lowest";
  return index === length - 1 ? "highest" : `${Math.round((100 * index) / (length - 1))} %`;
}

function value(content) {
  if (Array.isArray(content)) {
    if (content.length && content.every(isTable)) return table(content);
    if (content.every((item) => typeof item === "number")) return el("span", {}, content.map(figureText).join(content.length === 2 ? " to " : ", "));
    return el("ul", {}, content.map((item) => el("li", {}, value(item))));
  }
  if (isTable(content)) {
    return el("dl", {}, Object.entries(content).map(([name, item]) => [el("dt", {}, plainName(name)), el("dd", {}, value(item))]));
  }
  if (typeof content === "number") return figureText(content);
  if (typeof content === "boolean") return content ? "yes" : "no";
  return String(content);
}

// Rows of figures: an estimate and its interval belong together, and so do a number and what it counts.
function table(rows) {
  const merged = rows.map((row) => {
    const estimate = ["value", "share"].find((name) => name in row && "low" in row && "high" in row);
    if (!estimate) return row;
    const { name, kind, population, [estimate]: middle, low, high, level, n, unit, evidence: counts, note, made_how: made, ...others } = row;
    const figure = `${figureText(middle)} (${figureText(low)} to ${figureText(high)})`;
    const column = `${estimate} (${[percent(level), "interval"].filter(Boolean).join(" ")})`;
    const found = { name, kind, population, ...others, [column]: figure, n: unit ? `${n} ${unit}` : n, "made how": made, "counts as evidence": counts, note };
    return Object.fromEntries(Object.entries(found).filter(([, item]) => item !== undefined));
  });
  const columns = [...new Set(merged.flatMap((row) => Object.keys(row)))];
  return el(
    "div",
    { class: "table-box" },
    el(
      "table",
      {},
      el("thead", {}, el("tr", {}, columns.map((name) => el("th", { scope: "col" }, plainName(name))))),
      el("tbody", {}, merged.map((row) => el("tr", {}, columns.map((name) => el("td", { class: isEstimate(name) ? "estimate" : null }, row[name] == null ? "" : value(row[name])))))),
    ),
  );
}

function isEstimate(column) {
  return /^(value|share) \(/.test(column);
}

function isTable(content) {
  return typeof content === "object" && content !== null && !Array.isArray(content);
}

function figureText(content) {
  return Number.isInteger(content) ? String(content) : String(Number(content.toPrecision(3))).replace("-", "−");
}

function percent(level) {
  return typeof level === "number" ? `${Math.round(level * 100)} %` : "";
}

function heading(name) {
  if (Object.hasOwn(HEADINGS, name)) return HEADINGS[name];
  const text = plainName(name);
  return text.charAt(0).toUpperCase() + text.slice(1);
}
