// The score of each slice as a bar, over the slider that chooses one.

import { t } from "../../i18n";
import type { Volume } from "./volume";
import { sliceText } from "./words";

export interface ScoreStripProps {
  readonly volume: Volume;
  readonly slice: number;
  readonly suspicious: number;
  readonly onSlice: (slice: number) => void;
  readonly label?: string;
}

const HEIGHT = 34;

export function ScoreStrip({ volume, slice, suspicious, onSlice, label }: ScoreStripProps) {
  const { slices, scores } = volume;
  const assessed = scores.some((score) => score !== null);
  return (
    <div class="score-strip" dir="ltr">
      {assessed && (
        <svg viewBox={`0 0 ${slices} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          {scores.map((score, index) => (
            <g key={index} class={index === slice ? "here" : ""} onClick={() => onSlice(index)}>
              <rect class="whole" x={index} y={0} width={1} height={HEIGHT} />
              {score === null ? (
                <rect class="none" x={index + 0.1} y={HEIGHT - 3} width={0.8} height={3} />
              ) : (
                <rect class={index === suspicious ? "score most" : "score"} x={index + 0.1} y={HEIGHT * (1 - score)} width={0.8} height={HEIGHT * score} />
              )}
            </g>
          ))}
        </svg>
      )}
      <input
        type="range"
        min={0}
        max={slices - 1}
        step={1}
        value={slice}
        aria-label={label ?? t("mri.slice")}
        aria-valuetext={sliceText(volume, slice)}
        onInput={(event) => onSlice(Number(event.currentTarget.value))}
      />
    </div>
  );
}
