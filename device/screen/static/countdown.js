// Counts down between the kiosk's own updates, on the browser's monotonic clock.

const TICK_MS = 250;

export class Countdown {
  #end = 0;
  #timer = 0;
  #tick = () => {};

  /** Call `tick(secondsLeft)` now and four times a second; below zero too, so that a page can notice that nobody ended it. */
  start(seconds, tick) {
    this.stop();
    this.#end = performance.now() + seconds * 1000;
    this.#tick = () => tick((this.#end - performance.now()) / 1000);
    this.#timer = setInterval(this.#tick, TICK_MS);
    this.#tick();
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
  }
}
