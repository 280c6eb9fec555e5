// The code systems that are used, each only where its meaning fits exactly; everything else is said in text.

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type Table = Readonly<Record<string, Json>>;

export const DICOM = "http://dicom.nema.org/resources/ontology/DCM";
export const NO_DIAGNOSIS = "Screening result of an automatic device. It is not a diagnosis and does not replace mammography or a doctor.";

/** DICOM PS3.16, CID 29 "Acquisition Modality". */
export const MODALITIES: Readonly<Record<string, { readonly code: string; readonly display: string; readonly description: string }>> = {
  thermal: { code: "TG", display: "Thermography", description: "Thermogram of the chest" },
  mri: { code: "MR", display: "Magnetic Resonance", description: "MRI of the brain" },
};

const UCUM = "http://unitsofmeasure.org";
/** The same as the exporter's: a record has the same addresses wherever its bundle was made. */
const NAMESPACE = "6f1c1d5e2a7b5a529c0e2f5a6d1b8e44";

/** The `urn:uuid:` of a resource (RFC 4122, version 5). */
export async function addressOf(...names: string[]): Promise<string> {
  const space = Uint8Array.from(NAMESPACE.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const name = new TextEncoder().encode(names.join("/"));
  const both = new Uint8Array(space.length + name.length);
  both.set(space);
  both.set(name, space.length);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-1", both)).slice(0, 16);
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `urn:uuid:${hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")}`;
}

/** A CodeableConcept that only says something in words. */
export const concept = (text: string): Table => ({ text });

export const coded = (system: string, code: string, display: string): Table => ({ coding: [{ system, code, display }], text: display });

/** `code` is UCUM's, and is written as the unit, too. */
export const quantity = (value: number, code: string): Table => ({ value, unit: code, system: UCUM, code });
