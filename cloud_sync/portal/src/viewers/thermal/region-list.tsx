import { Button } from "../../components/button";
import { measured, number } from "../../format";
import { t } from "../../i18n";
import type { Measurement } from "../types";
import type { Difference } from "./regions";
import { COVERAGE, exceeds } from "./uncertainty";

export interface Row {
  readonly measurement: Measurement;
  /** Minus the same region on the other side of the body. */
  readonly otherSide: Difference | null;
  /** Minus region A. */
  readonly first: Difference | null;
}

export interface RegionListProps {
  readonly rows: readonly Row[];
  readonly selected: string | null;
  readonly select: (name: string) => void;
  readonly remove: (name: string) => void;
  readonly nudge: (name: string, move: readonly [number, number], grow: readonly [number, number]) => void;
}

const STEPS: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STILL = [0, 0] as const;

/** The drawn regions as a table. A row's name has the keyboard: arrows move, with shift resize, delete removes. */
export function RegionList({ rows, selected, select, remove, nudge }: RegionListProps) {
  if (rows.length === 0) return <p class="subtle small">{t("thermogram.regions_none")}</p>;
  const key = (name: string) => (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step) nudge(name, event.shiftKey ? STILL : step, event.shiftKey ? step : STILL);
    else if (event.key === "Delete" || event.key === "Backspace") remove(name);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <>
      <div class="table-box" tabIndex={0} role="region" aria-label={t("thermogram.regions")}>
        <table class="table regions">
          <thead>
            <tr>
              <th scope="col">{t("thermogram.region")}</th>
              <th scope="col">{t("thermogram.mean")} °C</th>
              <th scope="col">{t("thermogram.extremes")} °C</th>
              <th scope="col">{t("thermogram.area")}</th>
              <th scope="col">{t("thermogram.minus_other")} K</th>
              {rows.length > 1 && <th scope="col">{t("thermogram.minus_first", { name: rows[0]?.measurement.name ?? "A" })} K</th>}
              <th><span class="hidden-text">{t("thermogram.remove")}</span></th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ measurement, otherSide, first }) => (
              <tr key={measurement.name} class={measurement.name === selected ? "selected" : ""}>
                <th scope="row">
                  <Button
                    look="quiet"
                    aria-pressed={measurement.name === selected}
                    aria-label={t("thermogram.region_handle", { name: measurement.name })}
                    onClick={() => select(measurement.name)}
                    onKeyDown={key(measurement.name)}
                  >
                    {measurement.name} <span aria-hidden="true">{measurement.shape === "ellipse" ? "◯" : "▭"}</span>
                  </Button>
                </th>
                <td><span class="ltr">{number(measurement.meanC, 2)} ± {measurement.uncertaintyK === null ? "?" : number(measurement.uncertaintyK, 2)}</span></td>
                <td><span class="ltr">{number(measurement.minC, 2)} … {number(measurement.maxC, 2)}</span></td>
                <td>{t("thermogram.pixels", { count: measurement.pixels })}</td>
                <td><Against difference={otherSide} /></td>
                {rows.length > 1 && <td><Against difference={first} /></td>}
                <td>
                  <Button look="quiet" aria-label={t("thermogram.remove_named", { name: measurement.name })} onClick={() => remove(measurement.name)}>✕</Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="subtle small">{t("thermogram.regions_note", { k: COVERAGE })}</p>
    </>
  );
}

function Against({ difference }: { readonly difference: Difference | null }) {
  if (!difference) return <>–</>;
  const { differenceK, uncertaintyK } = difference;
  const counts = uncertaintyK !== null && exceeds(differenceK, uncertaintyK);
  const text = measured(differenceK, uncertaintyK, 2, "").trim();
  return counts ? (
    <strong class="counts"><span class="ltr">{text}</span> <span title={t("thermogram.exceeds")}>▲</span><span class="hidden-text">{t("thermogram.exceeds")}</span></strong>
  ) : (
    <span class="ltr">{text}</span>
  );
}
