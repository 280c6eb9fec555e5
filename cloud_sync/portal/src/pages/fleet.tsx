import "./plain.css";
import "./fleet.css";
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { CloudClock } from "../cloud-clock";
import { Empty } from "../components/empty";
import { FaultView, faultText } from "../components/fault";
import { Spinner } from "../components/spinner";
import type { Cloud, Fault, KioskState } from "../data/cloud";
import { bytes, count, number, relative, when } from "../format";
import { t } from "../i18n";
import { type Condition, byNeed, condition, isDiskLow, isNoisy, isQueueLong, silentS } from "../kiosk-state";
import type { PageProps } from "./page";

const TICK_MS = 5_000;
const MARK: Readonly<Record<Condition, string>> = { stopped: "■", trouble: "▲", unheard: "○", running: "●", revoked: "✕" };

interface Fleet {
  readonly kiosks: readonly KioskState[] | null;
  readonly fault: Fault | null;
  readonly nowMs: number;
}

/** The page's own tick makes a silent kiosk stopped: nobody tells of what does not come. */
function useFleet(cloud: Cloud, tries: number): Fleet {
  const [clock] = useState(() => new CloudClock());
  const [kiosks, setKiosks] = useState<readonly KioskState[] | null>(null);
  const [fault, setFault] = useState<Fault | null>(null);
  const [, tick] = useState(0);
  useEffect(() => {
    setFault(null);
    return cloud.fleet((found) => {
      for (const kiosk of found) clock.hear(kiosk.kiosk, kiosk.lastContact);
      setKiosks(found);
      setFault(null);
    }, setFault);
  }, [cloud, clock, tries]);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return { kiosks, fault, nowMs: clock.nowMs() };
}

export default function FleetPage({ cloud }: PageProps) {
  const [tries, setTries] = useState(0);
  const { kiosks, fault, nowMs } = useFleet(cloud, tries);
  if (kiosks === null) return fault ? <FaultView error={fault} retry={() => setTries(tries + 1)} /> : <Spinner />;
  const stopped = kiosks.filter((kiosk) => condition(kiosk, nowMs) === "stopped");
  const names = stopped.map((kiosk) => kiosk.label ?? kiosk.kiosk).join(", ");
  return (
    <div class="plain-page fleet">
      <h1>{t("fleet.title")}</h1>
      {fault && (
        <p class="notice warning" role="status">
          {faultText(fault)}
        </p>
      )}
      <p role="status" class={stopped.length > 0 ? "notice urgent" : "subtle"}>
        {stopped.length > 0 ? t("fleet.some_stopped", { n: stopped.length, names }) : t("fleet.none_stopped")}
      </p>
      {kiosks.length === 0 ? (
        <Empty title={t("fleet.empty")}>
          <p>{t("fleet.empty_hint")}</p>
        </Empty>
      ) : (
        <Kiosks kiosks={byNeed(kiosks, nowMs)} nowMs={nowMs} />
      )}
    </div>
  );
}

const COLUMNS = ["kiosk", "condition", "contact", "version", "queue", "disk", "noise", "warnings"] as const;

/** On a phone each line becomes a card; the roles say that it is still a table. */
function Kiosks({ kiosks, nowMs }: { readonly kiosks: readonly KioskState[]; readonly nowMs: number }) {
  return (
    <table class="table cards" role="table">
      <caption class="hidden-text">{t("fleet.caption")}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {COLUMNS.map((column) => (
            <th key={column} role="columnheader" scope="col">
              {t(`fleet.${column}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {kiosks.map((kiosk) => (
          <Kiosk key={kiosk.kiosk} kiosk={kiosk} nowMs={nowMs} />
        ))}
      </tbody>
    </table>
  );
}

function Cell({ column, bad = false, children }: { readonly column: string; readonly bad?: boolean; readonly children: ComponentChildren }) {
  return (
    <td role="cell" data-label={t(`fleet.${column}`)} class={bad ? "bad" : ""}>
      <div class="content">
        {bad && <span class="hidden-text">{t("fleet.needs_a_look")}: </span>}
        {children}
      </div>
    </td>
  );
}

function Kiosk({ kiosk, nowMs }: { readonly kiosk: KioskState; readonly nowMs: number }) {
  const state = condition(kiosk, nowMs);
  const silent = silentS(kiosk, nowMs);
  return (
    <tr role="row" class={state} data-kiosk={kiosk.kiosk} data-condition={state}>
      <th role="rowheader" scope="row">
        <bdi>{kiosk.label ?? kiosk.kiosk}</bdi>
        {kiosk.label !== null && (
          <span class="subtle small id">
            <bdi>{kiosk.kiosk}</bdi>
          </span>
        )}
      </th>
      <Cell column="condition">
        <span class={`condition ${state}`}>
          <span aria-hidden="true">{MARK[state]}</span> {t(`fleet.condition_${state}`)}
        </span>
      </Cell>
      <Cell column="contact">
        {silent === null ? (
          t("fleet.never")
        ) : (
          <time dateTime={kiosk.lastContact ?? ""} title={when(kiosk.lastContact)}>
            {relative(-silent)}
          </time>
        )}
      </Cell>
      <Cell column="version">
        <bdi>{kiosk.version ?? "–"}</bdi>
      </Cell>
      <Cell column="queue" bad={isQueueLong(kiosk)}>
        {kiosk.waiting === null ? "–" : t("fleet.waiting", { n: count(kiosk.waiting) })}
        {(kiosk.laidAside ?? 0) > 0 && <span class="id">{t("fleet.laid_aside", { n: count(kiosk.laidAside ?? 0) })}</span>}
      </Cell>
      <Cell column="disk" bad={isDiskLow(kiosk)}>
        <Disk kiosk={kiosk} />
      </Cell>
      <Cell column="noise" bad={isNoisy(kiosk)}>
        <span class="ltr">{kiosk.sensorNoiseK === null ? "–" : `${number(kiosk.sensorNoiseK, 3)}\u00a0K`}</span>
      </Cell>
      <Cell column="warnings">
        {kiosk.warnings.length === 0 ? (
          <span class="subtle">{t("fleet.no_warnings")}</span>
        ) : (
          <ul class="warnings">
            {kiosk.warnings.map((warning, at) => (
              <li key={at}>
                <bdi>{warning}</bdi>
              </li>
            ))}
          </ul>
        )}
      </Cell>
    </tr>
  );
}

function Disk({ kiosk }: { readonly kiosk: KioskState }) {
  const { diskFreeBytes: free, diskTotalBytes: total } = kiosk;
  if (free === null || total === null || total <= 0) return <>–</>;
  return (
    <>
      {t("fleet.free", { free: bytes(free), total: bytes(total) })}
      <meter class="disk" min={0} max={total} low={total * 0.1} optimum={total} value={free} aria-hidden="true" />
    </>
  );
}
