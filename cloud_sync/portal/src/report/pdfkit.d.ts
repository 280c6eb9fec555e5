// What this project uses of PDFKit 0.20, which brings no types.

declare module "pdfkit" {
  interface TextOptions {
    lineBreak?: boolean;
    features?: string[];
    baseline?: string;
  }
  export default class PDFDocument {
    constructor(options: {
      size: string;
      margin: number;
      font: Uint8Array;
      lang?: string;
      displayTitle?: boolean;
      info?: Record<string, string | Date>;
    });
    readonly page: { readonly width: number; readonly height: number };
    registerFont(name: string, source: Uint8Array): this;
    font(name: string): this;
    fontSize(size: number): this;
    fillColor(colour: string): this;
    strokeColor(colour: string): this;
    lineWidth(width: number): this;
    dash(length: number, options?: { space: number }): this;
    undash(): this;
    moveTo(x: number, y: number): this;
    lineTo(x: number, y: number): this;
    rect(x: number, y: number, width: number, height: number): this;
    roundedRect(x: number, y: number, width: number, height: number, radius: number): this;
    circle(x: number, y: number, radius: number): this;
    fill(colour?: string): this;
    stroke(colour?: string): this;
    save(): this;
    restore(): this;
    image(source: ArrayBuffer | Uint8Array, x: number, y: number, options: { fit: [number, number]; align?: "center" }): this;
    text(text: string, x: number, y: number, options: TextOptions): this;
    widthOfString(text: string, options?: TextOptions): number;
    on(event: string, listener: (...values: never[]) => void): this;
    end(): void;
  }
}

declare module "pdfkit/output" {
  import type PDFDocument from "pdfkit";
  export function toBlob(document: PDFDocument): Promise<Blob>;
}

declare module "fontkit" {
  export interface Font {
    hasGlyphForCodePoint(codePoint: number): boolean;
  }
  export function create(bytes: Uint8Array): Font;
}
