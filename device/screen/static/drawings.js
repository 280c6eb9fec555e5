// Line drawings from one file, put where the page asks for them, so that the page's own style sheet animates them.

const symbols = new Map();

export async function loadDrawings() {
  const text = await (await fetch("/static/drawings.svg")).text();
  const sheet = new DOMParser().parseFromString(text, "image/svg+xml");
  for (const symbol of sheet.querySelectorAll("symbol")) symbols.set(symbol.id, symbol);
  for (const svg of document.querySelectorAll("svg[data-drawing]")) draw(svg, svg.dataset.drawing);
}

/** Replace what `svg` shows; does nothing when it shows that already. */
export function draw(svg, name) {
  const symbol = symbols.get(name);
  if (!symbol || svg.dataset.drawn === name) return;
  svg.setAttribute("viewBox", symbol.getAttribute("viewBox"));
  svg.replaceChildren(...[...symbol.cloneNode(true).childNodes].map((node) => document.importNode(node, true)));
  svg.dataset.drawn = name;
}
