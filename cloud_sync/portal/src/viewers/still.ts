// Pictures for the printed report: scale drawn, sides marked, always light.

export interface StillOptions {
  /** Width of the picture in pixels, scale and all. */
  readonly width: number;
  /** "temperature", or the left-right difference or the model's map over it. */
  readonly view?: "temperature" | "asymmetry" | "map";
}

export interface MriStillOptions {
  readonly width: number;
  /** Slice from 0; left out: the most suspicious one, or the middle. */
  readonly slice?: number;
  readonly segmentation?: boolean;
}

/** `capture`: the bytes of capture.npz. Throws where they are no capture. */
export async function thermogramPng(_capture: Uint8Array, _options: StillOptions): Promise<Blob> {
  throw new Error("not drawn yet");
}

/** `series`, `findings`: the bytes of series.npz and findings.npz. */
export async function mriPng(_series: Uint8Array, _findings: Uint8Array | null, _options: MriStillOptions): Promise<Blob> {
  throw new Error("not drawn yet");
}
