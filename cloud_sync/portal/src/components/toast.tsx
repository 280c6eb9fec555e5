import { signal } from "@preact/signals";
import { t } from "../i18n";
import { Button } from "./button";
import { faultText } from "./fault";

interface Toast {
  readonly number: number;
  readonly text: string;
  readonly urgent: boolean;
}

const SHOWN_MS = 8_000;
const toasts = signal<readonly Toast[]>([]);
let last = 0;

function drop(number: number): void {
  toasts.value = toasts.value.filter((toast) => toast.number !== number);
}

/** Says `text` in the corner and to a screen reader. An urgent one stays until it is closed. */
export function say(text: string, { urgent = false } = {}): void {
  const number = ++last;
  toasts.value = [...toasts.value.slice(-3), { number, text, urgent }];
  if (!urgent) setTimeout(() => drop(number), SHOWN_MS);
}

export function sayFault(error: unknown): void {
  say(faultText(error), { urgent: true });
}

/** Two live regions that are always there: a region that appears together with its text is not read aloud. */
export function Toasts() {
  return (
    <div class="toasts">
      <div role="status">{toasts.value.filter((toast) => !toast.urgent).map((toast) => <Line key={toast.number} toast={toast} />)}</div>
      <div role="alert">{toasts.value.filter((toast) => toast.urgent).map((toast) => <Line key={toast.number} toast={toast} />)}</div>
    </div>
  );
}

function Line({ toast }: { readonly toast: Toast }) {
  return (
    <p class={`toast ${toast.urgent ? "urgent" : ""}`}>
      <span class="spacer">{toast.text}</span>
      <Button look="quiet" onClick={() => drop(toast.number)} aria-label={t("shell.close")}>
        <span aria-hidden="true">✕</span>
      </Button>
    </p>
  );
}
