// The patient's screen: shows the page that the kiosk names, says what is touched, and forgets.

import { loadDrawings } from "./drawings.js";
import { makePages } from "./pages.js";
import { hush, offerSpeech } from "./speech.js";
import { listen, tell } from "./stream.js";
import { language, languages, loadWords, say, use } from "./words.js";

const PATIENTS_OWN = new Set(["position", "result", "sorry", "pin", "choose_pin", "new_card", "capture"]);

let view = null;
let shownSince = 0;

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

function announce() {
  const heading = document.querySelector(`.page[data-page=${body.dataset.page}] h1`);
  const text = [...document.querySelectorAll(`.page[data-page=${body.dataset.page}] h1`)].find((h) => h.checkVisibility()) ?? heading;
  if (text && live.textContent !== text.textContent) live.textContent = text.textContent;
}

function forget() {
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
      button.addEventListener("click", () => tell(view, "language", code));
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

function show(next) {
  const fresh = next.page_began !== shownSince;
  if (fresh) {
    hush();
    if (PATIENTS_OWN.has(body.dataset.page)) pages.wipe();
  }
  view = next;
  shownSince = next.page_began;
  const translated = translate(view.language);
  body.dataset.page = view.page;
  pages.show(view, fresh);
  if (translated) refreshSpeech();
  announce();
  document.documentElement.dataset.sequence = view.sequence;
}

await Promise.all([loadWords(), loadDrawings(), document.fonts.ready]);
chips();
const pages = makePages((what, value) => tell(view, what, value), forget, announce);
const refreshSpeech = offerSpeech(document.querySelector(".speak"), language, spoken);

document.addEventListener("contextmenu", (event) => event.preventDefault());
listen(show, forget);
