// The end of a session. The page is loaded anew: whatever any part of it kept in memory is gone, and the screen shows no patient.

import { signal } from "@preact/signals";
import type { Cloud } from "./data/cloud";
import type { t } from "./i18n";
import { forgetDrafts } from "./record/draft";

/** Why the sign-in page is there, said on it; `null`: nobody was signed in. */
export type Reason = "idle" | "ended" | "signed_out";
type Key = Parameters<typeof t>[0];

const NOTE = "firstlight.ended";
const REASONS: Readonly<Record<Reason, Key>> = { idle: "shell.ended_idle", ended: "shell.ended_elsewhere", signed_out: "shell.ended_by_you" };
let reason: Reason = "ended";

/** Nothing of a patient is drawn any more while this is true. */
export const ending = signal(false);

/** What an end of the session that comes now would be put down to. */
export function presume(why: Reason): void {
  if (!ending.value) reason = why;
}

/** Takes the note that was left for this page, so that it is said once. */
export function takeNote(): Key | null {
  const note = sessionStorage.getItem(NOTE);
  sessionStorage.removeItem(NOTE);
  return note !== null && Object.hasOwn(REASONS, note) ? REASONS[note as Reason] : null;
}

/** Clears the screen at once, lets the data layer sign out and forget what it kept, and loads the page anew even where that fails. */
export async function endSession(cloud: Cloud, why: Reason): Promise<void> {
  if (ending.value) return;
  reason = why;
  ending.value = true;
  if (why === "signed_out") forgetDrafts();
  await cloud.signOut().catch(() => undefined);
  loadAnew();
}

/** The session ended without this page. The data layer may still be forgetting: the page waits until that is done. */
export function sessionEnded(cloud: Cloud): void {
  void endSession(cloud, reason);
}

/** Somebody else signed in, in another tab: nobody is signed out, but nothing of the one before stays. */
export function loadAnew(): void {
  ending.value = true;
  sessionStorage.setItem(NOTE, reason);
  history.replaceState(null, "", "#/");
  location.reload();
}
