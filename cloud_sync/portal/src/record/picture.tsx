// The picture of a record: its parts are fetched, compared with their hashes, and shown by the viewer of their kind.

import { useEffect, useMemo, useState } from "preact/hooks";
import { FaultView, Spinner } from "../components";
import { Lazy } from "../components/lazy";
import type { Cloud } from "../data/cloud";
import type { OpenedRecord } from "../data/record";
import { t } from "../i18n";
import type { MriProps } from "../viewers/mri";
import type { ThermogramProps } from "../viewers/thermogram";
import { Foreign } from "./foreign";

interface Loaded {
  readonly main: Uint8Array;
  readonly beside: Uint8Array | null;
  /** The second part is there by name, but could not be read. */
  readonly besideFailed: boolean;
}

const loadMri = () => import("../viewers/mri");
const loadThermogram = (): Promise<{ default: (props: ThermogramProps) => preact.JSX.Element }> =>
  import("../viewers/thermogram").then((module) => ({ default: module.Thermogram as (props: ThermogramProps) => preact.JSX.Element }));

const PARTS = { thermal: ["capture.npz", "photo.jpg"], mri: ["series.npz", "findings.npz"], unknown: ["", ""] } as const;

/** Which parts a record's picture is made of; `null`: it holds none. */
export function pictureParts(record: OpenedRecord): { readonly main: string; readonly beside: string | null } | null {
  const [main, beside] = PARTS[record.summary.modality];
  if (main === "" || !Object.hasOwn(record.parts, main)) return null;
  return { main, beside: Object.hasOwn(record.parts, beside) ? beside : null };
}

export async function loadPicture(cloud: Cloud, record: OpenedRecord): Promise<Loaded | null> {
  const names = pictureParts(record);
  if (names === null) return null;
  const [main, beside] = await Promise.all([
    cloud.part(record, names.main),
    names.beside === null ? null : cloud.part(record, names.beside).catch((error: unknown) => ({ error })),
  ]);
  const failed = beside !== null && "error" in beside;
  return { main, beside: failed ? null : (beside as Uint8Array | null), besideFailed: failed };
}

export function Picture({ cloud, record }: { readonly cloud: Cloud; readonly record: OpenedRecord }) {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    let wanted = true;
    setLoaded(null);
    setError(null);
    loadPicture(cloud, record).then(
      (found) => wanted && setLoaded(found),
      (problem: unknown) => wanted && setError(problem),
    );
    return () => {
      wanted = false;
    };
  }, [cloud, record, tries]);
  return (
    <section class="picture-place" aria-label={t(`record.modality.${record.summary.modality}`)}>
      {pictureParts(record) === null ? (
        <p class="empty">{t("record.picture_none")}</p>
      ) : error !== null ? (
        <FaultView error={error} retry={() => setTries(tries + 1)} />
      ) : loaded === null ? (
        <Spinner what={t("record.picture_loading")} />
      ) : (
        <Viewer cloud={cloud} record={record} loaded={loaded} />
      )}
    </section>
  );
}

function Viewer({ cloud, record, loaded }: { readonly cloud: Cloud; readonly record: OpenedRecord; readonly loaded: Loaded }) {
  const { main, beside, besideFailed } = loaded;
  const thermal = useMemo<ThermogramProps>(() => ({ capture: main, photo: beside, record }), [main, beside, record]);
  const mri = useMemo<MriProps>(() => ({ series: main, findings: beside, record, onPart: (name) => cloud.part(record, name) }), [main, beside, record, cloud]);
  const isMri = record.summary.modality === "mri";
  return (
    <>
      {besideFailed && <p class="notice warning">{t(isMri ? "record.findings_unread" : "record.photo_unread")}</p>}
      {isMri ? <Lazy load={loadMri} props={mri} /> : <Lazy load={loadThermogram} props={thermal} />}
      {record.photo && !record.photo.taken && (
        <p class="subtle small">
          <Foreign text={t("record.photo_failed", { reason: record.photo.reason ?? "–" })} />
        </p>
      )}
    </>
  );
}
