import { useEffect, useState } from "preact/hooks";
import { FaultView } from "./components/fault";
import { Spinner } from "./components/spinner";
import type { Cloud, Session } from "./data/cloud";
import { t } from "./i18n";
import { SignIn } from "./pages/signin";
import { Shell } from "./shell";

/** Sign-in or shell: nothing of a record is mounted without a session. */
export function App({ cloud }: { readonly cloud: Cloud }) {
  const [session, setSession] = useState<Session | null | undefined>(undefined);
  const [failed, setFailed] = useState<unknown>(null);
  useEffect(() => {
    try {
      return cloud.onSession(setSession);
    } catch (error) {
      setFailed(error);
      return undefined;
    }
  }, [cloud]);
  if (failed !== null) return <FaultView error={failed} retry={() => location.reload()} />;
  if (session === undefined) return <Spinner what={t("shell.loading")} />;
  if (session === null) return <SignIn cloud={cloud} />;
  return <Shell key={session.uid} cloud={cloud} session={session} />;
}
