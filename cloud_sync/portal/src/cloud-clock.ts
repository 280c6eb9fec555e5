// What time it is for the cloud. Heartbeats are stamped by its clock, and the clock of the doctor's computer may be wrong.

/** A younger lag may be the way and the polling; from here on it is the computer's clock. */
const LAG_MS = 120_000;

export class CloudClock {
  #seen = new Map<string, number>();
  /** The latest stamp, and when it was heard by the monotonic clock: the cloud's time is at least that, and what passed since. */
  #latest: { readonly stampMs: number; readonly heardMs: number } | null = null;
  #lagMs: number | null = null;

  constructor(
    private readonly wallMs: () => number = () => Date.now(),
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {}

  /** Heartbeat of `kiosk` at `stamp` (ISO 8601). One that is newer than what was heard before has only just been sent. */
  hear(kiosk: string, stamp: string | null): void {
    const stampMs = Date.parse(stamp ?? "");
    if (Number.isNaN(stampMs)) return;
    const before = this.#seen.get(kiosk);
    this.#seen.set(kiosk, stampMs);
    if (before !== undefined && stampMs > before) this.#lagMs = Math.min(this.#lagMs ?? Number.POSITIVE_INFINITY, this.wallMs() - stampMs);
    if (this.#latest === null || stampMs > this.nowAtLeast()) this.#latest = { stampMs, heardMs: this.monotonicMs() };
  }

  private nowAtLeast(): number {
    return this.#latest === null ? 0 : this.#latest.stampMs + this.monotonicMs() - this.#latest.heardMs;
  }

  nowMs(): number {
    const lag = this.#lagMs !== null && this.#lagMs > LAG_MS ? this.#lagMs : 0;
    return Math.max(this.wallMs() - lag, this.nowAtLeast());
  }
}
