// One record: the picture, what was measured, what the machine said, what a person said, and how good the capture was.

import { get, recordUrl } from "./api.js";
import { evidence, loadCard, showCard } from "./card.js";
import { el, replace } from "./dom.js";
import { COVERAGE, number, plainName, RESULT, signed, URGENCY, when, worded } from "./format.js";
import { glance, panel } from "./glance.js";
import { Thermogram } from "./thermogram.js";

export function recordPage(record) {
  const picture = el("div", { class: "picture-place" }, el("p", { class: "subtle" }, "Loading the picture…"));
  const page = { element: null, thermogram: null };
  page.element = el(
    "div",
    { class: "record-page" },
    head(record),
    warnings(record),
    record.problem ? el("p", { class: "problem", role: "alert" }, record.problem) : [glance(record), picture, el("div", { class: "facts" }, sides(record), machine(record), person(record), quality(record))],
  );
  if (!record.problem) loadPicture(record, picture).then((thermogram) => (page.thermogram = thermogram));
  return page;
}

async function loadPicture(record, place) {
  if (!record.parts.some((part) => part.name === "capture.npz")) {
    replace(place, el("p", { class: "empty subtle" }, "This record holds no picture."));
    return null;
  }
  try {
    const thermogram = new Thermogram(await get(`${recordUrl(record.path)}/images`), record.quality.noise_k);
    replace(place, thermogram.element);
    return thermogram;
  } catch (problem) {
    replace(place, el("p", { class: "problem", role: "alert" }, problem.message));
    return null;
  }
}

function head(record) {
  return el(
    "header",
    { class: "record-head" },
    el(
      "div",
      {},
      el("h1", {}, record.patient ?? "Unknown patient", " ", el("span", { class: `badge ${record.urgency}` }, `${URGENCY[record.urgency].mark} ${URGENCY[record.urgency].title}`.trim())),
      el(
        "p",
        { class: "subtle" },
        [record.clock_synchronised ? when(record.captured_at) : `arrived ${when(record.received_at)}`, record.kiosk, record.site, record.mode].filter(Boolean).join(" · "),
        record.patient_confirmed ? "" : " · card holder not yet confirmed by the clinic",
      ),
    ),
    el(
      "div",
      { class: "actions" },
      record.prediction?.bundle_sha256 && el("button", { type: "button", class: "card-button", title: "key c", onclick: () => showCard(record.prediction) }, "Model card"),
      download(record, "photo.jpg", "Photograph (.jpg)"),
      download(record, "capture.npz", "Raw data (.npz)"),
    ),
  );
}

function download(record, name, title) {
  if (!record.parts.some((part) => part.name === name)) return null;
  return el("a", { class: "button", download: true, href: `${recordUrl(record.path)}/parts/${encodeURIComponent(name)}` }, title);
}

function warnings(record) {
  if (record.problem || record.clock_synchronised) return null;
  return el(
    "p",
    { class: "warning", role: "note" },
    el("strong", {}, "The kiosk's clock was not set. "),
    record.captured_at ? `It showed ${when(record.captured_at)}, which may be wrong by years.` : "It showed no time.",
  );
}

function sides(record) {
  const { difference_k: difference, uncertainty_k: uncertainty, left_c: left, right_c: right } = record.asymmetry;
  if (difference == null) return null;
  return panel(
    "measurement",
    "The two sides",
    uncertainty != null && interval(difference, uncertainty),
    el("p", {}, `Patient's left ${number(left, 1)} °C, right ${number(right, 1)} °C.`),
  );
}

// A line with zero in its middle, the measured value, and twice its uncertainty to both sides.
function interval(difference, uncertainty) {
  const reach = Math.max(1, Math.ceil((Math.abs(difference) + COVERAGE * uncertainty) * 2) / 2);
  const share = (value) => `${((value + reach) / (2 * reach)) * 100}%`;
  const band = el("span", { class: "line-band" });
  Object.assign(band.style, { left: share(difference - COVERAGE * uncertainty), width: `${((COVERAGE * uncertainty) / reach) * 100}%` });
  const mark = el("span", { class: "line-mark" });
  mark.style.left = share(difference);
  const zero = el("span", { class: "line-zero" });
  zero.style.left = "50%";
  return el("div", { class: "line-box" }, el("div", { class: "line" }, band, zero, mark), el("div", { class: "line-labels" }, el("span", {}, signed(-reach, 1)), el("span", {}, "0"), el("span", {}, `${signed(reach, 1)} K`)));
}

function machine(record) {
  const prediction = record.prediction;
  if (!prediction) return panel("machine", "What the patient was told", told(record));
  const shown = el("p", { class: "subtle evidence" });
  if (prediction.bundle_sha256) {
    loadCard(prediction.bundle_sha256).then(
      (card) => (shown.textContent = evidence(card) ?? ""),
      () => {}, // the card's own button says what is wrong
    );
  }
  return panel(
    "machine",
    "The machine's score",
    prediction.probability != null && score(prediction),
    illHere(prediction),
    prediction.reason && el("p", {}, prediction.reason),
    shown,
    el("p", { class: "subtle" }, `Model ${prediction.model ?? "unknown"} ${prediction.version ?? ""}. Screening, not a diagnosis.`),
    told(record),
  );
}

/** What the answer means where as many are ill as the clinic says; the score itself is of the people the model was made with. */
function illHere({ prevalence, ill_here: [share, low, high] = [] }) {
  if (prevalence == null || share == null) return null;
  const percent = (value) => number(100 * value, value < 0.1 ? 1 : 0);
  return el("p", {}, `Where ${percent(prevalence)}\u00a0% of those examined are ill, about ${percent(share)}\u00a0% of those with this answer are (${percent(low)} to ${percent(high)}\u00a0%).`);
}

function told(record) {
  return el("p", { class: "subtle" }, "The patient was told: ", record.result ? el("q", {}, worded(RESULT, record.result, "")) : "nothing.");
}

function score(prediction) {
  const [low, high] = prediction.abstain;
  const line = el("div", { class: "line score" });
  if (low != null && high != null) {
    const band = el("span", { class: "line-band", title: "no answer" });
    Object.assign(band.style, { left: `${low * 100}%`, width: `${(high - low) * 100}%` });
    line.append(band);
  }
  if (prediction.threshold != null) {
    const zero = el("span", { class: "line-zero" });
    zero.style.left = `${prediction.threshold * 100}%`;
    line.append(zero);
  }
  const mark = el("span", { class: "line-mark" });
  mark.style.left = `${Math.min(1, Math.max(0, prediction.probability)) * 100}%`;
  line.append(mark);
  const band = low != null && high != null ? `, no answer from ${number(low, 2)} to ${number(high, 2)}` : "";
  return el("div", { class: "line-box" }, line, el("p", { class: "subtle" }, `Score ${number(prediction.probability, 2)} of 1; threshold ${number(prediction.threshold, 2)}${band}.`));
}

function person(record) {
  const opened = record.opened_at ? `You first opened it ${when(record.opened_at)}.` : "You have not opened it before.";
  return panel("person", "A doctor", el("p", {}, "No doctor's reading is on file."), el("p", { class: "subtle" }, `${opened} This page shows records; it takes no readings yet.`));
}

function quality(record) {
  const q = record.quality;
  const rows = [
    ["Noise of a pixel", q.noise_k == null ? null : `${number(q.noise_k, 3)} K (target ${number(q.target_noise_k, 2)} K)`],
    ["Frames", q.frames == null ? null : `${number(q.frames, 0)} used, ${number(q.rejected, 0)} rejected`],
    ["Integration", record.integration_s == null ? null : `${number(record.integration_s, 1)} s at ${number(q.refresh_hz, 0)} Hz`],
    ["Room", q.ambient_c == null ? null : `${number(q.ambient_c, 1)} °C`],
    ["Sensor", q.sensor_ambient_c == null ? null : `${number(q.sensor_ambient_c, 1)} °C, ${number(q.supply_v, 2)} V, broken pixels: ${number(q.bad_pixels, 0)}`],
    ["Emissivity", q.emissivity == null ? null : `${number(q.emissivity, 2)}, reflected ${number(q.reflected_c, 1)} °C`],
    ["Rest before", q.prepare_skipped == null ? null : q.prepare_skipped ? "cut short by the patient" : "complete"],
  ].filter(([, text]) => text);
  const gates = Object.entries(q.gates);
  return panel(
    "quality",
    "Capture quality",
    rows.length ? el("dl", {}, rows.map(([name, text]) => [el("dt", {}, name), el("dd", {}, text)])) : el("p", {}, "The record does not say."),
    gates.length > 0 && el("ul", { class: "gates" }, gates.map(([name, passed]) => el("li", { class: passed ? "passed" : "failed" }, `${passed ? "✓" : passed === false ? "✗" : "?"} ${plainName(name)}`))),
  );
}
