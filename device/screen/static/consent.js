// Three short cards and a question, one at a time. Nothing is agreed to before the question has been seen.

import { say } from "./words.js";

export class Consent {
  #page;
  #steps;
  #step = 1;
  #changed;

  constructor(page, changed) {
    this.#page = page;
    this.#steps = [...page.querySelectorAll("[data-step]")];
    this.#changed = changed;
    this.#on("next", () => this.#go(this.#step + 1));
    this.#on("back", () => this.#go(this.#step - 1));
    this.#on("training", () => this.#train(!this.training));
  }

  get training() {
    return this.#switch.getAttribute("aria-checked") === "true";
  }

  reset() {
    this.#train(false);
    this.#go(1);
  }

  relabel() {
    this.#find("steps", "slot").setAttribute("aria-label", say("new_card.step", { step: this.#step, steps: this.#steps.length }));
  }

  #find(name, kind = "do") {
    return this.#page.querySelector(`[data-${kind}=${name}]`);
  }

  get #switch() {
    return this.#find("training");
  }

  #on(name, act) {
    this.#find(name).addEventListener("click", act);
  }

  #train(yes) {
    this.#switch.setAttribute("aria-checked", String(yes));
  }

  #go(step) {
    this.#step = Math.min(this.#steps.length, Math.max(1, step));
    const last = this.#step === this.#steps.length;
    this.#steps.forEach((each, i) => (each.hidden = i + 1 !== this.#step));
    [...this.#find("steps", "slot").children].forEach((dot, i) => dot.classList.toggle("on", i + 1 === this.#step));
    this.#find("back").hidden = this.#step === 1;
    this.#find("next").hidden = last;
    this.#find("agree").hidden = !last;
    this.relabel();
    this.#changed();
  }
}
