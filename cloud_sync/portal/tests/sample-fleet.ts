import type { KioskState } from "../src/data/cloud";

const ago = (nowMs: number, minutes: number): string => new Date(nowMs - minutes * 60_000).toISOString();

/** One of each kind: well, with warnings, about to be stopped, stopped, never heard of, revoked. Two still speak; the rest fell silent before `startMs`. */
export function fleet(nowMs: number, startMs: number = nowMs): readonly KioskState[] {
  const well: KioskState = {
    kiosk: "kiosk-1", label: "Entrance", lastContact: ago(nowMs, 1), version: "0.1.0", waiting: 0, laidAside: 0,
    diskFreeBytes: 21.4e9, diskTotalBytes: 29.9e9, sensorNoiseK: 0.098, warnings: [], revokedAt: null,
  };
  const silent = { version: null, waiting: null, laidAside: null, diskFreeBytes: null, diskTotalBytes: null, sensorNoiseK: null };
  return [
    well,
    { ...well, kiosk: "kiosk-2", label: "Second floor", waiting: 214, laidAside: 3, diskFreeBytes: 0.9e9, sensorNoiseK: 0.171, warnings: ["The disk is nearly full.", "<b>The clock</b> is not set."] },
    { ...well, kiosk: "kiosk-3", label: null, lastContact: ago(startMs, 14.5) },
    { ...well, kiosk: "kiosk-4", label: "Ward 7", lastContact: ago(startMs, 190) },
    { ...well, ...silent, kiosk: "kiosk-5", label: "Still in its box", lastContact: null },
    { ...well, kiosk: "kiosk-6", label: "Lent out", lastContact: ago(startMs, 40_000), revokedAt: ago(startMs, 39_000) },
  ];
}
