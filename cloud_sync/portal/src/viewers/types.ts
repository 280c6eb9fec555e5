// What the viewers say to the pages.

/** In pixels of the sensor; column 0 is the patient's right, row 0 the top. Fractions are allowed. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export type Shape = "rectangle" | "ellipse";

/** A region that a doctor drew on a thermogram, measured. */
export interface Measurement {
  /** "A", "B", …: the letter drawn beside it. */
  readonly name: string;
  readonly shape: Shape;
  readonly box: Box;
  /** How many of the sensor's pixels were counted: their centres lie inside, and they are not broken. */
  readonly pixels: number;
  readonly meanC: number;
  /** Standard uncertainty (k = 1) of the mean for comparisons within this picture, K; `null` where the record does not say how noisy it is. */
  readonly uncertaintyK: number | null;
  readonly minC: number;
  readonly maxC: number;
}
