// The record in the middle of the page. The record page sets it once it has opened one, for the history beside it and the list.

import { signal } from "@preact/signals";
import type { Summary } from "./data/record";

export const shownRecord = signal<Summary | null>(null);
