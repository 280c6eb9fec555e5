// The regions that a doctor drew on one thermogram: drawing, moving, measuring.

import { useCallback, useMemo, useState } from "preact/hooks";
import type { Box, Measurement, Shape } from "../types";
import type { Capture } from "./capture";
import { adjusted, boxBetween, difference, measure, opposite } from "./regions";
import type { Row } from "./region-list";
import type { Budget } from "./uncertainty";

export interface Drawn {
  readonly name: string;
  readonly shape: Shape;
  readonly box: Box;
}

export interface Regions {
  readonly drawn: readonly Drawn[];
  readonly rows: readonly Row[];
  readonly selected: string | null;
  readonly select: (name: string | null) => void;
  readonly add: (shape: Shape, from: Place, to: Place) => void;
  readonly remove: (name: string) => void;
  readonly nudge: (name: string, move: readonly [number, number], grow: readonly [number, number]) => void;
  readonly at: (x: number, y: number) => Drawn | null;
}

export type Place = readonly [x: number, y: number];
const MOST = 12;

export function useRegions(capture: Capture, budget: Budget, midline: number | null, onMeasure?: (measurement: Measurement) => void): Regions {
  const { rows, columns } = capture.celsius;
  const [drawn, setDrawn] = useState<readonly Drawn[]>([]);
  const [selected, select] = useState<string | null>(null);

  const tell = useCallback(
    (region: Drawn) => {
      const measurement = measure(region.name, region.shape, region.box, capture, budget);
      if (measurement) onMeasure?.(measurement);
    },
    [capture, budget, onMeasure],
  );
  const add = (shape: Shape, from: Place, to: Place): void => {
    const name = freeName(drawn);
    const region = { name, shape, box: boxBetween(from[0], from[1], to[0], to[1], rows, columns) };
    setDrawn([...drawn.slice(drawn.length >= MOST ? 1 : 0), region]);
    select(name);
    tell(region);
  };
  const nudge: Regions["nudge"] = (name, move, grow) => {
    const region = drawn.find((one) => one.name === name);
    if (!region) return;
    const moved = { ...region, box: adjusted(region.box, move, grow, rows, columns) };
    setDrawn(drawn.map((one) => (one.name === name ? moved : one)));
    tell(moved);
  };
  const remove = (name: string): void => {
    setDrawn(drawn.filter((one) => one.name !== name));
    select(null);
  };
  const measuredRows = useMemo(() => measureAll(drawn, capture, budget, midline), [drawn, capture, budget, midline]);
  const inside = (x: number, y: number): Drawn | null =>
    [...drawn].reverse().find(({ box }) => x >= box.left && x <= box.left + box.width && y >= box.top && y <= box.top + box.height) ?? null;
  return { drawn, rows: measuredRows, selected, select, add, remove, nudge, at: inside };
}

function freeName(drawn: readonly Drawn[]): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return [...letters].find((letter) => !drawn.some((one) => one.name === letter)) ?? "Z";
}

function measureAll(drawn: readonly Drawn[], capture: Capture, budget: Budget, midline: number | null): readonly Row[] {
  const found = drawn.flatMap(({ name, shape, box }) => measure(name, shape, box, capture, budget) ?? []);
  return found.map((measurement, index) => {
    const facing = midline === null ? null : measure(measurement.name, measurement.shape, opposite(measurement.box, midline), capture, budget);
    const first = found[0];
    return {
      measurement,
      // Cut off at the picture's edge the two would not show the same part of the body.
      otherSide: facing && facing.pixels >= 0.8 * measurement.pixels ? difference(measurement, facing, budget) : null,
      first: index > 0 && first ? difference(measurement, first, budget) : null,
    };
  });
}
