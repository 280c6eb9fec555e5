// The list on the left: the most urgent first, then the newest.

import { recordLink } from "./api.js";
import { el, replace } from "./dom.js";
import { briefly, measured, OUTCOME_BRIEF, URGENCY, worded } from "./format.js";

export class Worklist {
  constructor({ onOpen, onFind }) {
    this.onOpen = onOpen;
    this.find = ""; // what a patient's reference or a record's id must contain
    this.records = [];
    this.total = 0;
    this.unread = 0;
    this.selected = null; // path of the record that j, k and enter mean
    this.opened = null; // path of the record on the page
    this.onlyUnread = false;
    this.loaded = false;
    this.count = el("span", { class: "subtle", "aria-live": "polite" });
    this.filter = el("input", { type: "checkbox", onchange: () => this.setOnlyUnread(this.filter.checked) });
    this.search = el("input", { type: "search", class: "find", placeholder: "Find a patient ( / )", "aria-label": "Find a patient or a record", maxlength: 100, oninput: () => onFind(this.search.value.trim()), onkeydown: (event) => this.leaveSearch(event) });
    this.notice = el("p", { class: "list-notice", role: "status", hidden: true });
    this.list = el("div", { class: "list-rows" });
    this.element = el(
      "nav",
      { class: "pane list", "aria-label": "Records" },
      el("div", { class: "list-head" }, el("h2", {}, "Records"), this.count, el("label", { class: "check" }, this.filter, "Unread only"), this.search),
      this.notice,
      this.list,
    );
  }

  update({ records, total, unread }) {
    Object.assign(this, { records, total, unread, loaded: true });
    this.render();
  }

  // Enter goes to what was found, Escape back to everything.
  leaveSearch(event) {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    this.search.blur();
    if (event.key === "Enter") return;
    this.search.value = "";
    this.search.dispatchEvent(new Event("input"));
  }

  setOnlyUnread(on) {
    this.onlyUnread = on;
    this.filter.checked = on;
    this.render();
  }

  setNotice(text) {
    this.notice.textContent = text;
    this.notice.hidden = !text;
  }

  setOpened(path) {
    this.opened = path;
    this.selected = path ?? this.selected;
    this.render();
  }

  markRead(path) {
    const record = this.records.find((candidate) => candidate.path === path);
    if (!record || record.opened_at) return;
    record.opened_at = new Date().toISOString();
    this.unread -= 1;
    this.render();
  }

  visible() {
    return this.records.filter((record) => !this.onlyUnread || !record.opened_at || record.path === this.opened);
  }

  move(step) {
    const visible = this.visible();
    if (!visible.length) return;
    const at = visible.findIndex((record) => record.path === this.selected);
    const next = at < 0 ? (step > 0 ? 0 : visible.length - 1) : Math.min(visible.length - 1, Math.max(0, at + step));
    this.selected = visible[next].path;
    this.render();
    this.list.querySelector(".row.selected")?.scrollIntoView({ block: "nearest" });
  }

  openSelected() {
    if (this.selected) this.onOpen(this.selected);
  }

  render() {
    const visible = this.visible();
    this.count.textContent = this.loaded ? `${this.unread} unread of ${this.total}${this.find ? " found" : ""}` : "";
    const rows = [];
    let group = null;
    for (const record of visible) {
      if (record.urgency !== group) {
        group = record.urgency;
        rows.push(el("h3", { class: `group ${group}` }, URGENCY[group].title));
      }
      rows.push(this.row(record));
    }
    if (this.records.length < this.total && !this.onlyUnread) {
      rows.push(el("p", { class: "empty subtle" }, `The first ${this.records.length} of ${this.total} are listed; find the others by their patient.`));
    }
    replace(this.list, rows.length ? rows : this.empty());
  }

  row(record) {
    const unread = !record.opened_at;
    const state = [unread && "unread", record.path === this.selected && "selected", record.path === this.opened && "opened"];
    return el(
      "a",
      {
        class: ["row", record.urgency, ...state.filter(Boolean)].join(" "),
        href: recordLink(record.path),
        "data-path": record.path,
        "aria-current": record.path === this.opened ? "true" : null,
      },
      el("span", { class: "dot", title: unread ? "unread" : null }, unread ? el("span", { class: "hidden-text" }, "unread") : null),
      el("span", { class: "row-patient" }, record.patient ?? "unknown patient"),
      el("span", { class: "row-time", title: record.clock_synchronised ? null : "time of arrival: the kiosk's clock was not set" }, record.clock_synchronised ? "" : "≈ ", briefly(record.at)),
      el("span", { class: "row-detail" }, record.problem ? "cannot be shown" : summary(record)),
    );
  }

  empty() {
    if (!this.loaded) return el("p", { class: "empty subtle" }, "Loading…");
    if (this.onlyUnread && this.total) return el("p", { class: "empty subtle" }, "Everything has been opened.");
    if (this.find) return el("p", { class: "empty subtle" }, "No patient's reference contains that.");
    return el("div", { class: "empty" }, el("p", {}, "No records yet."), el("p", { class: "subtle" }, "They appear here by themselves, as soon as the kiosk has sent them."));
  }
}

function summary(record) {
  const outcome = worded(OUTCOME_BRIEF, record.outcome, "no model ran");
  return `${measured(record.difference_k, record.uncertainty_k, 2, "K")} · ${outcome}`;
}
