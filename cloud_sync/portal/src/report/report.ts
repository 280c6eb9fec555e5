// What stands on the page, and where. Everything has its place before the reviews, which get what is left; what does not fit is
// cut with a mark, for the portal has the whole.

import type { SiteInfo } from "../data/cloud";
import type { OpenedRecord, Prediction, Review } from "../data/record";
import { measured, number } from "../format";
import { counted, exceeds, meaning } from "../record/meaning";
import { inDisagreement, newestFirst, superseded } from "../record/reviewing";
import { harmless, isolated, shortened } from "../record/text";
import type { ReportPicture } from "./pictures";
import { type Fonts, Sheet, type TextStyle } from "./sheet";
import { checkWords, english, when, worded } from "./words";

export interface ReportInput {
  readonly record: OpenedRecord;
  readonly site: SiteInfo | null;
  readonly reviews: readonly Review[];
  readonly pictures: readonly ReportPicture[];
  /** How well the model did in its test; `null` where that is not known. */
  readonly evidenceLine: string | null;
  readonly printedBy: string;
  readonly printedAt: Date;
  readonly fonts: Fonts;
}

/** A text of a device or a person within a sentence of ours, no longer than its place. */
const foreign = (text: string, most: number): string => isolated(shortened(text, most));

const MARGIN = 40;
const GAP = 12;
const HIGHEST_PICTURE = 260;
const FOOTER = 62;
const INK = "#1c2730";
const SUBTLE = "#55606a";
const MACHINE = "#35506e";
const PERSON = "#2b5a30";
const EDGE = "#847c6f";

const PLAIN: TextStyle = { size: 8.5, colour: INK };
const SMALL: TextStyle = { size: 7.5, colour: SUBTLE };
const STRONG: TextStyle = { size: 8.5, bold: true, colour: INK };
const FIGURE: TextStyle = { size: 13, bold: true, colour: INK };

/** A column of texts below each other, written by a caller that knows its place. */
class Column {
  constructor(
    readonly sheet: Sheet,
    readonly x: number,
    public y: number,
    readonly width: number,
  ) {}

  add(text: string, style: TextStyle = PLAIN, gap = 2): boolean {
    const { bottom, cut } = this.sheet.write(text, this.x, this.y, this.width, style);
    this.y = bottom + gap;
    return cut;
  }
}

export async function makeReport(input: ReportInput): Promise<Blob> {
  const { record } = input;
  const sheet = new Sheet(input.fonts, `Screening report, record ${record.summary.id}`, "Screening, not a diagnosis");
  let y = head(sheet, input, MARGIN);
  y = pictures(sheet, input.pictures, y + GAP);
  y = answers(sheet, input, y + GAP);
  reviews(sheet, input.reviews, y + GAP, sheet.height - MARGIN - FOOTER);
  footer(sheet, input);
  return await sheet.finish();
}

function head(sheet: Sheet, { record, site }: ReportInput, top: number): number {
  const { summary } = record;
  const width = sheet.width - 2 * MARGIN;
  sheet.write("Screening report", MARGIN, top, width / 2, { size: 17, bold: true, colour: INK });
  sheet.write(foreign(site?.name ?? summary.site, 60), MARGIN + width / 2, top + 4, width / 2, { size: 11, colour: INK, align: "right", most: 1 });
  let y = top + 25;
  sheet.line(MARGIN, y, MARGIN + width, y, INK, 1.2);
  y += 6;
  const patient = `${foreign(summary.patient ?? "unknown", 60)}${summary.patientConfirmed ? "" : " (card holder not yet confirmed by the clinic)"}`;
  const captured = summary.clockSynchronised ? when(summary.capturedAt) : `${when(summary.capturedAt)} by a clock that was not set: may be wrong by years`;
  const left: [string, string][] = [["Patient reference", patient], ["Record", summary.id], ["Captured", captured]];
  const right: [string, string][] = [
    ["Kind", worded("record.modality", summary.modality) + (record.mode === null ? "" : `, ${worded("record.mode", record.mode)}`)],
    ["Kiosk", `${foreign(summary.kiosk ?? "not named", 40)}, site ${foreign(summary.site, 40)}`],
    ["Arrived", when(summary.receivedAt)],
  ];
  const half = (width - GAP) / 2;
  return Math.max(facts(sheet, left, MARGIN, y, half, 76), facts(sheet, right, MARGIN + half + GAP, y, half, 44));
}

function facts(sheet: Sheet, rows: readonly (readonly [string, string])[], x: number, top: number, width: number, label: number): number {
  let y = top;
  for (const [name, value] of rows) {
    sheet.write(name, x, y, label, { ...PLAIN, colour: SUBTLE, most: 1 });
    y = sheet.write(value, x + label, y, width - label, { ...PLAIN, most: 2 }).bottom + 2;
  }
  return y;
}

function pictures(sheet: Sheet, shown: readonly ReportPicture[], top: number): number {
  const width = (sheet.width - 2 * MARGIN - GAP) / 2;
  if (shown.length === 0) return sheet.write("No picture: the record holds none, or it could not be read.", MARGIN, top, 2 * width, SMALL).bottom;
  let bottom = top;
  for (const [at, { caption, jpeg }] of shown.slice(0, 2).entries()) {
    const x = MARGIN + at * (width + GAP);
    const height = Math.min(HIGHEST_PICTURE, width * jpeg.aspect);
    sheet.picture(jpeg.bytes, x, top, width, height);
    bottom = Math.max(bottom, sheet.write(caption, x, top + height + 3, width, { ...SMALL, most: 2 }).bottom);
  }
  return bottom;
}

function answers(sheet: Sheet, input: ReportInput, top: number): number {
  const width = (sheet.width - 2 * MARGIN - GAP) / 2;
  const left = new Column(sheet, MARGIN + 8, top + 6, width - 16);
  left.add(english("record.measured"), { ...STRONG, colour: SUBTLE });
  if (input.record.summary.modality === "mri") lesion(left, input.record);
  else difference(left, input.record);
  const right = new Column(sheet, MARGIN + width + GAP + 8, top + 6, width - 16);
  right.add(english("record.machine"), { ...STRONG, colour: MACHINE });
  machine(right, input);
  const height = Math.max(left.y, right.y) - top + 4;
  sheet.frame(MARGIN, top, width, height, EDGE);
  sheet.frame(MARGIN + width + GAP, top, width, height, MACHINE, true);
  return top + height;
}

function difference(column: Column, { asymmetry, quality, gates }: OpenedRecord): void {
  const { differenceK, uncertaintyK, leftC, rightC } = asymmetry;
  if (differenceK === null) column.add(english("record.difference_none"));
  else {
    column.add(measured(differenceK, uncertaintyK, 2, "K"), FIGURE, 0);
    column.add(`${english("record.difference")}, with its standard uncertainty (k = 1)`, SMALL);
    const beyond = exceeds(differenceK, uncertaintyK);
    column.add(beyond === null ? english("record.uncertainty_unknown") : english(beyond ? "record.beyond" : "record.within", { spread: number(2 * (uncertaintyK ?? 0), 2) }), beyond ? STRONG : PLAIN);
    column.add(english("record.sides", { left: number(leftC, 1), right: number(rightC, 1) }));
  }
  const of = (key: string, decimals: number) => (typeof quality[key] === "number" ? number(quality[key] as number, decimals) : "–");
  column.add(`Capture: ${of("frames", 0)} frames, ${of("rejected", 0)} rejected; noise of a pixel ${of("noise_k", 3)} K (target ${of("target_noise_k", 2)} K); room ${of("ambient_c", 1)} °C; emissivity ${of("emissivity", 2)}; broken pixels ${of("bad_pixels", 0)}.`, SMALL);
  const passed = Object.values(gates).every(Boolean);
  column.add(checkWords(gates), passed ? SMALL : STRONG);
}

function lesion(column: Column, { summary, mri }: OpenedRecord): void {
  const { lesionMl, lesionUncertaintyMl } = summary;
  if (lesionMl === null) column.add(english("record.lesion_none"));
  else {
    column.add(measured(lesionMl, lesionUncertaintyMl, 1, "ml").replace(/^\+/, ""), FIGURE, 0);
    column.add(`${english("record.lesion")}${lesionUncertaintyMl === null ? `. ${english("record.lesion_uncertainty_unknown")}` : ", with its standard uncertainty (k = 1)"}`, SMALL);
  }
  if (mri) {
    column.add(english("record.slices", { slices: mri.slices, between: number(mri.sliceSpacingMm, 1), row: number(mri.rowSpacingMm, 2), column: number(mri.columnSpacingMm, 2) }), SMALL);
    if (mri.description !== null) column.add(foreign(mri.description, 200), SMALL);
  }
}

function machine(column: Column, { record, site, evidenceLine }: ReportInput): void {
  const { prediction } = record;
  if (prediction === null) {
    column.add(english("record.machine_none"));
    return;
  }
  column.add(worded("record.outcome", shortened(prediction.outcome ?? "none", 60)), { ...FIGURE, size: 11 });
  score(column, prediction);
  column.add(meaningWords(prediction, site), STRONG);
  if (prediction.outcome === "abstained" || prediction.outcome === "out_of_domain") column.add(english(`record.outcome_means.${prediction.outcome}`));
  if (prediction.classes) column.add(`${english("record.classes")}: ${Object.entries(prediction.classes).map(([name, share]) => `${foreign(name, 30)} ${number(share, 2)}`).join(", ")}`);
  if (prediction.reason !== null) column.add(`${english("record.reason")}: ${foreign(prediction.reason, 240)}`, SMALL);
  if (evidenceLine !== null) column.add(evidenceLine, SMALL);
  column.add(english("record.model", { name: foreign(prediction.model ?? "?", 40), version: foreign(prediction.version ?? "", 20) }) + (prediction.bundleSha256 === null ? "" : `, bundle ${foreign(prediction.bundleSha256, 17)}`), SMALL);
  column.add(`${english("record.told")} ${record.summary.result === null ? english("record.told_nothing") : `“${worded("record.result", shortened(record.summary.result, 80))}”`}`, SMALL);
}

function score(column: Column, { probability, threshold, abstain }: Prediction): void {
  if (probability === null) {
    column.add(english("record.probability_none"));
    return;
  }
  const { sheet, x, width } = column;
  const middle = column.y + 7;
  const at = (share: number) => x + width * Math.min(1, Math.max(0, share));
  if (abstain) sheet.area(at(abstain[0]), middle - 4, at(abstain[1]) - at(abstain[0]), 8, "#cfc3e0");
  sheet.line(x, middle, x + width, middle, EDGE, 1);
  if (threshold !== null) sheet.line(at(threshold), middle - 6, at(threshold), middle + 6, INK, 1.4);
  sheet.dot(at(probability), middle, 4, MACHINE);
  column.y = middle + 9;
  const words = [english("record.probability", { value: number(probability, 2) })];
  if (threshold !== null) words.push(english("record.threshold", { value: number(threshold, 2) }));
  if (abstain !== null) words.push(english("record.band", { low: number(abstain[0], 2), high: number(abstain[1], 2) }));
  column.add(words.join(" · "));
}

function meaningWords(prediction: Prediction, site: SiteInfo | null): string {
  const found = meaning(prediction, site);
  if (found.kind === "unknown") return english("record.meaning.unknown");
  if (found.kind === "examined_only") return english("record.meaning.examined_only", { examined: counted(found.examined) });
  const examined = found.examined === null ? "" : ` ${english("record.meaning.examined", { examined: counted(found.examined) })}`;
  return english("record.meaning.with_this_answer", { n: counted(found.n), low: found.low, high: found.high }) + examined;
}

const CONTINUED = "… continued in the portal";
/** Points that a review takes beside the lines of its note: verdict, author and time, the mark. */
const REVIEW_HEAD = 44;
/** Points that are kept for saying how many reviews are left out, and for the frame. */
const MORE = 20;

function reviews(sheet: Sheet, all: readonly Review[], top: number, bottom: number): void {
  const width = sheet.width - 2 * MARGIN;
  const column = new Column(sheet, MARGIN + 10, top + 6, width - 20);
  column.add(english("review.people"), { ...STRONG, colour: PERSON });
  if (all.length === 0) column.add(english("review.none"));
  if (inDisagreement(all)) column.add(english("review.disagreement"), STRONG);
  const gone = superseded(all);
  const shown = newestFirst(all);
  const least = REVIEW_HEAD + sheet.lineHeight(PLAIN);
  const fitting = shown.slice(0, Math.max(1, Math.floor((bottom - column.y - MORE) / least)));
  const lines = Math.floor((bottom - column.y - MORE - REVIEW_HEAD * fitting.length) / sheet.lineHeight(PLAIN));
  const needed = fitting.map((review) => (review.note === "" ? 0 : sheet.broken(harmless(review.note), column.width, PLAIN).lines.length));
  const shares = roomFor(needed, fitting.map((review) => !gone.has(review.id)), lines);
  for (const [at, review] of fitting.entries()) {
    const mark = gone.has(review.id) ? ` (${english("review.superseded")})` : "";
    column.add(`${worded("review.verdict", review.verdict)}${mark}`, { ...STRONG, colour: PERSON, most: 1 }, 0);
    column.add(`${foreign(review.authorName, 60)}, ${when(review.at)}`, { ...SMALL, most: 1 });
    const most = shares[at] ?? 0;
    if (most > 0) column.add(harmless(review.note), { ...PLAIN, most }, 4);
    if (most < (needed[at] ?? 0)) column.add(CONTINUED, SMALL, 4);
  }
  if (fitting.length < shown.length) column.add(`${CONTINUED}: ${shown.length - fitting.length} earlier reviews`, SMALL);
  sheet.frame(MARGIN, top, width, column.y - top + 4, PERSON);
  sheet.area(MARGIN, top, 4, column.y - top + 4, PERSON);
}

/** Reviews that stand come before those that their author superseded. */
function roomFor(needed: readonly number[], stands: readonly boolean[], total: number): readonly number[] {
  const first = fairly(needed.map((lines, at) => (stands[at] ? lines : 0)), total);
  const left = total - first.reduce((sum, lines) => sum + lines, 0);
  const then = fairly(needed.map((lines, at) => (stands[at] ? 0 : lines)), left);
  return first.map((lines, at) => lines + (then[at] ?? 0));
}

/** Lines for each: who needs little gets it, the others share what is left. */
export function fairly(needed: readonly number[], total: number): readonly number[] {
  const given = needed.map(() => 0);
  let left = Math.max(0, total);
  let hungry = needed.map((_, at) => at);
  while (hungry.length > 0 && left >= hungry.length) {
    const share = Math.floor(left / hungry.length);
    for (const at of hungry) {
      const more = Math.min(share, (needed[at] ?? 0) - (given[at] ?? 0));
      given[at] = (given[at] ?? 0) + more;
      left -= more;
    }
    hungry = hungry.filter((at) => (given[at] ?? 0) < (needed[at] ?? 0));
  }
  return given;
}

function footer(sheet: Sheet, { record, printedBy, printedAt }: ReportInput): void {
  const width = sheet.width - 2 * MARGIN;
  const top = sheet.height - MARGIN - FOOTER + 8;
  sheet.line(MARGIN, top, MARGIN + width, top, EDGE);
  const column = new Column(sheet, MARGIN, top + 4, width);
  column.add(`${english("record.no_diagnosis")} If the patient notices a change, they should see a doctor whatever this report says.`, { ...STRONG, most: 2 });
  column.add(`Record ${record.summary.id}, SHA-256 ${record.sha256}`, { ...SMALL, size: 6.8, most: 1 });
  const lacking = sheet.lacking ? " □ stands for a character that this report's font lacks; the portal shows it." : "";
  column.add(`Printed ${when(printedAt.toISOString())} by ${foreign(printedBy, 60)}. Texts of devices and people stand as they were sent.${lacking}`, { ...SMALL, size: 6.8, most: 2 });
}
