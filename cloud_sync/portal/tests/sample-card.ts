// A short model card in the form of a bundle's card.toml.

export const card: Readonly<Record<string, unknown>> = {
  model: {
    name: "breast", version: "1.0.0", task: "score", licence: "Apache-2.0",
    description: "Small convolutional networks, whose mean is the score, for one 24×32 thermal image of a chest.",
    intended_use: "To exercise a screening kiosk end to end, and for research. It is no diagnosis.",
    not_shown: ["That it finds disease better than a calendar.", "That it helps anybody."],
  },
  data: [{ name: "DMR-IR, frontal, static", n: 128, positives: 52, unit: "patients", split_unit: "patient" }],
  input: { modality: "breast-thermogram", shape: [1, 24, 32, 2], dtype: "int8", unit: "°C before preprocessing", preprocessing: "body-relative-2" },
  metrics: [
    { name: "auroc", subject: "this model", population: "2013-2015", value: 0.6429, low: 0.4879, high: 0.7921, level: 0.95, n: 53, unit: "patients", evidence: true, note: "One nominal view for each patient." },
  ],
  baselines: [
    { name: "auroc", subject: "date alone", population: "2013-2015", value: 0.7932, low: 0.6625, high: 0.9015, level: 0.95, n: 53, unit: "patients", evidence: true, note: "Logistic regression on this alone." },
  ],
  calibration: { slope: 0.4786, intercept: -0.1424, method: "Platt scaling", prevalence: 0.3962, brier: 0.2462, brier_of_prevalence: 0.2392 },
  threshold: { probability: 0.5, reason: "The highest threshold at which 80% of the sick patients lie above it." },
  abstain: { low: 0.4, high: 0.6, reason: "Where another picture may well give the other answer." },
  explanation: [{ method: "occlusion", population: "synthetic: a hot spot", value: 0.3203, low: 0.2406, high: 0.4085, level: 0.95, n: 128, chance: 0.1332, note: "Planted spots." }],
  drift: { body_c: [28.4, 29.5, 29.9, 30.1, 30.7, 31.2, 31.6, 31.9, 32.3, 33.0, 34.5] },
};
