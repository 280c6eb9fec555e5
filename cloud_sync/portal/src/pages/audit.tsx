import "./plain.css";
import "./fleet.css";
import { useEffect, useState } from "preact/hooks";
import { Button } from "../components/button";
import { Empty } from "../components/empty";
import { FaultView, faultText } from "../components/fault";
import { Spinner } from "../components/spinner";
import { type AuditEntry, type Cloud, type Cursor, Fault } from "../data/cloud";
import { when } from "../format";
import { t } from "../i18n";
import { address } from "../router";
import type { PageProps } from "./page";

interface Filter {
  readonly record: string | null;
  readonly uid: string | null;
}

interface Read {
  readonly entries: readonly AuditEntry[] | null;
  readonly next: Cursor | null;
  readonly fault: unknown;
  readonly busy: boolean;
}

const NOTHING: Read = { entries: null, next: null, fault: null, busy: false };

function useAudit(cloud: Cloud, { record, uid }: Filter): Read & { readonly more: () => void; readonly again: () => void } {
  const [read, setRead] = useState<Read>(NOTHING);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    let wanted = true;
    setRead(NOTHING);
    cloud.audit({ record, uid }, null).then(
      (page) => wanted && setRead({ entries: page.items, next: page.next, fault: null, busy: false }),
      (fault: unknown) => wanted && setRead({ ...NOTHING, fault }),
    );
    return () => {
      wanted = false;
    };
  }, [cloud, record, uid, tries]);
  const more = (): void => {
    const { entries, next, busy } = read;
    if (busy || next === null) return;
    setRead({ ...read, busy: true, fault: null });
    cloud.audit({ record, uid }, next).then(
      (page) => setRead((now) => (now.entries === entries ? { entries: [...(entries ?? []), ...page.items], next: page.next, fault: null, busy: false } : now)),
      (fault: unknown) => setRead((now) => (now.entries === entries ? { ...now, fault, busy: false } : now)),
    );
  };
  return { ...read, more, again: () => setTries(tries + 1) };
}

/** Who opened which record when. The rules let administrators alone read it; a doctor who types the address is told so. */
export default function Audit({ cloud, session, params }: PageProps) {
  const filter: Filter = { record: params.record ?? null, uid: params.uid ?? null };
  if (session.role !== "administrator") {
    return (
      <div class="plain-page">
        <h1>{t("audit.title")}</h1>
        <FaultView error={new Fault("not_allowed", "The audit is for administrators.")} />
      </div>
    );
  }
  return <Entries cloud={cloud} filter={filter} />;
}

function Entries({ cloud, filter }: { readonly cloud: Cloud; readonly filter: Filter }) {
  const { entries, next, fault, busy, more, again } = useAudit(cloud, filter);
  const filtered = filter.record !== null || filter.uid !== null;
  return (
    <div class="plain-page audit">
      <h1>{t("audit.title")}</h1>
      <p class="subtle">{t("audit.about")}</p>
      {filtered && (
        <p class="row">
          <span class="chip">
            <bdi>{filter.record ? t("audit.of_record", { id: filter.record }) : t("audit.of_person", { name: entries?.[0]?.name ?? filter.uid ?? "" })}</bdi>
          </span>
          <a class="button" href={address.audit()}>
            {t("audit.all")}
          </a>
        </p>
      )}
      {entries === null && (fault === null ? <Spinner /> : <FaultView error={fault} retry={again} />)}
      {entries?.length === 0 && <Empty title={t("audit.empty")} />}
      {entries !== null && entries.length > 0 && <Table entries={entries} />}
      {entries !== null && fault !== null && (
        <p class="notice warning" role="alert">
          {faultText(fault)}
        </p>
      )}
      {next !== null && (
        <p>
          <Button onClick={more} disabled={busy}>
            {busy ? t("shell.loading") : t("audit.more")}
          </Button>
        </p>
      )}
    </div>
  );
}

const COLUMNS = ["at", "who", "action", "patient", "record"] as const;

function Table({ entries }: { readonly entries: readonly AuditEntry[] }) {
  return (
    <table class="table cards" role="table">
      <caption class="hidden-text">{t("audit.caption")}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {COLUMNS.map((column) => (
            <th key={column} role="columnheader" scope="col">
              {t(`audit.${column}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {entries.map((entry) => (
          <Entry key={entry.id} entry={entry} />
        ))}
      </tbody>
    </table>
  );
}

function Entry({ entry }: { readonly entry: AuditEntry }) {
  return (
    <tr role="row" data-entry={entry.id}>
      <th role="rowheader" scope="row">
        <time dateTime={entry.at}>{when(entry.at)}</time>
      </th>
      <td role="cell" data-label={t("audit.who")}>
        <a href={address.audit({ uid: entry.uid })}>
          <bdi>{entry.name || entry.uid}</bdi>
        </a>
      </td>
      <td role="cell" data-label={t("audit.action")}>
        {t(`audit.action_${entry.action}`)}
      </td>
      <td role="cell" data-label={t("audit.patient")}>
        {entry.patient === null ? (
          "–"
        ) : (
          <a href={address.patient(entry.patient)}>
            <bdi>{entry.patient}</bdi>
          </a>
        )}
      </td>
      <td role="cell" data-label={t("audit.record")}>
        {entry.record === null ? (
          "–"
        ) : (
          <a href={address.audit({ record: entry.record })} title={entry.record}>
            <bdi>{`${entry.record.slice(0, 10)}…`}</bdi>
          </a>
        )}
      </td>
    </tr>
  );
}
