// One record: the picture, what was measured, what the machine said, what people said, and how good the capture was.

import "../record/record.css";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Button, Chip, Spinner, useKeys } from "../components";
import type { Cloud, Session, SiteInfo } from "../data/cloud";
import type { OpenedRecord, Summary } from "../data/record";
import { when } from "../format";
import { t } from "../i18n";
import { CardDialog } from "../record/card-dialog";
import { Downloads } from "../record/downloads";
import { MachineDetails } from "../record/evidence";
import { RecordFault } from "../record/fault";
import { Foreign } from "../record/foreign";
import { HistoryPane, previousOf, useHistory } from "../record/history";
import { Machine, Measured } from "../record/panels";
import { People, PeopleAtAGlance } from "../record/people";
import { Picture } from "../record/picture";
import { failedGates, Identity, Quality } from "../record/quality";
import { useReviews } from "../record/use-reviews";
import { modeWords } from "../record/words";
import { address, go } from "../router";
import type { PageProps } from "./page";

type Opened = { readonly record?: OpenedRecord; readonly fault?: unknown };

export default function Page({ cloud, session, params }: PageProps) {
  const { site = "", id = "" } = params;
  const [opened, setOpened] = useState<Opened>({});
  const [tries, setTries] = useState(0);
  const reopen = useCallback(() => setTries((before) => before + 1), []);
  useEffect(() => {
    let wanted = true;
    setOpened({});
    cloud.openRecord(site, id).then(
      (record) => wanted && setOpened({ record }),
      (fault: unknown) => wanted && setOpened({ fault }),
    );
    return () => {
      wanted = false;
    };
  }, [cloud, site, id, tries]);
  if (opened.fault !== undefined) return <RecordFault fault={opened.fault} site={site} id={id} retry={reopen} />;
  if (!opened.record) return <Spinner what={t("record.loading")} />;
  return <Shown key={`${id} ${tries}`} cloud={cloud} session={session} record={opened.record} reopen={reopen} />;
}

interface ShownProps {
  readonly cloud: Cloud;
  readonly session: Session;
  readonly record: OpenedRecord;
  readonly reopen: () => void;
}

function Shown({ cloud, session, record, reopen }: ShownProps) {
  const { summary, prediction } = record;
  const site = useSite(cloud);
  const reviews = useReviews(cloud, record);
  const history = useHistory(cloud, summary.patient);
  const [card, setCard] = useState(false);
  const people = useRef<HTMLDivElement>(null);
  const begin = (): void => {
    people.current?.scrollIntoView({ block: "center" });
    people.current?.querySelector<HTMLElement>("input[type=radio]:checked, input[type=radio]")?.focus({ preventScroll: true });
  };
  const hasCard = prediction?.bundleSha256 != null;
  useKeys({
    r: begin,
    c: () => hasCard && setCard(true),
    p: () => {
      const previous = previousOf(history.records ?? [], summary);
      if (previous) go(address.compare(previous.id, summary.id));
    },
  });
  return (
    <div class="record-page" data-record={summary.id}><div class="record-columns">
      <article class="record-body" aria-labelledby="record-title">
        <header class="record-head">
          <Title summary={summary} mode={record.mode} />
          <div class="row">
            {session.role === "doctor" && (
              <Button look="primary" onClick={begin} aria-keyshortcuts="r">
                {t("review.begin")} <kbd aria-hidden="true">r</kbd>
              </Button>
            )}
            {hasCard && (
              <Button onClick={() => setCard(true)} aria-keyshortcuts="c">
                {t("record.model_card")} <kbd aria-hidden="true">c</kbd>
              </Button>
            )}
            <Downloads cloud={cloud} session={session} record={record} site={site} reviews={reviews.reviews} />
          </div>
        </header>
        <Warnings record={record} />
        <div class="look">
          <div class="glance">
            <Measured record={record} />
            <Machine record={record} site={site} />
            <PeopleAtAGlance reviews={reviews} />
            <p class="no-diagnosis">{t("record.no_diagnosis")}</p>
          </div>
          <div class="picture-side">
            <Picture cloud={cloud} record={record} />
          </div>
        </div>
        <div class="after-picture">
          <div ref={people}>
            <People cloud={cloud} session={session} record={record} reviews={reviews} reopen={reopen} />
          </div>
          <div class="stack">
            <MachineDetails cloud={cloud} record={record} site={site} />
            <Quality record={record} />
            <Identity record={record} />
          </div>
        </div>
        {card && prediction && <CardDialog cloud={cloud} prediction={prediction} onClose={() => setCard(false)} />}
      </article>
      <HistoryPane history={history} current={summary} />
    </div></div>
  );
}

/** `null` until it is known, and where it cannot be: then a score's meaning here is said to be unknown. */
function useSite(cloud: Cloud): SiteInfo | null {
  const [site, setSite] = useState<SiteInfo | null>(null);
  useEffect(() => {
    let wanted = true;
    cloud.site().then((found) => wanted && setSite(found), () => undefined);
    return () => {
      wanted = false;
    };
  }, [cloud]);
  return site;
}

function Title({ summary, mode }: { readonly summary: Summary; readonly mode: string | null }) {
  const time = summary.clockSynchronised && summary.capturedAt !== null ? t("record.captured", { time: when(summary.capturedAt) }) : t("record.arrived", { time: when(summary.receivedAt) });
  const parts = [t(`record.modality.${summary.modality}`), time, summary.kiosk, summary.site, mode === null ? null : modeWords(mode)].filter((part) => part !== null);
  return (
    <div>
      <h1 id="record-title">
        <Foreign text={summary.patient ?? t("record.unknown_patient")} />{" "}
        <Chip look={summary.urgency === "look_first" ? "urgent" : summary.urgency === "not_assessed" ? "unsure" : "plain"}>
          {summary.urgency === "look_first" && <span aria-hidden="true">▲ </span>}
          {t(`record.urgency.${summary.urgency}`)}
        </Chip>{" "}
        {!summary.patientConfirmed && <Chip look="warning">{t("record.not_confirmed")}</Chip>}
      </h1>
      <p class="subtle">
        {parts.map((part, at) => (
          <span key={at}>
            {at > 0 && " · "}
            <Foreign text={part} />
          </span>
        ))}
      </p>
    </div>
  );
}

function Warnings({ record }: { readonly record: OpenedRecord }) {
  const { summary } = record;
  const failed = failedGates(record);
  return (
    <>
      {!summary.clockSynchronised && (
        <p class="notice warning">
          {summary.capturedAt === null
            ? t("record.clock_none", { arrived: when(summary.receivedAt) })
            : t("record.clock", { time: when(summary.capturedAt), arrived: when(summary.receivedAt) })}
        </p>
      )}
      {summary.problem !== null && (
        <p class="notice warning">
          <Foreign text={summary.problem} />
        </p>
      )}
      {failed.length > 0 && (
        <p class="notice warning">
          <Foreign text={t("record.gates_failed", { gates: failed.join(", ") })} />
        </p>
      )}
    </>
  );
}
