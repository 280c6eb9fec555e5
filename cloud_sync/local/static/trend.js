// A patient's history on the right: the left-right difference over the visits, and every record.

import { recordLink } from "./api.js";
import { el, svg } from "./dom.js";
import { COVERAGE, day, measured, number, signed, URGENCY, when } from "./format.js";

const WIDTH = 260;
const HEIGHT = 150;
const LEFT = 34;
const BOTTOM = 22;

export function historyPane(record) {
  const measuredOnes = record.history.filter((entry) => entry.difference_k != null);
  return [
    el("h2", {}, "History"),
    el("p", { class: "subtle" }, record.patient ? `Everything from ${record.patient} at ${record.site}.` : "The record names no patient."),
    measuredOnes.length > 1 ? trend(measuredOnes, record.path) : el("p", { class: "subtle" }, "A trend appears from the second measurement on."),
    measuredOnes.length > 1 ? change(measuredOnes, record) : null,
    el("ol", { class: "visits" }, [...record.history].reverse().map((entry) => visit(entry, record.path))),
  ];
}

// A change counts where it exceeds the doubled uncertainty of a difference of two (JCGM 100:2008, 5.1.2).
function change(entries, record) {
  const at = entries.findIndex((entry) => entry.path === record.path);
  if (at < 1) return null;
  const [before, now] = [entries[at - 1], entries[at]];
  if (before.uncertainty_k == null || now.uncertainty_k == null) return null;
  const delta = now.difference_k - before.difference_k;
  const uncertainty = Math.hypot(before.uncertainty_k, now.uncertainty_k);
  const counts = Math.abs(delta) > COVERAGE * uncertainty;
  return el(
    "p",
    { class: counts ? "change counts" : "change" },
    `${signed(delta, 2)} ± ${number(uncertainty, 2)} K since ${day(before.at)}: `,
    counts ? "a change beyond its uncertainty." : "no change beyond its uncertainty.",
  );
}

function trend(entries, current) {
  const extent = Math.max(0.5, ...entries.map((entry) => Math.abs(entry.difference_k) + (entry.uncertainty_k ?? 0)));
  const x = (index) => LEFT + 12 + (index / (entries.length - 1)) * (WIDTH - LEFT - 24);
  const y = (value) => (HEIGHT - BOTTOM) / 2 - (value / extent) * ((HEIGHT - BOTTOM) / 2 - 10);
  const label = (value) => svg("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, signed(value, 1));
  const points = entries.map((entry, index) => {
    const spread = entry.uncertainty_k ?? 0;
    return svg(
      "g",
      { class: entry.path === current ? "point current" : "point" },
      svg("title", {}, `${when(entry.at)}: ${measured(entry.difference_k, entry.uncertainty_k, 2, "K")}`),
      svg("line", { x1: x(index), x2: x(index), y1: y(entry.difference_k - spread), y2: y(entry.difference_k + spread) }),
      svg("circle", { cx: x(index), cy: y(entry.difference_k), r: entry.path === current ? 5 : 3.5 }),
    );
  });
  const path = entries.map((entry, index) => `${index ? "L" : "M"}${x(index)} ${y(entry.difference_k)}`).join("");
  return el(
    "figure",
    { class: "trend" },
    svg(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": "Left minus right over the visits, with its standard uncertainty" },
      [extent, 0, -extent].map((value) => svg("line", { class: value === 0 ? "zero" : "grid", x1: LEFT, x2: WIDTH, y1: y(value), y2: y(value) })),
      label(extent * 0.98),
      label(0),
      label(-extent * 0.98),
      svg("path", { d: path }),
      points,
      svg("text", { x: LEFT, y: HEIGHT - 5 }, day(entries[0].at)),
      svg("text", { x: WIDTH, y: HEIGHT - 5, "text-anchor": "end" }, day(entries.at(-1).at)),
    ),
    el("figcaption", { class: "subtle" }, "Left minus right, K, with its standard uncertainty. Visits stand at equal distances."),
  );
}

function visit(entry, current) {
  const here = entry.path === current;
  const text = entry.is_examination ? (entry.problem ? "cannot be shown" : measured(entry.difference_k, entry.uncertainty_k, 2, "K")) : (entry.modality ?? "record");
  const content = [el("span", { class: "visit-time" }, `${entry.clock_synchronised ? "" : "≈ "}${when(entry.at)}`), el("span", {}, text)];
  if (entry.is_examination && entry.urgency === "look_first") content.push(el("span", { class: "subtle" }, URGENCY.look_first.title));
  return el("li", { class: here ? "here" : null }, entry.is_examination && !here ? el("a", { href: recordLink(entry.path) }, content) : el("div", {}, content));
}
