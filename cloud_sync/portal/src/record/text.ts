// Texts that came from a device or were typed by somebody. They are only ever put into the page as text nodes; here they lose what
// could disarrange the page's own words around them.

/**
 * Overrides and embeddings of Unicode's bidirectional algorithm (UAX 9), which make a text read as another one ("Trojan source"),
 * and control characters. Marks (LRM, RLM, ALM) stay: Arabic and Hebrew are written with them.
 */
const DISARRANGING = /[\u202a-\u202e\u2066-\u2069]|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

/** The text with a visible mark in the place of each character that would rearrange or hide what stands around it. */
export function harmless(text: string): string {
  return text.replace(/\r\n?|[\u2028\u2029\u0085]/g, "\n").replace(DISARRANGING, "\ufffd");
}

/** At most `most` characters, an ellipsis for the rest; never half a surrogate pair. */
export function shortened(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`;
}

/** "left_c" → "left c": a name of a device's field where there is no better word. */
export function plainName(key: string): string {
  return shortened(harmless(key).replaceAll("_", " "), 60);
}

/** Such a text within a sentence of ours: between a first strong isolate and its end (UAX 9), as `<bdi>` does for a whole element. */
export function isolated(text: string): string {
  return `\u2068${harmless(text)}\u2069`;
}
