// The patient's screen: shows the page that the kiosk names, says what is touched, and forgets.

import { loadDrawings } from "./drawings.js";
import { makePages } from "./pages.js";
import { hush, offerSpeech } from "./speech.js";
import { listen, tell } from "./stream.js";
import { language, languages, loadWords, say, use } from "./words.js";

const PATIENTS_OWN = new Set(["position", "result", "sorry", "pin", "choose_pin", "new_card", "capture"]);
const ACKNOWLEDGED_MS = 700; // how long "we have seen your card" stays at least, however quick the kiosk is

let view = null;
let shownSince = 0;
let seen = null;
let busyUntil = 0;
let next = 0;

const body = document.body;
const live = document.querySelector(".spoken");

/** What a person would read on this page, top to bottom. */
function spoken() {
  const words = document.querySelectorAll(`.page[data-page=${body.dataset.page}] :is(h1, p:not(.digits, .clock), .label)`);
  return [...words]
    .filter((element) => element.checkVisibility() && element.textContent.trim())
    .map((element) => element.textContent.trim())
    .join(" ");
}

/** Tell a screen reader that the page or its one instruction has changed. */
function announce() {
  const headings = [...document.querySelectorAll(`.page[data-page=${body.dataset.page}] h1`)];
  const text = headings.find((heading) => heading.checkVisibility())?.textContent;
  if (text && live.textContent !== text) live.textContent = text;
}

/** Wipe the screen: the kiosk cannot be heard, or did not end what it should have ended. */
function forget() {
  clearTimeout(next);
  busyUntil = 0;
  view = null;
  body.dataset.page = "lost";
  shownSince = 0;
  hush();
  pages.wipe();
  announce();
}

function chips() {
  const group = document.querySelector(".languages");
  group.replaceChildren(
    ...languages().map(({ code, name }) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", lang: code, textContent: name });
      button.dataset.language = code;
      button.addEventListener("click", () => view && tell(view, "language", code));
      return button;
    }),
  );
}

function translate(code) {
  const changed = use(code);
  for (const chip of document.querySelectorAll(".languages button")) {
    chip.setAttribute("aria-pressed", String(chip.dataset.language === language()));
  }
  return changed;
}

/** Take a view from the kiosk. A card that was seen is acknowledged first, even when the kiosk is already past it. */
function receive(latest) {
  clearTimeout(next);
  const missed = seen !== null && latest.seen > seen && latest.page !== "seen";
  seen = latest.seen;
  if (missed) show({ ...latest, page: "seen", sequence: latest.seen, page_began: latest.seen, data: {} });
  const wait = latest.page === "seen" ? 0 : busyUntil - performance.now();
  if (wait > 0) next = setTimeout(show, wait, latest);
  else show(latest);
}

function show(shown) {
  const fresh = shown.page_began !== shownSince;
  if (fresh) {
    hush();
    if (PATIENTS_OWN.has(body.dataset.page)) pages.wipe();
    if (shown.page === "seen") busyUntil = performance.now() + ACKNOWLEDGED_MS;
  }
  view = shown;
  shownSince = view.page_began;
  const translated = translate(view.language);
  body.dataset.page = view.page;
  pages.show(view, fresh);
  if (translated) refreshSpeech();
  announce();
  document.documentElement.dataset.sequence = view.sequence;
}

try {
  await Promise.all([loadWords(), loadDrawings(), document.fonts.ready]);
} catch (error) {
  setTimeout(() => location.reload(), 1000); // the kiosk went away while this page was loading
  throw error;
}
chips();
const pages = makePages((what, value) => view && tell(view, what, value), forget, announce);
const refreshSpeech = offerSpeech(document.querySelector(".speak"), language, spoken);

document.addEventListener("contextmenu", (event) => event.preventDefault());
listen(receive, forget);
