import { useRef, useState } from "preact/hooks";
import { Button, Dialog, faultText } from "../components";
import type { Session } from "../data/cloud";
import type { OpenedRecord, Review, Verdict } from "../data/record";
import { when } from "../format";
import { t } from "../i18n";
import { Foreign } from "./foreign";
import { isolated } from "./text";
import { verdictWords } from "./words";

interface Props {
  readonly session: Session;
  readonly record: OpenedRecord;
  readonly verdict: Verdict;
  readonly note: string;
  readonly supersedes: Review | null;
  /** Reviews of others that came while this one was written. */
  readonly meanwhile: readonly Review[];
  readonly sign: () => Promise<void>;
  readonly onClose: () => void;
}

/** Who signs what about which record. */
export function SignDialog({ session, record, verdict, note, supersedes, meanwhile, sign, onClose }: Props) {
  const [signing, setSigning] = useState(false);
  const [failed, setFailed] = useState<unknown>(null);
  const busy = useRef(false);
  const signed = async (): Promise<void> => {
    if (busy.current) return; // a double click signs once
    busy.current = true;
    setSigning(true);
    setFailed(null);
    try {
      await sign();
    } catch (error) {
      setFailed(error);
      setSigning(false);
    }
    busy.current = false;
  };
  const { summary } = record;
  return (
    <Dialog
      title={t("review.sign_title")}
      onClose={() => !signing && onClose()}
      footer={
        <>
          <Button onClick={onClose} disabled={signing}>
            {t("review.back")}
          </Button>
          {/* Another button for another statement: a press that was meant for "Sign" is not taken for "Sign beside it". */}
          <Button key={meanwhile.length} look="primary" class="sign" onClick={() => void signed()} disabled={signing}>
            {t(signing ? "review.signing" : meanwhile.length > 0 ? "review.sign_beside" : "review.sign")}
          </Button>
        </>
      }
    >
      <dl class="facts signing">
        <Fact name={t("review.sign_who")} value={session.name} />
        <Fact name={t("review.sign_what")} value={verdictWords(verdict)} strong />
        <Fact name={t("review.sign_about")} value={`${summary.id} · ${when(summary.clockSynchronised ? (summary.capturedAt ?? summary.receivedAt) : summary.receivedAt)}`} />
        <Fact name={t("review.sign_patient")} value={summary.patient ?? t("record.unknown_patient")} />
        <Fact name={t("review.sign_hash")} value={record.sha256} />
        <Fact name={t("review.sign_note")} value={note === "" ? t("review.sign_no_note") : note} lines />
      </dl>
      {supersedes !== null && <p>{t("review.sign_supersedes", { time: when(supersedes.at) })}</p>}
      <p class="subtle">{t("review.sign_for_ever")}</p>
      <div role="alert">
        <Meanwhile reviews={meanwhile} />
        {failed !== null && <p class="notice urgent">{t("review.failed", { reason: faultText(failed) })}</p>}
      </div>
    </Dialog>
  );
}

export function Meanwhile({ reviews }: { readonly reviews: readonly Review[] }) {
  return (
    <>
      {reviews.map((review) => (
        <p key={review.id} class="notice warning meanwhile">
          {t("review.meanwhile", { author: isolated(review.authorName), verdict: verdictWords(review.verdict) })}
        </p>
      ))}
    </>
  );
}

function Fact({ name, value, strong = false, lines = false }: { readonly name: string; readonly value: string; readonly strong?: boolean; readonly lines?: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={strong ? "strong" : ""}>
        <Foreign text={value} lines={lines} />
      </dd>
    </div>
  );
}
