import { useEffect, useState } from "preact/hooks";
import type { OpenedRecord } from "../../data/record";
import { number } from "../../format";
import { t } from "../../i18n";
import { isJpeg } from "./jpeg";

export interface PhotoProps {
  readonly photo: Uint8Array | null;
  readonly record: OpenedRecord;
  /** Where the cursor is, as shares of the thermal picture. */
  readonly cursor: { readonly x: number; readonly y: number } | null;
}

/** The visible photograph, where the kiosk took one. */
export function Photo({ photo, record, cursor }: PhotoProps) {
  const url = useJpegUrl(photo);
  const [broken, setBroken] = useState(false);
  const facts = record.photo;
  if (!photo) return facts && !facts.taken ? <p class="subtle small">{t("thermogram.photo_failed")}</p> : null;
  if (!url || broken) return <p class="notice warning">{t("thermogram.photo_broken")}</p>;
  const delay = facts?.delayS != null ? t("thermogram.photo_delay", { seconds: number(facts.delayS, 2) }) : "";
  return (
    <figure class="photo">
      <div class="photo-box" dir="ltr">
        <img src={url} alt={t("thermogram.photo_alt")} onError={() => setBroken(true)} />
        {facts?.aligned && cursor && <span class="crosshair" style={{ left: `${100 * cursor.x}%`, top: `${100 * cursor.y}%` }} />}
        <span class="side left" aria-hidden="true">R</span>
        <span class="side right" aria-hidden="true">L</span>
      </div>
      <figcaption class="subtle small">
        {t("thermogram.photo")} {delay} {facts && !facts.aligned && t("thermogram.photo_unaligned")}
      </figcaption>
    </figure>
  );
}

function useJpegUrl(photo: Uint8Array | null): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!photo || !isJpeg(photo)) {
      setUrl(null);
      return undefined;
    }
    const made = URL.createObjectURL(new Blob([photo as BlobPart], { type: "image/jpeg" }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [photo]);
  return url;
}
