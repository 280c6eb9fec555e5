import { Lazy } from "./components/lazy";
import type { Cloud, Session } from "./data/cloud";
import { t } from "./i18n";
import { PAGES } from "./pages";
import { Worklist } from "./pages/worklist";
import { address, route } from "./router";

export function Shell({ cloud, session }: { readonly cloud: Cloud; readonly session: Session }) {
  const { page, params } = route.value;
  return (
    <div class="shell">
      <header class="bar">
        <nav aria-label={t("shell.pages")}>
          <a href={address.worklist()}>{t("shell.worklist")}</a>
        </nav>
      </header>
      <div class={`columns ${page}`}>
        {(page === "worklist" || page === "record") && <Worklist cloud={cloud} session={session} />}
        {page !== "worklist" && (
          <main id="main" tabIndex={-1}>
            <Lazy key={location.hash} load={PAGES[page]} props={{ cloud, session, params }} />
          </main>
        )}
      </div>
    </div>
  );
}
