// The report's own chunk: it brings PDFKit, which nobody needs before the first download.

import { loadCard } from "../record/card-dialog";
import { evidence } from "../record/card";
import { loadPicture } from "../record/picture";
import type { Cloud, Session, SiteInfo } from "../data/cloud";
import type { OpenedRecord, Review } from "../data/record";
import { number } from "../format";
import { loadFonts } from "./fonts";
import { mriPictures, type ReportPicture, thermalPictures } from "./pictures";
import { makeReport } from "./report";
import { english } from "./words";

interface Asked {
  readonly cloud: Cloud;
  readonly session: Session;
  readonly record: OpenedRecord;
  readonly site: SiteInfo | null;
  readonly reviews: readonly Review[];
}

/** One page, A4. Throws `Fault`s of the cloud. A record whose pictures cannot be read has a report that says so. */
export async function reportOf({ cloud, session, record, site, reviews }: Asked): Promise<Blob> {
  const [fonts, pictures, evidenceLine] = await Promise.all([loadFonts(), picturesOf(cloud, record), evidenceOf(cloud, record)]);
  return await makeReport({ record, site, reviews, printedBy: session.name, printedAt: new Date(), pictures, evidenceLine, fonts });
}

async function picturesOf(cloud: Cloud, record: OpenedRecord): Promise<readonly ReportPicture[]> {
  try {
    const loaded = await loadPicture(cloud, record);
    if (loaded === null) return [];
    return record.summary.modality === "mri" ? await mriPictures(record, loaded.main, loaded.beside) : await thermalPictures(record, loaded.main);
  } catch {
    return []; // the report says that they are missing; the page says why
  }
}

async function evidenceOf(cloud: Cloud, record: OpenedRecord): Promise<string | null> {
  const sha256 = record.prediction?.bundleSha256;
  if (sha256 == null) return null;
  try {
    const figure = evidence(await loadCard(cloud, sha256));
    return figure && english("record.evidence", {
      value: number(figure.value, 2), low: number(figure.low, 2), high: number(figure.high, 2), level: `${Math.round(100 * figure.level)} %`,
      n: figure.n, unit: figure.unit, verdict: english(figure.low > 0.5 ? "record.evidence_beyond_chance" : "record.evidence_chance"),
    });
  } catch {
    return null;
  }
}
