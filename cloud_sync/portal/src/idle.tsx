// Nobody sits at the screen: a warning after 15 minutes, the end of the session after 30.

import { useEffect, useState } from "preact/hooks";
import { Button } from "./components/button";
import { Dialog } from "./components/dialog";
import { presume } from "./ending";
import { t } from "./i18n";

export const WARN_S = 15 * 60;
export const END_S = 30 * 60;
const TICK_MS = 1_000;
const TELL_MS = 5_000;
/** The data layers go by the same: whoever only moves the pointer is asked after 15 minutes, not signed out unasked after 30. */
const SIGNS = ["pointerdown", "keydown"] as const;

/** Seconds since the last sign of somebody. The monotonic clock stands still while a laptop sleeps, the other one may be set: the longer counts. */
export class Quiet {
  #monotonicMs = performance.now();
  #wallMs = Date.now();

  reset(): void {
    this.#monotonicMs = performance.now();
    this.#wallMs = Date.now();
  }

  seconds(): number {
    return Math.max(performance.now() - this.#monotonicMs, Date.now() - this.#wallMs) / 1000;
  }
}

/** `onEnd` is called once. A sign of somebody in another tab of this portal counts, too. */
export function Idle({ onEnd }: { readonly onEnd: () => void }) {
  const [leftS, setLeftS] = useState<number | null>(null);
  const [quiet] = useState(() => new Quiet());
  const warned = leftS !== null;
  useEffect(() => {
    const others = new BroadcastChannel("firstlight.activity");
    let told = 0;
    const stay = (): void => {
      quiet.reset();
      setLeftS(null);
    };
    const sign = (): void => {
      if (quiet.seconds() >= WARN_S) return; // from now on only the dialog's button counts
      quiet.reset();
      if (performance.now() - told < TELL_MS) return;
      told = performance.now();
      others.postMessage("here");
    };
    others.onmessage = stay;
    const timer = setInterval(() => {
      const seconds = quiet.seconds();
      presume(seconds >= WARN_S ? "idle" : "ended");
      setLeftS(seconds >= WARN_S ? Math.max(0, Math.ceil(END_S - seconds)) : null);
      if (seconds < END_S) return;
      clearInterval(timer);
      onEnd();
    }, TICK_MS);
    for (const kind of SIGNS) addEventListener(kind, sign, { passive: true });
    return () => {
      clearInterval(timer);
      others.close();
      for (const kind of SIGNS) removeEventListener(kind, sign);
    };
  }, [quiet, onEnd]);
  if (!warned) return null;
  const stay = (): void => {
    quiet.reset();
    setLeftS(null);
    const others = new BroadcastChannel("firstlight.activity");
    others.postMessage("here");
    others.close();
  };
  return (
    <Dialog
      title={t("shell.idle_title")}
      onClose={stay}
      footer={
        <>
          <Button onClick={onEnd}>{t("shell.sign_out")}</Button>
          <Button look="primary" onClick={stay}>
            {t("shell.idle_stay")}
          </Button>
        </>
      }
    >
      <p>{t("shell.idle_text", { left: `${Math.floor(leftS / 60)}:${String(leftS % 60).padStart(2, "0")}` })}</p>
    </Dialog>
  );
}
