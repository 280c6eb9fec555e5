import { Fault, type FaultKind } from "../data/cloud";
import { t } from "../i18n";
import { Button } from "./button";

const KINDS: ReadonlySet<string> = new Set<FaultKind>([
  "signed_out", "wrong_password", "paused", "second_factor_wrong", "not_allowed", "not_there", "altered", "damaged", "too_large", "offline", "unavailable",
]);

/** What happened, in the reader's language: a sentence, and what to do. */
export function faultText(error: unknown): string {
  if (!(error instanceof Fault)) return t("shell.fault.unexpected");
  if (error.kind === "paused") return t("shell.fault.paused", { seconds: Math.ceil(error.retryAfterS ?? 30) });
  return KINDS.has(error.kind) ? t(`shell.fault.${error.kind}`) : error.message;
}

/** In place of what could not be shown. */
export function FaultView({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  const detail = error instanceof Error ? error.message : String(error);
  return (
    <div class="fault" role="alert" data-fault={error instanceof Fault ? error.kind : "unexpected"}>
      <p>{faultText(error)}</p>
      {retry && <Button onClick={retry}>{t("shell.try_again")}</Button>}
      <details>
        <summary>{t("shell.detail")}</summary>
        <p class="ltr" lang="en">{detail}</p>
      </details>
    </div>
  );
}
