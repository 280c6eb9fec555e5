// A keypad that shows how many digits were typed and never which.

import { draw } from "./drawings.js";
import { say } from "./words.js";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "erase", "0", "ok"];

export class Keypad {
  #keys;
  #dots;
  #typed = "";
  #shortest = 4;
  #longest = 12;
  #locked = false;
  #done;

  /** `done(digits)` is called once for each number; the digits are forgotten before it is. */
  constructor(page, done) {
    this.#keys = page.querySelector("[data-slot=keys]");
    this.#dots = page.querySelector("[data-slot=dots]");
    this.#done = done;
    this.#keys.replaceChildren(...KEYS.map((key) => this.#button(key)));
  }

  /** How many digits a number has at least and at most, and whether typing is allowed now. */
  allow(shortest, longest, locked) {
    [this.#shortest, this.#longest, this.#locked] = [shortest, longest, locked];
    this.#refresh();
  }

  clear() {
    this.#typed = "";
    this.#refresh();
  }

  relabel() {
    for (const key of this.#keys.children) {
      if (key.dataset.key === "erase") key.setAttribute("aria-label", say("pin.erase"));
      if (key.dataset.key === "ok") key.textContent = say("pin.ok");
    }
    this.#refresh();
  }

  #button(key) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.key = key;
    if (key === "erase") {
      const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      svg.setAttribute("aria-hidden", "true");
      draw(svg, "erase");
      button.append(svg);
    } else {
      button.textContent = key;
      button.classList.toggle("primary", key === "ok");
    }
    button.addEventListener("click", () => this.#press(key));
    return button;
  }

  #press(key) {
    if (key === "ok") {
      const digits = this.#typed;
      this.clear(); // a second tap has nothing left to send
      return this.#done(digits);
    }
    this.#typed = key === "erase" ? this.#typed.slice(0, -1) : (this.#typed + key).slice(0, this.#longest);
    this.#refresh();
  }

  #refresh() {
    const count = this.#typed.length;
    for (const key of this.#keys.children) {
      const name = key.dataset.key;
      key.disabled =
        this.#locked || (name === "ok" && count < this.#shortest) || (name === "erase" && !count) || (name.length === 1 && count >= this.#longest);
    }
    const circles = Math.max(this.#shortest, count);
    this.#dots.replaceChildren(
      ...Array.from({ length: circles }, (_, i) => {
        const dot = document.createElement("i");
        dot.classList.toggle("on", i < count);
        return dot;
      }),
    );
    this.#dots.setAttribute("aria-label", say("pin.digits", { count }));
  }
}
