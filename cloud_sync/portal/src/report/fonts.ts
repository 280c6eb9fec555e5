import bold from "dejavu-fonts-ttf/ttf/DejaVuSansCondensed-Bold.ttf?url";
import regular from "dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf?url";
import { Fault } from "../data/cloud";
import type { Fonts } from "./sheet";

const DEADLINE_MS = 15_000;

/** DejaVu Sans: Latin, Greek, Cyrillic, Arabic, Hebrew and more in one face; 1.3 MB, from the portal's own server. */
export async function loadFonts(): Promise<Fonts> {
  const [plain, heavy] = await Promise.all([load(regular), load(bold)]);
  return { regular: plain, bold: heavy };
}

async function load(url: string): Promise<Uint8Array> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(DEADLINE_MS) });
    if (!answer.ok) throw new Fault("unavailable", `The report's font could not be fetched: the server answered ${answer.status}.`);
    return new Uint8Array(await answer.arrayBuffer());
  } catch (error) {
    throw error instanceof Fault ? error : new Fault("offline", "The report's font could not be fetched.");
  }
}
