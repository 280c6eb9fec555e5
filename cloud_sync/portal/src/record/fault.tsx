import { Button, FaultView } from "../components";
import { Fault, type FaultKind } from "../data/cloud";
import { t } from "../i18n";
import { address } from "../router";
import { Foreign } from "./foreign";

const EXPLAINED: ReadonlySet<FaultKind> = new Set(["altered", "damaged", "not_allowed", "not_there", "too_large", "offline", "unavailable", "signed_out"]);
const WORTH_TRYING: ReadonlySet<FaultKind> = new Set(["offline", "unavailable", "not_there"]);

/** In place of a record: what is wrong with it, and what to do. */
export function RecordFault({ fault, site, id, retry }: { readonly fault: unknown; readonly site: string; readonly id: string; readonly retry: () => void }) {
  if (!(fault instanceof Fault) || !EXPLAINED.has(fault.kind)) return <FaultView error={fault} retry={retry} />;
  return (
    <div class="record-fault" role="alert" data-fault={fault.kind}>
      <h1>{t(`record.fault.${fault.kind}`)}</h1>
      <p>{t(`record.fault.${fault.kind}_what`)}</p>
      <p class="subtle small">
        <Foreign text={t("record.fault.id", { id, site })} />
      </p>
      <p class="row">
        {WORTH_TRYING.has(fault.kind) && <Button onClick={retry}>{t("record.try_again")}</Button>}
        <a class="button" href={address.worklist()}>
          {t("record.to_worklist")}
        </a>
      </p>
    </div>
  );
}
