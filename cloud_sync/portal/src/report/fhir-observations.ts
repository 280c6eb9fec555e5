// The numbers of a record as FHIR Observations, each with its uncertainty, or with the reason why there is none.

import { addressOf, coded, concept, type Json, NO_DIAGNOSIS, quantity, type Table } from "./fhir-codes";
import { numberOf, numbersOf, textOf } from "./fhir-fields";

/** What every resource of one record refers to. */
export interface Subjects {
  readonly record: string;
  readonly patient: Table;
  readonly device: Table;
  readonly capturedAt: string | null;
  readonly receivedAt: string;
}

interface Entry {
  readonly fullUrl: string;
  readonly resource: Table;
}

const ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason";
const CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category";

const MEASURES = {
  difference: {
    words: "Temperature difference, the patient's left minus right breast",
    value: ["asymmetry", "difference_k"],
    uncertainty: ["asymmetry", "uncertainty_k"],
    unit: "K",
  },
  lesion: { words: "Volume that the segmentation covers", value: ["mri", "lesion_ml"], uncertainty: ["mri", "lesion_uncertainty_ml"], unit: "mL" },
} as const;

const NO_ANSWER: Readonly<Record<string, readonly [string, string]>> = {
  abstained: ["unknown", "The network abstained: its score lies where it is wrong too often."],
  out_of_domain: ["not-applicable", "The images are not of the kind that the network was made for."],
};

export async function observations(subjects: Subjects, document: Json): Promise<readonly Entry[]> {
  const found: Entry[] = [];
  if (textOf(document, "modality") !== "mri") found.push(await measured(subjects, document, "difference"));
  if (numberOf(document, "mri", "lesion_ml") !== null) found.push(await measured(subjects, document, "lesion"));
  found.push(await score(subjects, document));
  return found;
}

async function measured(subjects: Subjects, document: Json, name: keyof typeof MEASURES): Promise<Entry> {
  const { words, value: at, uncertainty: spreadAt, unit } = MEASURES[name];
  const value = numberOf(document, ...at);
  const uncertainty = numberOf(document, ...spreadAt);
  if (value === null) return observation(subjects, name, words, absent("not-performed", "The device measured no such value."));
  const component = uncertainty === null ? {} : { component: [{ code: concept("Standard uncertainty (k = 1)"), valueQuantity: quantity(uncertainty, unit) }] };
  return observation(subjects, name, words, { valueQuantity: quantity(value, unit), ...component });
}

async function score(subjects: Subjects, document: Json): Promise<Entry> {
  const words = "Calibrated score of the network; not the risk of this patient";
  const outcome = textOf(document, "prediction", "outcome");
  const probability = numberOf(document, "prediction", "probability");
  const none = outcome !== null && Object.hasOwn(NO_ANSWER, outcome) ? NO_ANSWER[outcome] : undefined;
  if (none) return observation(subjects, "score", words, absent(...none));
  if (probability === null) return observation(subjects, "score", words, absent("not-performed", "No network was run."));
  const component: Table[] = [];
  const threshold = numberOf(document, "prediction", "threshold");
  if (threshold !== null) component.push({ code: concept("Threshold"), valueQuantity: quantity(threshold, "1") });
  const ill = numbersOf(document, "prediction", "ill_here");
  for (const [at, name] of ["estimate", "low", "high"].entries()) {
    const share = ill[at] ?? null;
    if (share !== null) component.push({ code: concept(`Share of patients with this answer at this site who are ill, ${name}`), valueQuantity: quantity(share, "1") });
  }
  if (outcome !== null) component.push({ code: concept("Answer"), valueCodeableConcept: concept(outcome.replaceAll("_", " ")) });
  return observation(subjects, "score", words, { valueQuantity: quantity(probability, "1"), ...(component.length > 0 ? { component } : {}) });
}

async function observation(subjects: Subjects, name: string, words: string, value: Table): Promise<Entry> {
  const resource: Record<string, Json> = {
    resourceType: "Observation",
    status: "preliminary",
    category: [coded(CATEGORY, "imaging", "Imaging")],
    code: concept(words),
    subject: subjects.patient,
    device: subjects.device,
    issued: subjects.receivedAt,
    note: [{ text: NO_DIAGNOSIS }],
    ...value,
  };
  if (subjects.capturedAt !== null) resource.effectiveDateTime = subjects.capturedAt;
  return { fullUrl: await addressOf(subjects.record, name), resource };
}

const absent = (code: string, text: string): Table => ({ dataAbsentReason: { coding: [{ system: ABSENT, code }], text } });
