import { Fault } from "../../data/cloud";
import { readNpz } from "../../data/npz";
import { BadCapture, type Capture, captureOf } from "./capture";

export type ReadCapture = { readonly ok: true; readonly capture: Capture } | { readonly ok: false; readonly fault: Fault };

/** The pictures in the bytes of `capture.npz`, or why there are none. */
export function tryRead(bytes: Uint8Array): ReadCapture {
  try {
    return { ok: true, capture: captureOf(Object.fromEntries(readNpz(bytes, ["celsius", "map", "asymmetry", "bad"]))) };
  } catch (error) {
    if (error instanceof Fault) return { ok: false, fault: error };
    if (error instanceof BadCapture) return { ok: false, fault: new Fault("damaged", error.message) };
    throw error;
  }
}
