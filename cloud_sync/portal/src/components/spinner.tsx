import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n";

/** Says at first nothing, after 3 s that it takes longer than usual, and until when it will be given up. */
export function Spinner({ what, deadlineS = 20 }: { readonly what?: string; readonly deadlineS?: number }) {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const began = performance.now();
    const timer = setInterval(() => setSeconds(Math.floor((performance.now() - began) / 1000)), 1000);
    return () => clearInterval(timer);
  }, []);
  const left = Math.max(0, deadlineS - seconds);
  return (
    <p class="spinner" role="status">
      <span>
        {what ?? t("shell.loading")}
        {seconds >= 3 && <span aria-hidden="true"> {t("shell.loading_deadline", { seconds: left })}</span>}
      </span>
    </p>
  );
}
