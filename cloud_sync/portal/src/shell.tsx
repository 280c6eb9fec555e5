import "./shell.css";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Dialog } from "./components/dialog";
import { useKeys } from "./components/keys";
import { KeysHelp } from "./components/keys-help";
import { Lazy } from "./components/lazy";
import { Menu, type MenuItem } from "./components/menu";
import { Button } from "./components/button";
import { Toasts } from "./components/toast";
import type { Cloud, Session, SiteInfo } from "./data/cloud";
import { endSession } from "./ending";
import { LANGUAGES, type Language, language, t } from "./i18n";
import { Idle } from "./idle";
import { PAGES } from "./pages";
import { Worklist } from "./pages/worklist";
import { type Theme, chooseLanguage, chooseTheme, theme } from "./preferences";
import { type PageName, address, go, route } from "./router";

interface Props {
  readonly cloud: Cloud;
  readonly session: Session;
}

export function Shell({ cloud, session }: Props) {
  const { page, params } = route.value;
  const [help, setHelp] = useState(false);
  const main = useRef<HTMLElement>(null);
  const idle = useCallback(() => void endSession(cloud, "idle"), [cloud]);
  const listed = useRef(false);
  listed.current ||= page === "worklist" || page === "record";
  useTitle(page, params);
  useFocusOnArrival(main);
  useKeys({
    "?": () => setHelp(true),
    Escape: () => page !== "worklist" && go(address.worklist()),
  });
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={(event) => skip(event, main.current)}>
        {t("shell.skip")}
      </a>
      <Bar cloud={cloud} session={session} page={page} onHelp={() => setHelp(true)} />
      <div class={`columns at-${page}`}>
        {listed.current && <Worklist cloud={cloud} session={session} page={page} open={page === "record" ? (params.id ?? null) : null} />}
        {page !== "worklist" && (
          <main id="main" tabIndex={0} ref={main}>
            <Lazy key={location.hash} load={PAGES[page]} props={{ cloud, session, params }} />
          </main>
        )}
        {page === "worklist" && (
          <aside class="nothing-open subtle" aria-label={t("shell.record")}>
            {t("shell.nothing_open")}
          </aside>
        )}
      </div>
      {help && (
        <Dialog title={t("shell.keys")} onClose={() => setHelp(false)} footer={<MoreHelp onOpen={() => setHelp(false)} />}>
          <KeysHelp />
        </Dialog>
      )}
      <Idle onEnd={idle} />
      <Toasts />
    </div>
  );
}

function MoreHelp({ onOpen }: { readonly onOpen: () => void }) {
  return (
    <a class="button" href={address.help()} onClick={onOpen}>
      {t("shell.more_help")}
    </a>
  );
}

function skip(event: Event, main: HTMLElement | null): void {
  event.preventDefault(); // the address after the # names the page
  (document.querySelector<HTMLElement>(".at-worklist .list a[tabindex='0']") ?? main)?.focus();
}

function useTitle(page: PageName, params: Readonly<Record<string, string>>): void {
  useEffect(() => {
    const about = page === "patient" ? params.ref : t(`shell.${page}`);
    document.title = `${about} – Firstlight`;
  });
}

/** Whoever opens a page by keyboard or with a screen reader goes on in it. Not when the portal itself has just been opened. */
function useFocusOnArrival(main: { readonly current: HTMLElement | null }): void {
  const shown = route.value;
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) main.current?.focus({ preventScroll: true });
    first.current = false;
  }, [shown, main]);
}

interface BarProps extends Props {
  readonly page: PageName;
  readonly onHelp: () => void;
}

function Bar({ cloud, session, page, onHelp }: BarProps) {
  const places: readonly (readonly [PageName, string])[] = [
    ["worklist", address.worklist()],
    ["fleet", address.fleet()],
    ...(session.role === "administrator" ? ([["audit", address.audit()]] as const) : []),
  ];
  const here = page === "record" || page === "patient" || page === "compare" ? "worklist" : page;
  return (
    <header class="bar">
      <a class="brand" href={address.worklist()} aria-label="Firstlight">
        <img src="./icon.svg" alt="" width={24} height={24} />
        <span>Firstlight</span>
      </a>
      <nav aria-label={t("shell.pages")}>
        {places.map(([name, to]) => (
          <a key={name} class="button quiet" href={to} aria-current={here === name ? "page" : undefined}>
            {t(`shell.${name}`)}
          </a>
        ))}
      </nav>
      <SiteName cloud={cloud} />
      <span class="spacer" />
      <Connection />
      <Button look="quiet" class="help" onClick={onHelp} aria-label={t("shell.keys")} aria-keyshortcuts="?">
        <kbd aria-hidden="true">?</kbd>
      </Button>
      <Menu label={t("shell.menu_of", { name: session.name })} items={menu(cloud)}>
        <bdi class="who">{session.name}</bdi>
        <span class="arrow" aria-hidden="true">
          ▾
        </span>
        <span class="lines" aria-hidden="true">
          ☰
        </span>
      </Menu>
    </header>
  );
}

function menu(cloud: Cloud): readonly MenuItem[] {
  const themes = (["system", "light", "dark"] as const satisfies readonly Theme[]).map((name) => ({
    text: `${t("shell.theme")}: ${t(`shell.theme_${name}`)}`,
    chosen: theme.value === name,
    onChoose: () => chooseTheme(name),
  }));
  const languages = (Object.keys(LANGUAGES) as Language[]).map((name) => ({
    text: LANGUAGES[name].name,
    chosen: language.value === name,
    onChoose: () => void chooseLanguage(name).catch(() => undefined),
  }));
  return [
    { text: t("shell.settings"), onChoose: () => go(address.settings()) },
    { text: t("shell.help"), onChoose: () => go(address.help()) },
    ...languages,
    ...themes,
    { text: t("shell.sign_out"), onChoose: () => void endSession(cloud, "signed_out") },
  ];
}

/** Two sites look alike; whoever works for both must see where they are. */
function SiteName({ cloud }: { readonly cloud: Cloud }) {
  const [site, setSite] = useState<SiteInfo | null>(null);
  useEffect(() => {
    let wanted = true;
    cloud.site().then((found) => wanted && setSite(found), () => undefined); // offline: the pages say so themselves
    return () => {
      wanted = false;
    };
  }, [cloud]);
  return site && <bdi class="site subtle">{site.name}</bdi>;
}

function Connection() {
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const changed = (): void => setOnline(navigator.onLine);
    addEventListener("online", changed);
    addEventListener("offline", changed);
    return () => {
      removeEventListener("online", changed);
      removeEventListener("offline", changed);
    };
  }, []);
  return <span role="status">{!online && <span class="chip warning">{t("shell.offline")}</span>}</span>;
}
