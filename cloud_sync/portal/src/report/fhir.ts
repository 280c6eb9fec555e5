// One record as a FHIR R4 bundle (docs/fhir.md), word for word the one that `firstlight cloud export` makes of it
// (cloud_sync/fhir): a test compares the two. It is made of the document itself, so nothing that the page rounds is in it.

import type { OpenedRecord, Review } from "../data/record";
import { addressOf, concept, coded, DICOM, type Json, MODALITIES, NO_DIAGNOSIS, type Table } from "./fhir-codes";
import { flagOf, textOf } from "./fhir-fields";
import { observations, type Subjects } from "./fhir-observations";

const SERVICE = "http://terminology.hl7.org/CodeSystem/v2-0074";
const VERDICTS: Readonly<Record<string, string>> = {
  agree: "agrees with the result",
  disagree: "disagrees with the result",
  recall: "asks the patient to come back",
  not_assessable: "cannot assess the images",
};
const SHOWN: Readonly<Record<string, string>> = {
  doctor_will_look: "A doctor will look at this record.",
  nothing_unusual: "Nothing unusual was seen by the device.",
  not_assessed: "The device could not assess the images.",
};

interface Entry {
  readonly fullUrl: string;
  readonly resource: Table;
}

/** A collection: nothing in it asks a server to store anything. The report is preliminary until a doctor has signed. */
export async function bundleOf(record: OpenedRecord, reviews: readonly Review[]): Promise<Json> {
  const document = JSON.parse(record.json) as Json;
  const { id } = record.summary;
  const site = textOf(document, "site") ?? "unknown";
  const receivedAt = toSecond(record.summary.receivedAt) ?? record.summary.receivedAt;
  const patient = await patientOf(site, document);
  const device = await deviceOf(site, document);
  const subjects: Subjects = { record: id, patient: refer(patient), device: refer(device), capturedAt: capturedAt(document), receivedAt };
  const study = await studyOf(subjects, document);
  const found = await observations(subjects, document);
  const report = await reportOf(subjects, document, study, found, reviews);
  return {
    resourceType: "Bundle",
    type: "collection",
    identifier: { system: `urn:firstlight:record:${site}`, value: id },
    timestamp: receivedAt,
    entry: [patient, device, study, ...found, report].map(({ fullUrl, resource }) => ({ fullUrl, resource })),
  };
}

const refer = (entry: Entry): Table => ({ reference: entry.fullUrl });

/** Only where the kiosk's clock was right: nothing is guessed. */
function capturedAt(document: Json): string | null {
  return flagOf(document, "clock_synchronised") === true ? toSecond(textOf(document, "captured_at")) : null;
}

/** "2026-11-20T09:30:12.123Z" → "2026-11-20T09:30:12+00:00"; `null` where there is no time with a zone. */
function toSecond(text: string | null): string | null {
  const found = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.\d+)?(Z|[+-]\d{2}:\d{2})$/.exec(text ?? "");
  if (!found || Number.isNaN(Date.parse(text ?? ""))) return null;
  return `${found[1]}T${found[2]}${found[3] === "Z" ? "+00:00" : found[3]}`;
}

async function patientOf(site: string, document: Json): Promise<Entry> {
  const reference = textOf(document, "patient") ?? "unknown";
  return {
    fullUrl: await addressOf(site, "patient", reference),
    resource: { resourceType: "Patient", identifier: [{ system: `urn:firstlight:patient:${site}`, value: reference }], active: true },
  };
}

async function deviceOf(site: string, document: Json): Promise<Entry> {
  const kiosk = textOf(document, "kiosk") ?? "unknown";
  const model = textOf(document, "prediction", "model");
  const resource: Record<string, Json> = {
    resourceType: "Device",
    identifier: [{ system: `urn:firstlight:kiosk:${site}`, value: kiosk }],
    deviceName: [{ name: "Firstlight screening kiosk", type: "model-name" }],
    note: [{ text: NO_DIAGNOSIS }],
  };
  if (model !== null) {
    const version = textOf(document, "prediction", "version") ?? "unknown";
    const bundle = textOf(document, "prediction", "bundle_sha256") ?? "unknown";
    resource.version = [{ type: concept(`model ${model}`), value: `${version}, bundle SHA-256 ${bundle}` }];
  }
  return { fullUrl: await addressOf(site, "device", kiosk, model ?? ""), resource };
}

async function studyOf(subjects: Subjects, document: Json): Promise<Entry> {
  const modality = textOf(document, "modality") ?? "unknown";
  const known = Object.hasOwn(MODALITIES, modality) ? MODALITIES[modality] : undefined;
  const resource: Record<string, Json> = {
    resourceType: "ImagingStudy",
    identifier: [{ system: "urn:firstlight:record", value: subjects.record }],
    status: "available",
    subject: subjects.patient,
    description: known?.description ?? "Images",
  };
  if (known) resource.modality = [{ system: DICOM, code: known.code, display: known.display }];
  if (subjects.capturedAt !== null) resource.started = subjects.capturedAt;
  return { fullUrl: await addressOf(subjects.record, "study"), resource };
}

async function reportOf(subjects: Subjects, document: Json, study: Entry, found: readonly Entry[], reviews: readonly Review[]): Promise<Entry> {
  const result = textOf(document, "result") ?? "";
  const shown = Object.hasOwn(SHOWN, result) ? SHOWN[result] : "The record names no result.";
  const said = [...reviews]
    .sort((a, b) => a.at.localeCompare(b.at))
    .map(({ at, authorName, verdict, note }) => `${toSecond(at) ?? at}: ${authorName} ${VERDICTS[verdict] ?? "reviewed the record"}. ${note}`.trim());
  const resource: Record<string, Json> = {
    resourceType: "DiagnosticReport",
    identifier: [{ system: "urn:firstlight:record", value: subjects.record }],
    status: reviews.length > 0 ? "final" : "preliminary",
    category: [coded(SERVICE, "OTH", "Other")],
    code: concept("Automatic screening with review"),
    subject: subjects.patient,
    issued: subjects.receivedAt,
    imagingStudy: [refer(study)],
    result: found.map(refer),
    conclusion: [shown, ...said, NO_DIAGNOSIS].join("\n"),
  };
  if (subjects.capturedAt !== null) resource.effectiveDateTime = subjects.capturedAt;
  return { fullUrl: await addressOf(subjects.record, "report"), resource };
}
