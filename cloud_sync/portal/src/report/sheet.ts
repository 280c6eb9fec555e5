// One page of paper: text in both directions, boxes and pictures at places that the caller chooses. Nothing flows to a second page.

import { create, type Font } from "fontkit";
import PDFDocument from "pdfkit";
import { toBlob } from "pdfkit/output";
import { breakLines, type Broken } from "./lines";

/** The bytes of two TrueType fonts, which must cover what is written. */
export interface Fonts {
  readonly regular: Uint8Array;
  readonly bold: Uint8Array;
}

export interface TextStyle {
  readonly size: number;
  readonly bold?: boolean;
  readonly colour?: string;
  readonly align?: "start" | "right";
  /** Lines; what does not fit is left out, and `Written.cut` says so. */
  readonly most?: number;
}

export interface Written {
  /** Where the next line may begin, points from the top. */
  readonly bottom: number;
  readonly cut: boolean;
}

const LEADING = 1.32;
/** In place of a character that the fonts lack; it is in the font. */
const MISSING = "□";
const FEATURES = ["kern"]; // naming one makes PDFKit shape a run as a whole, not word by word

export class Sheet {
  readonly width: number;
  readonly height: number;
  /** A text held a character that the fonts lack. */
  lacking = false;
  readonly #document: PDFDocument;
  readonly #covered: Font;

  constructor(fonts: Fonts, title: string, subject: string) {
    const info = { Title: title, Subject: subject, Producer: "Firstlight portal", Creator: "Firstlight portal" };
    this.#document = new PDFDocument({ size: "A4", margin: 0, font: fonts.regular, lang: "en", displayTitle: true, info });
    this.#document.registerFont("regular", fonts.regular).registerFont("bold", fonts.bold);
    this.#covered = create(fonts.regular);
    this.width = this.#document.page.width;
    this.height = this.#document.page.height;
  }

  /** Lines that `text` takes within `width` points. */
  broken(text: string, width: number, style: TextStyle): Broken {
    this.#style(style);
    return breakLines(this.#writable(text), width, (piece) => this.#measure(piece), style.most ?? 1000);
  }

  lineHeight(style: TextStyle): number {
    return style.size * LEADING;
  }

  write(text: string, x: number, y: number, width: number, style: TextStyle): Written {
    const { lines, cut } = this.broken(text, width, style);
    this.#document.fillColor(style.colour ?? "#000000");
    for (const [at, line] of lines.entries()) {
      const widths = line.runs.map((run) => this.#measure(run.text));
      const spare = width - widths.reduce((sum, wide) => sum + wide, 0);
      let left = x + (line.rightToLeft || style.align === "right" ? spare : 0);
      for (const [number, run] of line.runs.entries()) {
        this.#document.text(run.text, left, y + at * this.lineHeight(style), { lineBreak: false, features: FEATURES });
        left += widths[number] ?? 0;
      }
    }
    return { bottom: y + lines.length * this.lineHeight(style), cut };
  }

  line(x1: number, y1: number, x2: number, y2: number, colour: string, width = 0.75): void {
    this.#document.lineWidth(width).moveTo(x1, y1).lineTo(x2, y2).stroke(colour);
  }

  /** A filled rectangle. */
  area(x: number, y: number, width: number, height: number, colour: string): void {
    this.#document.rect(x, y, width, height).fill(colour);
  }

  /** A frame; a dashed one stands for a machine throughout the portal. */
  frame(x: number, y: number, width: number, height: number, colour: string, dashed = false): void {
    this.#document.save().lineWidth(0.9);
    if (dashed) this.#document.dash(3, { space: 2 });
    this.#document.roundedRect(x, y, width, height, 3).stroke(colour).restore();
  }

  dot(x: number, y: number, radius: number, colour: string): void {
    this.#document.circle(x, y, radius).fill(colour);
  }

  /** A JPEG picture as large as fits, at the top of its place. */
  picture(bytes: ArrayBuffer, x: number, y: number, width: number, height: number): void {
    this.#document.image(bytes, x, y, { fit: [width, height], align: "center" });
  }

  async finish(): Promise<Blob> {
    const blob = toBlob(this.#document);
    this.#document.end();
    return await blob;
  }

  #style(style: TextStyle): void {
    this.#document.font(style.bold ? "bold" : "regular").fontSize(style.size);
  }

  #measure(text: string): number {
    return this.#document.widthOfString(text, { features: FEATURES });
  }

  #writable(text: string): string {
    return [...text.replaceAll("\t", "    ").normalize("NFC")]
      .map((character) => {
        if (character === "\n" || /\p{Cf}/u.test(character) || this.#covered.hasGlyphForCodePoint(character.codePointAt(0) ?? 0)) return character;
        this.lacking = true;
        return /\p{M}/u.test(character) ? "" : MISSING;
      })
      .join("");
  }
}
