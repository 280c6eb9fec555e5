// The technician's page: one line for each part. It gives the screen back when a card is tapped or nobody touches it.

import { listen } from "./stream.js";
import { loadWords, say, use } from "./words.js";

const SHAPES = { ok: "M10 25l10 10l18-21", warning: "M24 8v20M24 38v.1", fault: "M12 12l24 24M36 12L12 36" };
const IDLE_MS = 120_000;
const REFRESH_MS = 5_000;

let rows = [];
let idle;

/** Give the screen back, but never to a kiosk that is not there: a browser's own error page would stay for ever. */
async function home() {
  try {
    await fetch("/health.json");
    location.replace("/");
  } catch {
    idle = setTimeout(home, REFRESH_MS);
  }
}

function stay() {
  clearTimeout(idle);
  idle = setTimeout(home, IDLE_MS);
}

function mark(status) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 48 48");
  svg.setAttribute("class", `mark ${status}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", say(`health.${status}`));
  path.setAttribute("d", SHAPES[status] ?? SHAPES.warning);
  svg.append(path);
  return svg;
}

function piece(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

function line(row) {
  const item = document.createElement("li");
  item.append(mark(row.status), piece("strong", "part", row.part), piece("span", "summary", row.summary));
  if (row.remedy) item.append(piece("span", "remedy", row.remedy));
  return item;
}

async function refresh() {
  const fresh = await (await fetch("/health.json")).json();
  if (JSON.stringify(fresh) === JSON.stringify(rows)) return;
  rows = fresh;
  document.querySelector("#rows").replaceChildren(...rows.map(line));
  document.querySelector("#empty").hidden = rows.length > 0;
}

async function copy(event) {
  const text = rows.map((row) => `${row.status.padEnd(8)}${row.part}: ${row.summary}${row.remedy ? ` -> ${row.remedy}` : ""}`).join("\n");
  await navigator.clipboard.writeText(text);
  event.target.textContent = say("health.copied");
}

await loadWords();
document.querySelector("#copy").addEventListener("click", copy);
for (const kind of ["pointerdown", "keydown", "scroll"]) addEventListener(kind, stay, { passive: true });
stay();
await refresh();
setInterval(() => refresh().catch(() => {}), REFRESH_MS); // a kiosk that is away comes back
listen((view) => {
  use(view.language);
  if (view.page !== "rest") home();
}, () => {});
