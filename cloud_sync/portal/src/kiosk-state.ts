import type { KioskState } from "./data/cloud";

export type Condition = "stopped" | "trouble" | "unheard" | "running" | "revoked";

export const SILENT_S = 15 * 60;
const LITTLE_DISK = 0.1;
const LONG_QUEUE = 100;
/** The target of a capture is 0.1 K; half as much again is a sensor or a room that needs a look. */
export const NOISY_K = 0.15;

const ORDER: readonly Condition[] = ["stopped", "trouble", "unheard", "running", "revoked"];

export const isDiskLow = (kiosk: KioskState): boolean =>
  kiosk.diskFreeBytes !== null && kiosk.diskTotalBytes !== null && kiosk.diskFreeBytes < LITTLE_DISK * kiosk.diskTotalBytes;
export const isQueueLong = (kiosk: KioskState): boolean => (kiosk.waiting ?? 0) > LONG_QUEUE || (kiosk.laidAside ?? 0) > 0;
export const isNoisy = (kiosk: KioskState): boolean => (kiosk.sensorNoiseK ?? 0) > NOISY_K;

/** Seconds since the kiosk was last heard, by the cloud's clock; `null`: never. */
export function silentS(kiosk: KioskState, nowMs: number): number | null {
  const at = Date.parse(kiosk.lastContact ?? "");
  return Number.isNaN(at) ? null : Math.max(0, (nowMs - at) / 1000);
}

export function condition(kiosk: KioskState, nowMs: number): Condition {
  if (kiosk.revokedAt !== null) return "revoked";
  const silent = silentS(kiosk, nowMs);
  if (silent === null) return "unheard";
  if (silent >= SILENT_S) return "stopped";
  return kiosk.warnings.length > 0 || isDiskLow(kiosk) || isQueueLong(kiosk) || isNoisy(kiosk) ? "trouble" : "running";
}

/** What needs somebody comes first. */
export function byNeed(kiosks: readonly KioskState[], nowMs: number): readonly KioskState[] {
  const place = (kiosk: KioskState): number => ORDER.indexOf(condition(kiosk, nowMs));
  return [...kiosks].sort((a, b) => place(a) - place(b) || (a.label ?? a.kiosk).localeCompare(b.label ?? b.kiosk));
}
