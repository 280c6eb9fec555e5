import "./plain.css";
import { useEffect, useState } from "preact/hooks";
import { Appearance } from "../components/appearance";
import { Button } from "../components/button";
import { faultText } from "../components/fault";
import { Check, Field } from "../components/field";
import { say } from "../components/toast";
import type { Cloud, TotpEnrolment } from "../data/cloud";
import { endSession } from "../ending";
import { t } from "../i18n";
import { chooseSingleKeys, singleKeys } from "../preferences";
import type { PageProps } from "./page";

export default function Settings({ cloud, session }: PageProps) {
  return (
    <div class="plain-page narrow">
      <h1>{t("shell.settings")}</h1>
      <section aria-labelledby="appearance">
        <h2 id="appearance">{t("shell.appearance")}</h2>
        <Appearance />
      </section>
      <section aria-labelledby="keys">
        <h2 id="keys">{t("shell.keys")}</h2>
        <Check checked={singleKeys.value} onChoose={chooseSingleKeys}>
          {t("shell.single_keys")}
        </Check>
        <p class="subtle small">{t("shell.single_keys_about")}</p>
      </section>
      <section aria-labelledby="second-factor">
        <h2 id="second-factor">{t("shell.totp")}</h2>
        <Totp cloud={cloud} />
      </section>
      <section aria-labelledby="account">
        <h2 id="account">{t("shell.account")}</h2>
        <p>
          <bdi>{session.name}</bdi> · {t(`shell.role_${session.role}`)} · <bdi>{session.site}</bdi>
        </p>
        <Button onClick={() => void endSession(cloud, "signed_out")}>{t("shell.sign_out")}</Button>
      </section>
    </div>
  );
}

function Totp({ cloud }: { readonly cloud: Cloud }) {
  const [enrolment, setEnrolment] = useState<TotpEnrolment | null | undefined>(undefined);
  const [error, setError] = useState<unknown>(null);
  const begin = (): void => {
    setError(null);
    cloud.beginTotp().then(setEnrolment, setError);
  };
  if (enrolment === null) return <p class="subtle">{t("shell.totp_not_here")}</p>;
  if (enrolment) return <Enrol enrolment={enrolment} onDone={() => setEnrolment(undefined)} />;
  return (
    <>
      <p class="subtle">{t("shell.totp_about")}</p>
      {error !== null && (
        <p class="notice urgent" role="alert">
          {faultText(error)}
        </p>
      )}
      <Button onClick={begin}>{t("shell.totp_begin")}</Button>
    </>
  );
}

function Enrol({ enrolment, onDone }: { readonly enrolment: TotpEnrolment; readonly onDone: () => void }) {
  const [code, setCode] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => document.querySelector<HTMLInputElement>("[name=totp-code]")?.focus(), []);
  const confirm = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await enrolment.confirm(code.replaceAll(/\s/g, ""));
      say(t("shell.totp_done"));
      onDone();
    } catch (error) {
      setProblem(faultText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="stack" onSubmit={confirm} aria-labelledby="second-factor">
      <p>{t("shell.totp_steps")}</p>
      <p>
        <a class="button" href={enrolment.uri.startsWith("otpauth://") ? enrolment.uri : "#/settings"}>
          {t("shell.totp_open")}
        </a>
      </p>
      <p>
        {t("shell.totp_secret")}{" "}
        <code class="ltr secret">{enrolment.secret.replaceAll(/(.{4})(?=.)/g, "$1 ")}</code>
      </p>
      <Field
        label={t("shell.code")}
        name="totp-code"
        value={code}
        onValue={setCode}
        inputMode="numeric"
        autoComplete="one-time-code"
        required
        maxLength={10}
        error={problem}
      />
      <div class="row">
        <Button type="submit" look="primary" disabled={busy}>
          {t("shell.confirm")}
        </Button>
        <Button look="quiet" onClick={onDone}>
          {t("shell.cancel")}
        </Button>
      </div>
    </form>
  );
}
