import "./signin.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../components/button";
import { faultText } from "../components/fault";
import { Field } from "../components/field";
import { Appearance } from "../components/appearance";
import { type Cloud, Fault, type SecondFactor, isSecondFactor } from "../data/cloud";
import { takeNote } from "../ending";
import { t } from "../i18n";

export function SignIn({ cloud }: { readonly cloud: Cloud }) {
  const [second, setSecond] = useState<SecondFactor | null>(null);
  const [note] = useState(takeNote);
  useEffect(() => {
    document.title = `${t("shell.sign_in")} – Firstlight`;
  });
  return (
    <div class="signin">
      <main>
        <img src="./icon.svg" alt="" width={44} height={44} />
        <h1>Firstlight</h1>
        <p class="subtle">{t("shell.signin_about")}</p>
        {note && !second && <p class="notice">{t(note)}</p>}
        {second ? <Code second={second} onBack={() => setSecond(null)} /> : <Password cloud={cloud} onSecond={setSecond} />}
        <p class="subtle small">{t("shell.statement")}</p>
      </main>
      <footer>
        <Appearance />
      </footer>
    </div>
  );
}

/** Seconds until another try makes sense, counted down by the monotonic clock. */
function usePause(): readonly [number, (seconds: number) => void] {
  const [untilMs, setUntilMs] = useState(0);
  const [, tick] = useState(0);
  const left = Math.max(0, Math.ceil((untilMs - performance.now()) / 1000));
  useEffect(() => {
    if (left === 0) return;
    const timer = setTimeout(() => tick((n) => n + 1), 250);
    return () => clearTimeout(timer);
  });
  return [left, (seconds) => setUntilMs(performance.now() + seconds * 1000)];
}

interface Attempt {
  readonly busy: boolean;
  readonly problem: string | null;
  /** Says nothing where a pause is still running. */
  readonly run: (work: () => Promise<void>) => Promise<boolean>;
  readonly pausedS: number;
}

function useAttempt(): Attempt {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [pausedS, pause] = usePause();
  const run = async (work: () => Promise<void>): Promise<boolean> => {
    if (busy || pausedS > 0) return true;
    setBusy(true);
    setError(null);
    try {
      await work();
      return true;
    } catch (failure) {
      if (failure instanceof Fault && failure.kind === "paused") pause(failure.retryAfterS ?? 30);
      setError(failure);
      return false;
    } finally {
      setBusy(false);
    }
  };
  const paused = error instanceof Fault && error.kind === "paused";
  return { busy, pausedS, run, problem: error === null || paused ? null : faultText(error) };
}

function Problem({ attempt }: { readonly attempt: Attempt }) {
  return (
    <>
      <p class="notice urgent" role="alert" hidden={attempt.problem === null}>
        {attempt.problem}
      </p>
      {/* The seconds run outside the alert, or each of them would be read aloud. */}
      <p class="notice warning" hidden={attempt.pausedS === 0}>
        {t("shell.fault.paused", { seconds: attempt.pausedS })}
      </p>
    </>
  );
}

function Password({ cloud, onSecond }: { readonly cloud: Cloud; readonly onSecond: (second: SecondFactor) => void }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const attempt = useAttempt();
  const first = useRef<HTMLInputElement>(null);
  const secret = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const done = await attempt.run(async () => {
      const answer = await cloud.signIn(name.trim(), password);
      if (isSecondFactor(answer)) onSecond(answer);
    });
    if (!done) secret.current?.select();
  };
  return (
    <form class="stack" onSubmit={submit} aria-label={t("shell.sign_in")}>
      <Field label={t("shell.name")} name="name" value={name} onValue={setName} autoComplete="username" required inputRef={first} maxLength={200} />
      <Field
        label={t("shell.password")}
        name="password"
        type="password"
        value={password}
        onValue={setPassword}
        autoComplete="current-password"
        required
        inputRef={secret}
        maxLength={256}
      />
      <Problem attempt={attempt} />
      <Button type="submit" look="primary" disabled={attempt.busy || attempt.pausedS > 0}>
        {attempt.busy ? t("shell.signing_in") : t("shell.sign_in")}
      </Button>
    </form>
  );
}

function Code({ second, onBack }: { readonly second: SecondFactor; readonly onBack: () => void }) {
  const [code, setCode] = useState("");
  const attempt = useAttempt();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const done = await attempt.run(async () => void (await second.confirm(code.replaceAll(/\s/g, ""))));
    if (!done) field.current?.select();
  };
  return (
    <form class="stack" onSubmit={submit} aria-label={t("shell.sign_in")}>
      <Field
        label={t("shell.code")}
        hint={t("shell.code_hint")}
        name="code"
        value={code}
        onValue={setCode}
        autoComplete="one-time-code"
        inputMode="numeric"
        required
        inputRef={field}
        maxLength={10}
      />
      <Problem attempt={attempt} />
      <Button type="submit" look="primary" disabled={attempt.busy || attempt.pausedS > 0}>
        {attempt.busy ? t("shell.signing_in") : t("shell.confirm")}
      </Button>
      <Button look="quiet" onClick={onBack}>
        {t("shell.back")}
      </Button>
    </form>
  );
}
