import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Cloud, Counts, Cursor, Fault, WorklistQuery } from "./data/cloud";
import type { Summary } from "./data/record";
import { append, merge } from "./worklist-lines";

export interface Lines {
  readonly query: WorklistQuery;
  /** `null`: the first page is not there yet. */
  readonly lines: readonly Summary[] | null;
  readonly complete: boolean;
  readonly fault: Fault | null;
  readonly counts: Counts | null;
  /** The last lines that came while the list was shown, and how often some came. */
  readonly arrived: readonly Summary[];
  readonly arrivals: number;
}

const SETTLE_MS = 1_500;

/** Asks for the next page with `more`; `kept`: the id of the record that is being read, whose line stays. */
export function useWorklist(cloud: Cloud, query: WorklistQuery, kept: string | null): Lines & { readonly more: () => void } {
  const empty: Lines = { query, lines: null, complete: false, fault: null, counts: null, arrived: [], arrivals: 0 };
  const [state, setState] = useState<Lines>(empty);
  const reading = useRef(kept);
  reading.current = kept;
  const next = useRef<{ readonly query: WorklistQuery; cursor: Cursor | null; busy: boolean } | null>(null);

  useEffect(() => {
    const mine = { query, cursor: null as Cursor | null, busy: false };
    next.current = mine;
    setState((before) => ({ ...empty, counts: before.counts }));
    let counting: ReturnType<typeof setTimeout> | undefined;
    const count = (): void => {
      cloud.counts().then((counts) => next.current === mine && setState((s) => ({ ...s, counts })), () => undefined); // the list says what is wrong
    };
    count();
    const stop = cloud.watchWorklist(
      query,
      (page) => {
        if (next.current !== mine) return;
        // Who was away for long may have missed more than one page: what lies between is not known, so the list begins anew.
        setState((before) => {
          const first = before.lines === null;
          const gap = page.next !== null && !page.items.some((line) => before.lines?.some((known) => known.id === line.id));
          if (first || gap) mine.cursor = page.next;
          const known = gap ? before.lines?.filter((line) => line.id === reading.current) : before.lines;
          const { lines, arrived } = merge(known ?? [], page, null, reading.current);
          const news = first ? [] : arrived.filter((line) => line.reading === "unread");
          return { ...before, lines, fault: null, complete: mine.cursor === null, arrived: news, arrivals: before.arrivals + (news.length > 0 ? 1 : 0) };
        });
        clearTimeout(counting);
        counting = setTimeout(count, SETTLE_MS);
      },
      (fault) => next.current === mine && setState((before) => ({ ...before, fault })),
    );
    return () => {
      next.current = null;
      clearTimeout(counting);
      stop();
    };
  }, [cloud, query]);

  // The watch tells of the first page alone. What was opened further down is asked for when it is left, and shortly after it was opened.
  useEffect(() => {
    if (kept === null) return;
    const ask = (): void => {
      cloud.worklist({ reading: "all", urgency: null, modality: null, mine: false, find: kept }, null).then(
        ({ items }) => {
          const found = items.find((line) => line.id === kept);
          const fresh = (line: Summary): Summary => (found && line.id === kept ? found : line);
          if (found) setState((before) => ({ ...before, lines: before.lines?.map(fresh) ?? null }));
        },
        () => undefined, // the line stays as it was
      );
    };
    const soon = setTimeout(ask, SETTLE_MS);
    return () => {
      clearTimeout(soon);
      ask();
    };
  }, [cloud, kept]);

  const more = useCallback(() => {
    const mine = next.current;
    if (!mine || mine.busy || mine.cursor === null) return;
    mine.busy = true;
    const after = mine.cursor;
    cloud.worklist(mine.query, after).then(
      (page) => {
        mine.busy = false;
        if (next.current !== mine) return;
        mine.cursor = page.next;
        setState((before) => {
          const lines = append(before.lines ?? [], page, reading.current);
          return { ...before, lines, complete: page.next === null, fault: null };
        });
      },
      (fault: Fault) => {
        mine.busy = false;
        if (next.current === mine) setState((before) => ({ ...before, fault }));
      },
    );
  }, [cloud]);

  return { ...state, more };
}
