// The page itself: who is signed in, which record is open, what the keys do.

import { get, pathInHash, post, recordLink, recordUrl } from "./api.js";
import { showCard } from "./card.js";
import { el, openDialog, replace } from "./dom.js";
import { recordPage } from "./record.js";
import { showSignIn } from "./signin.js";
import { historyPane } from "./trend.js";
import { Worklist } from "./worklist.js";

const POLL_MS = 5000;
const KEYS = [
  ["j", "next record"],
  ["k", "previous record"],
  ["enter", "open it"],
  ["u", "unread only, or all"],
  ["/", "find a patient; enter keeps what was found, esc goes back to all"],
  ["1  2  3", "temperature, left–right difference, the model’s view"],
  ["s", "smooth, or pixels as measured"],
  ["w", "range of the body, or of the whole picture"],
  ["c", "model card"],
  ["arrows", "move the cursor, with the picture in focus"],
  ["esc", "close a window; on a phone: back to the list"],
  ["?", "this help"],
];

const app = document.getElementById("app");

class Workspace {
  constructor(account) {
    this.worklist = new Worklist({ onOpen: (path) => (location.hash = recordLink(path)), onFind: (text) => this.find(text) });
    this.record = null;
    this.page = null;
    this.opening = null;
    this.seen = "";
    this.main = el("main", { class: "pane record", tabindex: -1 });
    this.aside = el("aside", { class: "pane history", "aria-label": "History of the patient" });
    this.element = el("div", { class: "workspace" }, this.worklist.element, this.main, this.aside);
    const back = el("button", { type: "button", class: "quiet back", onclick: () => (location.hash = "") }, "‹ Records");
    replace(
      app,
      el(
        "header",
        { class: "bar" },
        back,
        el("img", { src: "/static/icon.svg", alt: "", width: 24, height: 24 }),
        el("strong", {}, "Firstlight"),
        el("span", { class: "statement" }, "Screening, not a diagnosis. It does not replace mammography or an examination."),
        el("span", { class: "spacer" }),
        el("span", { class: "account" }, account),
        el("button", { type: "button", class: "quiet", title: "key ?", onclick: showHelp }, "Help"),
        el("button", { type: "button", class: "quiet", onclick: () => signOut() }, "Sign out"),
      ),
      this.element,
    );
  }

  async start() {
    await this.poll({ background: false });
    this.timer = setInterval(() => this.poll({ background: true }), POLL_MS);
    await this.route();
  }

  stop() {
    clearInterval(this.timer);
    this.opening = null;
  }

  async poll({ background }) {
    try {
      const { find } = this.worklist;
      const list = await get(`/api/records?find=${encodeURIComponent(find)}`, { background });
      if (find !== this.worklist.find) return; // the answer to an older question
      this.worklist.setNotice("");
      const seen = JSON.stringify(list);
      if (seen === this.seen) return;
      this.seen = seen;
      this.worklist.update(list);
    } catch (problem) {
      if (problem.status === 401) signedOut("You were signed out. Please sign in again.");
      else this.worklist.setNotice(`${problem.message} The list may be out of date; trying again.`);
    }
  }

  async find(text) {
    this.worklist.find = text;
    await this.poll({ background: false });
  }

  async route() {
    const path = pathInHash();
    this.opening = path;
    this.element.classList.toggle("has-record", Boolean(path));
    document.querySelector(".bar .back").hidden = !path;
    if (!path) {
      this.clear();
      return;
    }
    try {
      const record = await get(recordUrl(path));
      if (this.opening === path) await this.show(record);
    } catch (problem) {
      if (problem.status === 401) signedOut("You were signed out. Please sign in again.");
      else if (this.opening === path) this.clear(el("p", { class: "problem", role: "alert" }, problem.message));
    }
  }

  clear(message) {
    this.record = this.page = null;
    this.worklist.setOpened(null);
    replace(this.main, message ?? el("div", { class: "empty" }, el("p", {}, "Choose a record."), el("p", { class: "subtle" }, el("kbd", {}, "j"), " and ", el("kbd", {}, "k"), " move, ", el("kbd", {}, "enter"), " opens, ", el("kbd", {}, "?"), " lists all keys.")));
    replace(this.aside);
  }

  async show(record) {
    this.record = record;
    this.page = recordPage(record);
    replace(this.main, this.page.element);
    replace(this.aside, historyPane(record));
    this.main.scrollTop = 0;
    this.worklist.setOpened(record.path);
    document.title = `${record.patient ?? "Record"} · Firstlight`;
    await post(`${recordUrl(record.path)}/opened`);
    this.worklist.markRead(record.path);
  }

  key(key) {
    const picture = this.page?.thermogram;
    const actions = {
      j: () => this.worklist.move(1),
      k: () => this.worklist.move(-1),
      Enter: () => this.worklist.openSelected(),
      u: () => this.worklist.setOnlyUnread(!this.worklist.onlyUnread),
      "/": () => this.worklist.search.focus(),
      1: () => picture?.show(null),
      2: () => picture?.show("asymmetry"),
      3: () => picture?.show("map"),
      s: () => picture?.setSmooth(!picture.smooth),
      w: () => picture?.setWhole(!picture.whole),
      c: () => this.record?.prediction?.bundle_sha256 && showCard(this.record.prediction),
      "?": showHelp,
      Escape: () => (location.hash = ""),
    };
    if (!Object.hasOwn(actions, key)) return false;
    actions[key]();
    return true;
  }
}

let workspace = null;

function showHelp() {
  openDialog("Keys", el("h1", {}, "Keys"), el("dl", { class: "keys" }, KEYS.map(([key, text]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, text)])));
}

function signedIn(account) {
  workspace = new Workspace(account);
  workspace.start();
}

function signedOut(notice) {
  workspace?.stop();
  workspace = null;
  document.querySelectorAll("dialog").forEach((dialog) => dialog.remove());
  document.title = "Firstlight";
  showSignIn(app, { notice, onSignedIn: signedIn });
}

async function signOut() {
  try {
    await post("/api/sign-out");
  } catch (problem) {
    if (problem.status !== 401) {
      openDialog("Not signed out", el("p", { class: "problem" }, `${problem.message} You are still signed in.`));
      return;
    }
  }
  history.replaceState(null, "", "/");
  signedOut("");
}

window.addEventListener("hashchange", () => workspace?.route());
document.addEventListener("keydown", (event) => {
  if (!workspace || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog")) return;
  const typing = event.target.closest("input:not([type=checkbox]), textarea, select");
  const pressing = event.key === "Enter" && event.target.closest("a, button, label");
  if (!typing && !pressing && workspace.key(event.key)) event.preventDefault();
});

try {
  const { name } = await get("/api/me");
  if (name) signedIn(name);
  else signedOut("");
} catch (problem) {
  signedOut(problem.message);
}
