// What each page does with its data. A page's `enter` is called when it appears, `update` then and for each later view.

import { Consent } from "./consent.js";
import { Countdown } from "./countdown.js";
import { draw } from "./drawings.js";
import { Keypad } from "./keypad.js";
import { Mirror } from "./mirror.js";
import { play } from "./sound.js";
import { clock, has, say } from "./words.js";

const OVERDUE_S = -5; // a page that should have gone by now is wiped here, whatever became of the visit

const MARKS = {
  come_closer: "closer",
  step_back: "farther",
  move_left: "left",
  move_right: "right",
  stand_here: "stand",
  hold_still: "still",
};
const OUTCOMES = { nothing_unusual: "nothing", doctor_will_look: "doctor", not_assessed: "unclear" };

const page = (name) => document.querySelector(`.page[data-page=${name}]`);
const reason = (value) => (value ? say(`reason.${value}`) : "");
const remedy = (value) => (has(`remedy.${value}`) ? say(`remedy.${value}`) : say("sorry.ask"));

function slot(name, key, text) {
  const element = page(name).querySelector(`[data-slot=${key}]`);
  if (element.textContent !== text) element.textContent = text;
  element.hidden = text === "";
}

function fill(name, share) {
  page(name).querySelector(".arc").style.strokeDashoffset = String(100 * (1 - Math.min(1, Math.max(0, share))));
}

/** Make the pages. `tell(say, value)` reaches the kiosk; `abandon()` wipes the screen; `changed()` says that a page has new words. */
export function makePages(tell, abandon, changed) {
  const countdown = new Countdown();
  const mirror = new Mirror(page("position").querySelector("canvas"));
  const consent = new Consent(page("new_card"), changed);
  const first = { digits: "" };
  const choosing = new Keypad(page("choose_pin"), (digits) => choose(digits));
  const entering = new Keypad(page("pin"), (digits) => tell("pin", digits));
  let view = { data: {} };

  function choose(digits) {
    if (!first.digits) {
      first.digits = digits;
      slot("choose_pin", "hint", say("choose_pin.repeat"));
    } else {
      const same = first.digits === digits;
      first.digits = "";
      if (same) return tell("pin", digits);
      slot("choose_pin", "hint", say("choose_pin.different"));
    }
    return changed();
  }

  function closing(name, seconds) {
    countdown.start(seconds, (left) => {
      if (left < OVERDUE_S) return abandon();
      return slot(name, "closes", say("result.closes", { time: clock(left) }));
    });
  }

  function retryable(name, retry) {
    page(name).querySelector("[data-do=retry]").hidden = !retry;
  }

  const pages = {
    rest: {
      update({ accepting = true, notice, health = "ok" }) {
        slot("rest", "title", !accepting ? say("rest.closed") : notice ? reason(notice) : say("rest.title"));
        slot("rest", "hint", !accepting ? `${reason(notice)} ${say("rest.closed_hint")}`.trim() : notice ? remedy(notice) : say("rest.hint"));
        const drawing = accepting ? (notice === "take_your_card" ? "take" : "tap") : "lost";
        draw(page("rest").querySelector(".picture svg"), drawing);
        page("rest").querySelector(".dot").dataset.health = health;
      },
    },
    seen: { enter: () => play("seen") },
    new_card: {
      enter: () => consent.reset(),
      update({ photo = false, again = false }) {
        slot("new_card", "greeting", say(again ? "new_card.again" : "new_card.title"));
        slot("new_card", "happens", say(photo ? "consent.happens_photo" : "consent.happens"));
        consent.relabel();
      },
    },
    choose_pin: {
      enter() {
        first.digits = "";
        choosing.clear();
      },
      update({ shortest = 4, longest = 8 }) {
        choosing.allow(shortest, longest, false);
        choosing.relabel();
        slot("choose_pin", "hint", say(first.digits ? "choose_pin.repeat" : "choose_pin.hint", { shortest, longest }));
      },
    },
    pin: {
      enter: () => entering.clear(),
      update({ tries_left: tries, wait_s: wait = 0, wrong = false }) {
        entering.allow(4, 8, wait > 0);
        entering.relabel();
        const left = tries === 1 ? say("pin.tries_one") : say("pin.tries", { tries });
        const hint = wrong ? `${say("pin.wrong")} ${left}` : "";
        countdown.stop();
        if (wait <= 0) return slot("pin", "hint", hint);
        return countdown.start(wait, (seconds) => {
          if (seconds > 0) return slot("pin", "hint", say("pin.wait", { time: clock(seconds) }));
          countdown.stop();
          entering.allow(4, 8, false);
          return slot("pin", "hint", hint);
        });
      },
    },
    prepare: {
      update({ seconds = 1, seconds_left: left = 0, notice }) {
        slot("prepare", "why", notice ? reason(notice) : say("prepare.why"));
        countdown.start(left, (now) => {
          slot("prepare", "clock", clock(now));
          fill("prepare", now / Math.max(1, seconds));
        });
      },
    },
    position: {
      enter: () => mirror.clear(),
      update({ instruction, preview, fits = false }) {
        mirror.show(preview);
        slot("position", "title", fits ? say("position.fits") : reason(instruction) || say("position.title"));
        draw(page("position").querySelector(".hintmark"), fits ? "good" : (MARKS[instruction] ?? "stand"));
        page("position").querySelector(".glass").classList.toggle("fits", fits);
      },
    },
    capture: {
      update({ progress = 0, instruction }) {
        slot("capture", "title", reason(instruction) || say("capture.title"));
        fill("capture", progress);
        page("capture").querySelector("[role=progressbar]").setAttribute("aria-valuenow", String(Math.round(progress * 100)));
      },
    },
    working: {},
    result: {
      enter: () => play("done"),
      update({ result, retry = false, seconds_left: left = 20 }) {
        const key = result === "not_assessed" && retry ? "not_assessed_retry" : result;
        slot("result", "title", say(`result.${key}`));
        draw(page("result").querySelector("[data-slot=drawing]"), OUTCOMES[result] ?? "unclear");
        retryable("result", retry);
        closing("result", left);
      },
    },
    sorry: {
      update({ reason: why, lost = false, retry = false, seconds_left: left = 20 }) {
        slot("sorry", "title", reason(why) || say("sorry.title"));
        slot("sorry", "remedy", remedy(why));
        slot("sorry", "kept", say(lost ? "sorry.lost" : "sorry.kept"));
        retryable("sorry", retry);
        closing("sorry", left);
      },
    },
    lost: {},
  };

  for (const name of ["agree", "decline", "start_now", "retry", "done", "none"]) {
    for (const button of document.querySelectorAll(`[data-do=${name}]`)) {
      button.addEventListener("click", () => {
        if (name === "none") tell("pin", "");
        else tell(name, name === "agree" ? { training: consent.training } : null);
      });
    }
  }

  return {
    /** Show a view; `fresh` when its page has just appeared. */
    show(next, fresh) {
      view = next;
      if (fresh) {
        countdown.stop();
        pages[view.page]?.enter?.(view.data);
      }
      pages[view.page]?.update?.(view.data);
    },

    /** Forget everything that belongs to a person. */
    wipe() {
      countdown.stop();
      mirror.clear();
      first.digits = "";
      choosing.clear();
      entering.clear();
      consent.reset();
      for (const each of ["result", "sorry"]) for (const key of ["title", "closes"]) slot(each, key, "");
      for (const each of ["remedy", "kept"]) slot("sorry", each, "");
      slot("position", "title", "");
    },
  };
}
