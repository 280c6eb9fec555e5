// What a doctor wants to know before anything else, above the picture: what was measured, and what the machine said.

import { el } from "./dom.js";
import { COVERAGE, measured, number, OUTCOME, worded } from "./format.js";

export function glance(record) {
  return el("div", { class: "glance" }, measurement(record.asymmetry), machine(record.prediction));
}

export function panel(kind, title, ...content) {
  return el("section", { class: `panel ${kind}` }, el("h2", {}, title), content);
}

function measurement({ difference_k: difference, uncertainty_k: uncertainty }) {
  if (difference == null) return panel("measurement", "Measured", el("p", {}, "Left and right could not be compared."));
  return panel(
    "measurement",
    "Measured: left minus right",
    el("p", { class: "figure" }, measured(difference, uncertainty, 2, "K")),
    uncertainty != null && el("p", { class: "subtle" }, verdict(difference, COVERAGE * uncertainty)),
  );
}

function verdict(difference, spread) {
  const text = `twice its standard uncertainty (±\u00a0${number(spread, 2)}\u00a0K)`;
  return Math.abs(difference) > spread ? `Beyond ${text}.` : `Within ${text}: no measurable difference.`;
}

function machine(prediction) {
  if (!prediction) return panel("machine", "Machine", el("p", {}, "No model has looked at this picture."));
  return panel(
    "machine",
    "Machine",
    el("p", { class: "figure" }, worded(OUTCOME, prediction.outcome, "No outcome")),
    prediction.probability != null && el("p", { class: "subtle" }, `Score ${number(prediction.probability, 2)} of 1, threshold ${number(prediction.threshold, 2)}. What a score means at this clinic is not known.`),
  );
}
