// Values out of the document, each of the kind that is expected or none, by the exporter's limits (cloud_sync/fields.py).

import type { Json } from "./fhir-codes";

const LONGEST_TEXT = 300;
const LARGEST = 1e15;

function at(document: Json, keys: readonly string[]): Json | undefined {
  let value: Json | undefined = document;
  for (const key of keys) {
    const table: Json | undefined = value;
    value = typeof table === "object" && table !== null && !Array.isArray(table) && Object.hasOwn(table, key) ? (table as { readonly [key: string]: Json })[key] : undefined;
  }
  return value;
}

export function textOf(document: Json, ...keys: string[]): string | null {
  const value = at(document, keys);
  if (typeof value !== "string") return null;
  const characters = [...value];
  return characters.length <= LONGEST_TEXT ? value : `${characters.slice(0, LONGEST_TEXT - 1).join("")}…`;
}

export function numberOf(document: Json, ...keys: string[]): number | null {
  return finite(at(document, keys));
}

export function numbersOf(document: Json, ...keys: string[]): readonly (number | null)[] {
  const value = at(document, keys);
  return Array.isArray(value) ? value.slice(0, 16).map(finite) : [];
}

export function flagOf(document: Json, ...keys: string[]): boolean | null {
  const value = at(document, keys);
  return typeof value === "boolean" ? value : null;
}

const finite = (value: Json | undefined): number | null => (typeof value === "number" && Number.isFinite(value) && Math.abs(value) <= LARGEST ? value : null);
