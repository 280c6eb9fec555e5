// A record as a kiosk wrote it, in the words of docs/record.md and docs/data-model.md. Everything comes from a device and may be
// missing or wrong: `readRecord` (read.ts) makes these types out of it, at the edge, once.

export type Modality = "thermal" | "mri" | "unknown";
export type Outcome = "below_threshold" | "above_threshold" | "abstained" | "out_of_domain";
/** The order of a worklist: what a doctor should look at first comes first. */
export type Urgency = "look_first" | "not_assessed" | "routine";
/** "unread": nobody of the site has opened it; "opened": somebody has; "reviewed": somebody has signed a review. */
export type Reading = "unread" | "opened" | "reviewed";

/** One line of the worklist: enough to decide what to open next, nothing that needs an opening. */
export interface Summary {
  readonly id: string;
  readonly site: string;
  readonly kiosk: string | null;
  readonly patient: string | null;
  readonly patientConfirmed: boolean;
  readonly modality: Modality;
  /** ISO 8601, by the kiosk's clock; `null` where it wrote none. */
  readonly capturedAt: string | null;
  readonly clockSynchronised: boolean;
  /** ISO 8601, by the cloud's clock. */
  readonly receivedAt: string;
  readonly urgency: Urgency;
  readonly outcome: Outcome | null;
  /** What the patient was shown. */
  readonly result: string | null;
  readonly probability: number | null;
  /** The patient's left minus right, K, with its standard uncertainty. */
  readonly differenceK: number | null;
  readonly uncertaintyK: number | null;
  /** MRI: volume that the segmentation covers, ml, with its standard uncertainty where one is known. */
  readonly lesionMl: number | null;
  readonly lesionUncertaintyMl: number | null;
  readonly reading: Reading;
  readonly lastVerdict: Verdict | null;
  /** Set where the record could not be read; a sentence for the doctor. */
  readonly problem: string | null;
}

export interface Part {
  readonly name: string;
  readonly mediaType: string;
  readonly sha256: string;
  readonly bytes: number;
}

export interface Prediction {
  readonly outcome: Outcome | null;
  readonly probability: number | null;
  readonly threshold: number | null;
  readonly abstain: readonly [number, number] | null;
  readonly model: string | null;
  readonly version: string | null;
  readonly bundleSha256: string | null;
  readonly reason: string | null;
  readonly prevalence: number | null;
  /** How many with this answer are ill at this site: estimate, low, high. */
  readonly illHere: readonly [number, number, number] | null;
  /** MRI: what each network said, for the type network its classes with probabilities. */
  readonly classes: Readonly<Record<string, number>> | null;
}

export interface OpenedRecord {
  readonly summary: Summary;
  /** The bytes' hash; the data layer has compared it with the bytes themselves. */
  readonly sha256: string;
  readonly mode: string | null;
  readonly consent: { readonly textVersion: string | null; readonly screening: boolean | null; readonly photo: boolean | null; readonly training: boolean | null };
  readonly quality: Readonly<Record<string, number | boolean | null>>;
  readonly gates: Readonly<Record<string, boolean>>;
  readonly asymmetry: { readonly differenceK: number | null; readonly uncertaintyK: number | null; readonly leftC: number | null; readonly rightC: number | null };
  readonly prediction: Prediction | null;
  readonly photo: { readonly taken: boolean; readonly aligned: boolean; readonly width: number | null; readonly height: number | null; readonly delayS: number | null; readonly reason: string | null } | null;
  /** MRI only. */
  readonly mri: {
    readonly slices: number;
    readonly rowSpacingMm: number | null;
    readonly columnSpacingMm: number | null;
    readonly sliceSpacingMm: number | null;
    /** One for each slice: probability that a lesion is seen, `null` where it was not assessed. */
    readonly sliceScores: readonly (number | null)[];
    readonly description: string | null;
  } | null;
  readonly parts: Readonly<Record<string, Part>>;
  /** Firebase only: with which upload each part arrived, a segment of its path in Storage. */
  readonly uploads?: Readonly<Record<string, string>>;
  /** The document as the kiosk sent it, for "raw data". */
  readonly json: string;
}

export type Verdict = "agree" | "disagree" | "recall" | "not_assessable";

/** Written once by one author, never changed. A second thought is another review that names the first in `supersedes`. */
export interface Review {
  readonly id: string;
  readonly record: string;
  readonly recordSha256: string;
  readonly patient: string | null;
  readonly author: string;
  readonly authorName: string;
  readonly verdict: Verdict;
  /** At most 4,000 characters, plain text. */
  readonly note: string;
  readonly supersedes: string | null;
  /** ISO 8601, by the cloud's clock. */
  readonly at: string;
}
