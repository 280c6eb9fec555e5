import { useEffect, useRef, useState } from "preact/hooks";
import { FaultView } from "./components/fault";
import { Spinner } from "./components/spinner";
import type { Cloud, Session } from "./data/cloud";
import { ending, loadAnew, sessionEnded } from "./ending";
import { language, t } from "./i18n";
import { SignIn } from "./pages/signin";
import { Shell } from "./shell";

/** Sign-in or shell: nothing of a record is mounted without a session. */
export function App({ cloud }: { readonly cloud: Cloud }) {
  const [session, setSession] = useState<Session | null | undefined>(undefined);
  const [failed, setFailed] = useState<unknown>(null);
  const before = useRef<Session | null>(null);
  useEffect(() => {
    try {
      return cloud.onSession((now) => {
        // Nobody any more, or another person: all of the page goes.
        if (before.current && !now) sessionEnded(cloud);
        else if (before.current && now && before.current.uid !== now.uid) loadAnew();
        else before.current = now;
        setSession(now);
      });
    } catch (error) {
      setFailed(error);
      return undefined;
    }
  }, [cloud]);
  if (failed !== null) return <FaultView error={failed} retry={() => location.reload()} />;
  if (session === undefined || ending.value) return <Spinner what={t("shell.loading")} />;
  if (session === null) return <SignIn cloud={cloud} />;
  return <Shell key={`${session.uid} ${language.value}`} cloud={cloud} session={session} />;
}
