// A patient's history as a chart, with the same numbers as a table.

import "uplot/dist/uPlot.min.css";
import "./history/history.css";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Summary } from "../data/record";
import { language, t } from "../i18n";
import { theme } from "../preferences";
import { address, go } from "../router";
import { COVERAGE, overall, type Point, pointsOf, type Quantity } from "./history/changes";
import { chart, type ChartColours } from "./history/chart";
import { changeText, DECIMALS, timeText, UNITS, valueText } from "./history/words";

export type { Quantity } from "./history/changes";

export interface TrendProps {
  /** Oldest first, as `cloud.patientRecords` gives them. */
  readonly records: readonly Summary[];
  readonly quantity: Quantity;
  /** The record on the page, marked. */
  readonly current?: string | null;
  /** Narrow: for the pane beside a record. */
  readonly compact?: boolean;
}

export function Trend({ records, quantity, current = null, compact = false }: TrendProps) {
  const points = useMemo(() => pointsOf(records, quantity), [records, quantity]);
  const sites = useMemo(() => new Map(records.map((record) => [record.id, record.site])), [records]);
  const [under, setUnder] = useState<number | null>(null);
  const whole = quantity === "probability" ? null : overall(points);
  const pointed = under === null ? undefined : points[under];
  const choose = (index: number): void => {
    const point = points[index];
    if (point) go(address.record(sites.get(point.record) ?? "", point.record));
  };
  if (points.length === 0) return <p class="subtle">{t("patient.trend_empty")}</p>;
  return (
    <figure class={compact ? "trend compact" : "trend"}>
      <figcaption class="trend-title">{t(`patient.trend_${quantity}`)}{UNITS[quantity] && ` (${UNITS[quantity]})`}</figcaption>
      <Chart points={points} quantity={quantity} current={current} height={compact ? 170 : 230} onPoint={setUnder} onChoose={choose} />
      <p class="trend-readout small">{pointed ? <Pointed point={pointed} quantity={quantity} /> : <span class="subtle">{t(`patient.trend_explained_${compact ? "compact" : quantity === "probability" ? "probability" : "measured"}`, { k: COVERAGE })}</span>}</p>
      {whole && (
        <p class={whole.change.counts ? "small counts" : "small"}>
          {t("patient.since_first", { time: timeText(whole.first) })} {changeText(whole.change, quantity)}
        </p>
      )}
      <details>
        <summary>{t("patient.as_table")}</summary>
        <TrendTable points={points} quantity={quantity} sites={sites} current={current} />
      </details>
    </figure>
  );
}

function Pointed({ point, quantity }: { readonly point: Point; readonly quantity: Quantity }) {
  return (
    <>
      {timeText(point)}: <b class="ltr">{valueText(point, quantity)}</b>
      {point.change && <> · {changeText(point.change, quantity)}</>}
    </>
  );
}

function TrendTable({ points, quantity, sites, current }: { readonly points: readonly Point[]; readonly quantity: Quantity; readonly sites: ReadonlyMap<string, string>; readonly current: string | null }) {
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label={t(`patient.trend_${quantity}`)}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{t("patient.time")}</th>
            <th scope="col">{t(`patient.trend_${quantity}`)}</th>
            <th scope="col">{t("patient.change")}</th>
          </tr>
        </thead>
        <tbody>
          {[...points].reverse().map((point) => (
            <tr key={point.record} aria-current={point.record === current ? "true" : undefined}>
              <th scope="row"><a href={address.record(sites.get(point.record) ?? "", point.record)}>{timeText(point)}</a></th>
              <td><span class="ltr">{valueText(point, quantity)}</span></td>
              <td class={point.change?.counts ? "counts" : ""}>{point.change ? changeText(point.change, quantity) : "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface ChartProps {
  readonly points: readonly Point[];
  readonly quantity: Quantity;
  readonly current: string | null;
  readonly height: number;
  readonly onPoint: (index: number | null) => void;
  readonly onChoose: (index: number) => void;
}

function Chart({ points, quantity, current, height, onPoint, onChoose }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const width = useWidth(place);
  const dark = useDark();
  const latest = useRef({ onPoint, onChoose });
  latest.current = { onPoint, onChoose };
  useLayoutEffect(() => {
    const element = place.current;
    if (!element || width < 60) return undefined;
    const drawn = chart(element, {
      points, quantity, current, width, height,
      unit: UNITS[quantity],
      decimals: DECIMALS[quantity],
      colours: coloursOf(element),
      onPoint: (index) => latest.current.onPoint(index),
      onChoose: (index) => latest.current.onChoose(index),
    });
    return () => drawn.destroy();
  }, [points, quantity, current, width, height, dark, theme.value, language.value]);
  return <div class="chart" dir="ltr" ref={place} role="img" aria-label={t("patient.trend_label", { what: t(`patient.trend_${quantity}`), count: points.length })} />;
}

function coloursOf(element: Element): ChartColours {
  const style = getComputedStyle(element);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return { ink: token("ink"), subtle: token("subtle"), line: token("line"), accent: token("accent"), ground: token("pane"), urgent: token("urgent") };
}

function useWidth(place: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = place.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setWidth(Math.floor(element.clientWidth)));
    observer.observe(element);
    setWidth(Math.floor(element.clientWidth));
    return () => observer.disconnect();
  }, []);
  return width;
}

function useDark(): boolean {
  const query = useMemo(() => matchMedia("(prefers-color-scheme: dark)"), []);
  const [dark, setDark] = useState(query.matches);
  useLayoutEffect(() => {
    const changed = (): void => setDark(query.matches);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, [query]);
  return dark;
}
