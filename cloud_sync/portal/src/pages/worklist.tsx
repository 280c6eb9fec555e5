import "./worklist.css";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Button } from "../components/button";
import { Empty } from "../components/empty";
import { FaultView, faultText } from "../components/fault";
import { useKeys } from "../components/keys";
import { Spinner } from "../components/spinner";
import { say } from "../components/toast";
import type { Cloud, Counts, Session, WorklistQuery } from "../data/cloud";
import type { Summary } from "../data/record";
import { count } from "../format";
import { t } from "../i18n";
import { type PageName, address, go } from "../router";
import { useWorklist } from "../use-worklist";
import { shift } from "../worklist-lines";
import { Filters, START } from "./worklist-filters";
import { LINE_PX, Line } from "./worklist-line";

const OVERSCAN = 8;
/** Ask for the next page when so many lines are left below. */
const AHEAD = 60;

interface Props {
  readonly cloud: Cloud;
  readonly session: Session;
  readonly page: PageName;
  /** Id of the record beside the list. */
  readonly open: string | null;
}

export function Worklist({ cloud, page, open }: Props) {
  const [query, setQuery] = useState<WorklistQuery>(START);
  const { lines, complete, fault, counts, more, arrived, arrivals } = useWorklist(cloud, query, open);
  const [selected, setSelected] = useState<string | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const find = useRef<HTMLInputElement>(null);
  const view = useView(box, lines);
  const all = lines ?? [];
  const at = all.findIndex((line) => line.id === selected);
  useEffect(() => {
    if (open !== null) setSelected(open);
  }, [open]);
  useEffect(() => {
    if (lines && !complete && fault === null && view.last > all.length - AHEAD) more();
  });
  useEffect(() => view.toTop(), [query]);
  useEffect(() => {
    const seen = page === "worklist" || (page === "record" && !narrow());
    if (!seen && arrived.some((line) => line.urgency === "look_first")) say(t("worklist.arrived_urgent"));
  }, [arrivals]);

  const select = (to: number): void => {
    const line = all[Math.min(all.length - 1, Math.max(0, to))];
    if (!line) return;
    setSelected(line.id);
    view.reveal(all.indexOf(line));
  };
  const openSelected = (): void => {
    const line = all[Math.max(0, at)];
    if (line) go(address.record(line.site, line.id));
  };
  const shown = page === "worklist" || page === "record";
  useKeys(
    shown
      ? {
          j: () => select(at + 1),
          k: () => select(at < 0 ? 0 : at - 1),
          Enter: () => openSelected(),
          "/": () => (open !== null && narrow() ? go(address.worklist()) : find.current?.select()),
          u: () => setQuery({ ...query, reading: query.reading === "unread" ? "to_do" : "unread" }),
          ...(page === "worklist" && { r: () => openSelected() }),
        }
      : {},
  );
  return (
    <section class="worklist" {...(page === "worklist" ? { id: "main", role: "main" } : { role: "region" })} aria-label={t("worklist.title")} tabIndex={-1}>
      <header>
        <Heading counts={counts} />
        <Filters query={query} onQuery={setQuery} findRef={find} onDone={() => select(0)} />
      </header>
      <Arrivals arrived={arrived} arrivals={arrivals} above={view.scrolledDown} onShow={() => view.toTop()} />
      {fault !== null && lines !== null && (
        <p class="notice warning" role="status">
          {faultText(fault)}
        </p>
      )}
      <div class="list" ref={box} onScroll={view.scrolled} onKeyDown={(event) => arrows(event, at, select, openSelected)}>
        {lines === null && (fault === null ? <Spinner /> : <FaultView error={fault} retry={() => setQuery({ ...query })} />)}
        {lines !== null && lines.length === 0 && <Nothing query={query} onQuery={setQuery} />}
        {lines !== null && lines.length > 0 && (
          <ol style={{ blockSize: `${all.length * LINE_PX}px` }} role="list" aria-label={t("worklist.lines")}>
            {all.slice(view.first, view.last).map((line, index) => (
              <Line
                key={line.id}
                line={line}
                at={view.first + index}
                total={complete ? all.length : -1}
                selected={line.id === selected}
                open={line.id === open}
                focusable={line.id === selected || (at < 0 && view.first + index === 0)}
              />
            ))}
          </ol>
        )}
        {lines !== null && !complete && (fault === null ? <Spinner what={t("worklist.more")} /> : <Cut shown={all.length} onMore={more} />)}
      </div>
    </section>
  );
}

const narrow = (): boolean => matchMedia("(max-width: 860px)").matches;

/** Within the list. Who is quick presses Enter before the focus has followed to the line that was selected: that one is meant. */
function arrows(event: KeyboardEvent, at: number, select: (to: number) => void, open: () => void): void {
  if (event.key === "Enter" && at >= 0 && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    open();
    return;
  }
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, PageDown: at + 8, PageUp: at - 8 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  select(to);
}

interface View {
  readonly first: number;
  readonly last: number;
  /** The newest lines are out of sight. */
  readonly scrolledDown: boolean;
  readonly scrolled: () => void;
  readonly reveal: (at: number) => void;
  readonly toTop: () => void;
}

/** Which lines are drawn. When lines come or go above, what is being read stays where it is. */
function useView(box: { readonly current: HTMLDivElement | null }, lines: readonly Summary[] | null): View {
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(900);
  const before = useRef<readonly Summary[] | null>(null);
  useEffect(() => {
    const list = box.current;
    if (!list) return;
    const watcher = new ResizeObserver(() => setHeight(list.clientHeight || 900));
    watcher.observe(list);
    return () => watcher.disconnect();
  }, [box]);
  useLayoutEffect(() => {
    const list = box.current;
    if (list && lines && before.current && lines !== before.current) {
      const moved = shift(before.current, lines, Math.floor(list.scrollTop / LINE_PX));
      // At the very top and with nobody at the list, what is new may show itself.
      const busy = list.scrollTop > 0 || list.matches(":hover, :focus-within") || list.querySelector("[aria-current]") !== null;
      if (moved !== 0 && busy) list.scrollTop += moved * LINE_PX;
      setTop(list.scrollTop);
    }
    before.current = lines;
  }, [lines]);
  const length = lines?.length ?? 0;
  const first = Math.max(0, Math.min(length - 1, Math.floor(top / LINE_PX)) - OVERSCAN);
  const last = Math.min(length, Math.ceil((top + height) / LINE_PX) + OVERSCAN);
  return {
    first,
    last,
    scrolledDown: top >= LINE_PX / 2,
    scrolled: () => box.current && setTop(box.current.scrollTop),
    reveal: (at) => {
      const list = box.current;
      if (!list) return;
      const [start, end] = [at * LINE_PX, (at + 1) * LINE_PX];
      if (start < list.scrollTop) list.scrollTop = start;
      else if (end > list.scrollTop + list.clientHeight) list.scrollTop = end - list.clientHeight;
      setTop(list.scrollTop);
      // Once the line is drawn. The focus goes along, so that Enter opens what is selected, and a screen reader says it; but not
      // away from a field in which somebody began to type meanwhile.
      requestAnimationFrame(() => {
        if (document.activeElement instanceof HTMLInputElement) return;
        list.querySelector<HTMLElement>('a[tabindex="0"]')?.focus({ preventScroll: true });
      });
    },
    toTop: () => {
      if (box.current) box.current.scrollTop = 0;
      setTop(0);
    },
  };
}

function Heading({ counts }: { readonly counts: Counts | null }) {
  return (
    <div class="heading">
      <h1>{t("worklist.title")}</h1>
      {counts && (
        <p class="subtle small">
          {t("worklist.counts", { unread: count(counts.unread), to_do: count(counts.toDo), total: count(counts.total) })}
        </p>
      )}
    </div>
  );
}

interface ArrivalsProps {
  readonly arrived: readonly Summary[];
  readonly arrivals: number;
  readonly above: boolean;
  readonly onShow: () => void;
}

/** Says what came, and how to get there; goes when it was seen. */
function Arrivals({ arrived, arrivals, above, onShow }: ArrivalsProps) {
  const [unseen, setUnseen] = useState(0);
  useEffect(() => {
    if (arrivals > 0) setUnseen((n) => n + arrived.length);
  }, [arrivals]);
  useEffect(() => {
    if (unseen === 0 || above) return;
    const timer = setTimeout(() => setUnseen(0), 6_000);
    return () => clearTimeout(timer);
  }, [unseen, above]);
  const urgent = arrived.some((line) => line.urgency === "look_first");
  const text = unseen === 0 ? "" : t(unseen === 1 ? "worklist.arrived_one" : "worklist.arrived", { n: unseen });
  return (
    <div class={`arrivals ${urgent ? "urgent" : ""}`}>
      <span role="status" class={above || unseen === 0 ? "hidden-text" : ""}>
        {text}
      </span>
      {unseen > 0 && above && (
        <Button
          onClick={() => {
            setUnseen(0);
            onShow();
          }}
        >
          <span aria-hidden="true">↑</span> {text}
        </Button>
      )}
    </div>
  );
}

/** The rest could not be fetched: nobody should take what is shown for everything. */
function Cut({ shown, onMore }: { readonly shown: number; readonly onMore: () => void }) {
  return (
    <p class="cut row">
      <span>{t("worklist.cut", { shown: count(shown) })}</span>
      <Button onClick={onMore}>{t("worklist.load_more")}</Button>
    </p>
  );
}

function Nothing({ query, onQuery }: { readonly query: WorklistQuery; readonly onQuery: (query: WorklistQuery) => void }) {
  const { find } = query;
  const filtered = query.urgency !== null || query.modality !== null || query.mine || query.reading !== "all";
  const found = filtered ? "nothing_found_filtered" : "nothing_found";
  const listed = query.reading === "to_do" ? "nothing_to_do" : filtered ? "nothing_filtered" : "nothing_yet";
  return (
    <Empty title={t(`worklist.${find === "" ? listed : found}`)}>
      {find !== "" && <p>{t("worklist.nothing_found_hint")}</p>}
      {find !== "" && filtered && <Button onClick={() => onQuery({ ...START, reading: "all", find })}>{t("worklist.find_in_all")}</Button>}
      {find !== "" || filtered ? (
        <Button onClick={() => onQuery({ ...START, reading: "all" })}>{t("worklist.show_everything")}</Button>
      ) : (
        <p>{t("worklist.nothing_yet_hint")}</p>
      )}
    </Empty>
  );
}
