// Two pictures of a record for its report: what was seen, and what the comparison or the machine made of it.

import type { OpenedRecord } from "../data/record";
import { mriPng, stillViews, thermogramPng } from "../viewers/still";

export interface ReportPicture {
  readonly caption: string;
  readonly jpeg: Jpeg;
}

export interface Jpeg {
  readonly bytes: ArrayBuffer;
  /** Height by width. */
  readonly aspect: number;
}

const WIDTH = 900;
const QUALITY = 0.94;

/** PDF holds a JPEG as it is; a PNG with an alpha channel would be decoded in a worker that a strict page policy forbids. */
async function asJpeg(png: Blob): Promise<Jpeg> {
  const image = await createImageBitmap(png);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.width, image.height];
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser cannot draw the report's pictures.");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, image.width, image.height);
  context.drawImage(image, 0, 0);
  image.close();
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  if (!blob) throw new Error("This browser cannot draw the report's pictures.");
  return { bytes: await blob.arrayBuffer(), aspect: canvas.height / canvas.width };
}

export async function thermalPictures(record: OpenedRecord, capture: Uint8Array): Promise<readonly ReportPicture[]> {
  const views = stillViews(capture);
  const seen = await thermogramPng(capture, { width: WIDTH, view: "temperature" });
  const pictures = [{ caption: "Thermogram. The patient's right is on the left of the picture.", jpeg: await asJpeg(seen) }];
  const view = record.prediction?.probability != null && views.includes("map") ? "map" : views.includes("asymmetry") ? "asymmetry" : null;
  if (view !== null) {
    const second = await thermogramPng(capture, { width: WIDTH, view });
    const caption = view === "map" ? "Over it, what the model's answer hangs on (occlusion map). It explains the model, not the patient." : "Over it, the difference to the mirrored place.";
    pictures.push({ caption, jpeg: await asJpeg(second) });
  }
  return pictures;
}

export async function mriPictures(record: OpenedRecord, series: Uint8Array, findings: Uint8Array | null): Promise<readonly ReportPicture[]> {
  const slice = suspicious(record);
  const place = slice === null ? {} : { slice };
  const plain = await mriPng(series, findings, { width: WIDTH, segmentation: false, ...place });
  const words = slice === null ? "Middle slice" : `Slice ${slice + 1} of ${record.mri?.slices ?? "?"}, the most suspicious one`;
  const first = { caption: `${words}.`, jpeg: await asJpeg(plain) };
  if (findings === null) return [first];
  const marked = await mriPng(series, findings, { width: WIDTH, segmentation: true, ...place });
  return [first, { caption: "The same slice with what the segmentation covers.", jpeg: await asJpeg(marked) }];
}

/** From 0; `null` where no slice was assessed. */
function suspicious(record: OpenedRecord): number | null {
  let best: number | null = null;
  const scores = record.mri?.sliceScores ?? [];
  for (const [at, score] of scores.entries()) {
    if (score !== null && (best === null || score > (scores[best] ?? 0))) best = at;
  }
  return best;
}
