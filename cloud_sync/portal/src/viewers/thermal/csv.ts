import type { Capture } from "./capture";

/** One line for each pixel (RFC 4180). Row 0 is the top, column 0 the patient's right. What is not known is empty. */
export function toCsv(capture: Capture): string {
  const { rows, columns, values } = capture.celsius;
  const cell = (value: number | undefined, decimals: number): string => (value === undefined || Number.isNaN(value) ? "" : value.toFixed(decimals));
  const lines = ["row,column,celsius,left_minus_right_k,map,bad"];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const index = row * columns + column;
      const beside = [cell(capture.asymmetry?.values[index], 4), cell(capture.map?.values[index], 6)];
      lines.push([row, column, cell(values[index], 4), ...beside, capture.bad[index] ? 1 : 0].join(","));
    }
  }
  return `${lines.join("\r\n")}\r\n`;
}
