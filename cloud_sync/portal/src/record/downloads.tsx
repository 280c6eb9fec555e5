import { useState } from "preact/hooks";
import { Menu, type MenuItem, say, sayFault } from "../components";
import { type Cloud, Fault, type Session, type SiteInfo } from "../data/cloud";
import type { OpenedRecord, Review } from "../data/record";
import { bytes } from "../format";
import { t } from "../i18n";
import { standing } from "./reviewing";
import { save } from "./save";
import { harmless, shortened } from "./text";

interface Props {
  readonly cloud: Cloud;
  readonly session: Session;
  readonly record: OpenedRecord;
  readonly site: SiteInfo | null;
  /** `null`: not known (yet). */
  readonly reviews: readonly Review[] | null;
}

const DEADLINE_MS = 60_000;

async function within(work: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Fault("unavailable", "The download was not ready within a minute.")), DEADLINE_MS);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Nothing that is printed or passed on says that nobody reviewed a record only because the reviews could not be read. */
export function known(reviews: readonly Review[] | null): readonly Review[] {
  if (reviews === null) throw new Fault("unavailable", "The reviews are not known.");
  return reviews;
}

/** The report, FHIR, and what the kiosk sent. Names of files carry the record's id, never the patient's reference. */
export function Downloads(props: Props) {
  const [busy, setBusy] = useState(false);
  const { cloud, record } = props;
  const stem = `firstlight-${record.summary.id}`;
  const offer = (make: () => Promise<void>) => async (): Promise<void> => {
    setBusy(true);
    try {
      await within(make());
    } catch (error) {
      if (error instanceof Fault) sayFault(error);
      else say(t("record.download_failed"), { urgent: true });
    } finally {
      setBusy(false);
    }
  };
  const item = (text: string, make: () => Promise<void>): MenuItem => ({ text, onChoose: () => void offer(make)() });
  const items: MenuItem[] = [
    item(t("record.download_report"), async () => {
      const { reportOf } = await import("../report");
      save(await reportOf({ ...props, reviews: known(props.reviews) }), `${stem}.pdf`);
      say(t("record.report_ready"));
    }),
    item(t("record.download_fhir"), async () => {
      const { bundleOf } = await import("../report/fhir");
      save(new Blob([JSON.stringify(await bundleOf(record, standing(known(props.reviews))), null, 2)], { type: "application/fhir+json" }), `${stem}.fhir.json`);
    }),
    ...Object.values(record.parts).map((part) =>
      item(t("record.download_raw", { name: shortened(harmless(part.name), 40), size: bytes(part.bytes) }), async () => {
        save(await cloud.part(record, part.name), `${stem}-${part.name}`);
      }),
    ),
    item(t("record.download_json"), async () => save(new Blob([record.json], { type: "application/json" }), `${stem}.json`)),
  ];
  return (
    <Menu label={t("record.downloads")} items={items}>
      <span aria-live="polite">{busy ? t("record.preparing") : t("record.downloads")}</span> <span aria-hidden="true">▾</span>
    </Menu>
  );
}
