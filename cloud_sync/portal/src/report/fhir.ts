// One record as a FHIR R4 bundle (HL7 FHIR 4.0.1): who, with what, the pictures by name and hash, the measured numbers with their
// uncertainty, and a report. Its status is "preliminary" until a doctor has signed, then "final": a machine finishes nothing.

import type { OpenedRecord, Part, Prediction, Review } from "../data/record";
import { standing } from "../record/reviewing";
import { harmless, shortened } from "../record/text";

type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json };
type Resource = { readonly resourceType: string; readonly id: string; readonly [key: string]: Json };

const SYSTEM = "urn:firstlight";
const UCUM = "http://unitsofmeasure.org";
const DISCLAIMER = "Screening, not a diagnosis. It does not replace mammography or a doctor.";

/** A collection: nothing in it asks a server to store anything. Reviews that their author superseded are left out. */
export function bundleOf(record: OpenedRecord, reviews: readonly Review[]): Json {
  const { summary } = record;
  const patient = patientOf(record);
  const device = deviceOf(record);
  const study = summary.modality === "mri" ? [studyOf(record)] : mediaOf(record);
  const observations = observationsOf(record);
  const entries: Resource[] = [patient, device, ...study, ...observations, reportOf(record, reviews, study, observations)];
  return {
    resourceType: "Bundle",
    id: idOf(record, "bundle"),
    identifier: { system: `${SYSTEM}:record`, value: text(summary.id) },
    type: "collection",
    timestamp: summary.receivedAt,
    entry: entries.map((resource) => ({ fullUrl: urlOf(resource), resource })),
  };
}

/** FHIR ids: at most 64 of [A-Za-z0-9-.]. */
function idOf({ summary }: OpenedRecord, kind: string): string {
  return `${summary.id}-${kind}`.replace(/[^A-Za-z0-9.-]/g, "-").slice(0, 64);
}

const urlOf = (resource: Resource): string => `${SYSTEM}:${resource.resourceType.toLowerCase()}:${resource.id}`;
const reference = (resource: Resource): Json => ({ reference: urlOf(resource) });
const text = (found: string, most = 200): string => shortened(harmless(found).trim() || "-", most);
const defined = (object: Readonly<Record<string, Json | null>>): Readonly<Record<string, Json>> =>
  Object.fromEntries(Object.entries(object).filter((entry): entry is [string, Json] => entry[1] !== null));

function patientOf(record: OpenedRecord): Resource {
  const { patient, patientConfirmed } = record.summary;
  return {
    resourceType: "Patient",
    id: idOf(record, "patient"),
    identifier: [{ system: `${SYSTEM}:${text(record.summary.site, 60)}:patient`, value: text(patient ?? "unknown"), use: patientConfirmed ? "usual" : "temp" }],
  };
}

function deviceOf(record: OpenedRecord): Resource {
  const { summary, prediction } = record;
  const versions = prediction?.version == null ? {} : { version: [{ type: { text: text(prediction.model ?? "model") }, value: text(prediction.version) }] };
  return {
    resourceType: "Device",
    id: idOf(record, "device"),
    identifier: [{ system: `${SYSTEM}:${text(summary.site, 60)}:kiosk`, value: text(summary.kiosk ?? "unknown") }],
    ...versions,
  };
}

/** The time by the kiosk's clock where it was set, else the cloud's. */
function timeOf({ summary }: OpenedRecord): string {
  const captured = new Date(summary.capturedAt ?? "");
  return summary.clockSynchronised && !Number.isNaN(captured.getTime()) ? captured.toISOString() : new Date(summary.receivedAt).toISOString();
}

function studyOf(record: OpenedRecord): Resource {
  return {
    resourceType: "ImagingStudy",
    id: idOf(record, "study"),
    identifier: [{ system: `${SYSTEM}:record`, value: text(record.summary.id) }],
    status: "available",
    subject: subject(record),
    started: timeOf(record),
    modality: [{ system: "http://dicom.nema.org/resources/ontology/DCM", code: "MR", display: "Magnetic Resonance" }],
    ...defined({ description: record.mri?.description == null ? null : text(record.mri.description) }),
  };
}

/** Each part by name, size and hash; the bytes stay in the cloud. */
function mediaOf(record: OpenedRecord): readonly Resource[] {
  return Object.values(record.parts).map((part, at) => ({
    resourceType: "Media",
    id: idOf(record, `media-${at + 1}`),
    status: "completed",
    subject: subject(record),
    createdDateTime: timeOf(record),
    device: { reference: urlOf(deviceOf(record)) },
    content: attachment(part),
  }));
}

function attachment(part: Part): Json {
  return { contentType: text(part.mediaType, 80), title: text(part.name, 80), size: Math.round(part.bytes), ...identifierOfHash(part.sha256) };
}

/** FHIR's own `hash` is SHA-1; the SHA-256 stands in an extension. */
function identifierOfHash(sha256: string): Readonly<Record<string, Json>> {
  return { extension: [{ url: `${SYSTEM}:sha256`, valueString: text(sha256, 64) }] };
}

const subject = (record: OpenedRecord): Json => ({ reference: urlOf(patientOf(record)) });

function observationsOf(record: OpenedRecord): readonly Resource[] {
  const { asymmetry, summary, prediction } = record;
  const found: Resource[] = [];
  if (asymmetry.differenceK !== null) {
    found.push(observation(record, "difference", "Skin temperature, left minus right", { valueQuantity: quantity(asymmetry.differenceK, "K") }, spread(asymmetry.uncertaintyK, "K")));
  }
  if (summary.lesionMl !== null) {
    found.push(observation(record, "lesion", "Volume that the segmentation covers", { valueQuantity: quantity(summary.lesionMl, "mL") }, spread(summary.lesionUncertaintyMl, "mL")));
  }
  if (prediction !== null) found.push(answerOf(record, prediction));
  return found;
}

function answerOf(record: OpenedRecord, prediction: Prediction): Resource {
  const outcome = text(prediction.outcome ?? "none", 60);
  const ill = prediction.illHere;
  const components: Json[] = [component("Outcome", { valueString: outcome })];
  if (prediction.threshold !== null) components.push(component("Threshold", { valueQuantity: quantity(prediction.threshold, "1") }));
  if (prediction.abstain !== null) components.push(component("No answer in", { valueRange: { low: quantity(prediction.abstain[0], "1"), high: quantity(prediction.abstain[1], "1") } }));
  if (ill !== null) {
    components.push(component("With a finding among those with this answer at this site", { valueQuantity: quantity(ill[0], "1") }));
    components.push(component("Its interval", { valueRange: { low: quantity(ill[1], "1"), high: quantity(ill[2], "1") } }));
  }
  const value = prediction.probability === null ? { dataAbsentReason: absent(prediction) } : { valueQuantity: quantity(prediction.probability, "1") };
  return observation(record, "answer", "Answer of a machine-learning model", value, components, prediction.reason);
}

function absent({ outcome }: Prediction): Json {
  const system = "http://terminology.hl7.org/CodeSystem/data-absent-reason";
  return { coding: [{ system, code: outcome === "out_of_domain" ? "not-applicable" : "unknown" }], text: text(outcome ?? "none", 60) };
}

function spread(uncertainty: number | null, unit: string): readonly Json[] {
  return uncertainty === null ? [] : [component("Standard uncertainty (k = 1)", { valueQuantity: quantity(uncertainty, unit) })];
}

const component = (name: string, value: Readonly<Record<string, Json>>): Json => ({ code: { text: name }, ...value });
const quantity = (value: number, unit: string): Json => ({ value, unit: unit === "1" ? "share" : unit, system: UCUM, code: unit });

function observation(record: OpenedRecord, kind: string, name: string, value: Readonly<Record<string, Json>>, component: readonly Json[], note: string | null = null): Resource {
  return {
    resourceType: "Observation",
    id: idOf(record, kind),
    status: "preliminary",
    code: { text: name },
    subject: subject(record),
    effectiveDateTime: timeOf(record),
    device: { reference: urlOf(deviceOf(record)) },
    ...value,
    ...(component.length > 0 ? { component } : {}),
    note: [...(note === null ? [] : [{ text: text(note, 1000) }]), { text: DISCLAIMER }],
  };
}

function reportOf(record: OpenedRecord, reviews: readonly Review[], study: readonly Resource[], observations: readonly Resource[]): Resource {
  const signed = standing(reviews);
  const [latest] = signed;
  const conclusions = signed.map((review) => `${review.verdict} (${text(review.authorName, 80)}, ${review.at})${review.note === "" ? "" : `: ${harmless(review.note)}`}`);
  const isMri = record.summary.modality === "mri";
  return {
    resourceType: "DiagnosticReport",
    id: idOf(record, "report"),
    identifier: [{ system: `${SYSTEM}:record`, value: text(record.summary.id) }, { system: `${SYSTEM}:sha256`, value: record.sha256 }],
    status: latest ? "final" : "preliminary",
    code: { text: isMri ? "MRI screening" : "Thermographic screening" },
    subject: subject(record),
    effectiveDateTime: timeOf(record),
    ...(latest ? { issued: latest.at, resultsInterpreter: signed.map((review) => ({ display: text(review.authorName, 80) })) } : {}),
    ...(observations.length > 0 ? { result: observations.map(reference) } : {}),
    ...(study.length === 0 ? {} : isMri ? { imagingStudy: study.map(reference) } : { media: study.map((resource) => ({ link: reference(resource) })) }),
    conclusion: [...conclusions, DISCLAIMER].join("\n"),
  };
}
