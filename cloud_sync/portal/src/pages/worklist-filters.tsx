import type { Ref } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { WorklistQuery } from "../data/cloud";
import { t } from "../i18n";

/** What a morning begins with. */
export const START: WorklistQuery = { reading: "to_do", urgency: null, modality: null, mine: false, find: "" };

const PAUSE_MS = 250;

interface Props {
  readonly query: WorklistQuery;
  readonly onQuery: (query: WorklistQuery) => void;
  readonly findRef: Ref<HTMLInputElement>;
  /** Enter in the field for finding. */
  readonly onDone: () => void;
}

export function Filters({ query, onQuery, findRef, onDone }: Props) {
  return (
    <form role="search" aria-label={t("worklist.filters")} onSubmit={(event) => event.preventDefault()}>
      <Find query={query} onQuery={onQuery} findRef={findRef} onDone={onDone} />
      <div class="filters">
        <Choice
          label={t("worklist.filter_reading")}
          value={query.reading}
          values={["to_do", "unread", "opened", "reviewed", "all"]}
          text={(value) => t(`worklist.show_${value}`)}
          onChoose={(reading) => onQuery({ ...query, reading })}
        />
        <Choice
          label={t("worklist.filter_urgency")}
          value={query.urgency ?? "any"}
          values={["any", "look_first", "not_assessed", "routine"]}
          text={(value) => t(`worklist.urgency_${value}`)}
          onChoose={(value) => onQuery({ ...query, urgency: value === "any" ? null : value })}
        />
        <Choice
          label={t("worklist.filter_modality")}
          value={query.modality ?? "any"}
          values={["any", "thermal", "mri"]}
          text={(value) => t(`worklist.modality_${value}`)}
          onChoose={(value) => onQuery({ ...query, modality: value === "any" ? null : value })}
        />
        <label class="check">
          <input type="checkbox" checked={query.mine} onChange={(event) => onQuery({ ...query, mine: event.currentTarget.checked })} />
          <span>{t("worklist.mine")}</span>
        </label>
      </div>
    </form>
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly values: readonly T[];
  readonly text: (value: T) => string;
  readonly onChoose: (value: T) => void;
}

/** Its text says what it filters, so its label is for those who do not see where it stands. */
function Choice<T extends string>({ label, value, values, text, onChoose }: ChoiceProps<T>) {
  const chosen = (event: { readonly currentTarget: HTMLSelectElement }): void => {
    const found = values.find((known) => known === event.currentTarget.value);
    if (found !== undefined) onChoose(found);
  };
  return (
    <select class="input" aria-label={label} value={value} onChange={chosen}>
      {values.map((known) => (
        <option key={known} value={known}>
          {text(known)}
        </option>
      ))}
    </select>
  );
}

function Find({ query, onQuery, findRef, onDone }: Props) {
  const [text, setText] = useState(query.find);
  const asked = useRef(query.find);
  useEffect(() => {
    if (query.find !== asked.current) setText(query.find);
    asked.current = query.find;
  }, [query.find]);
  const ask = (find: string): void => {
    if (find === asked.current) return;
    asked.current = find;
    onQuery({ ...query, find });
  };
  useEffect(() => {
    const timer = setTimeout(() => ask(text.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  });
  const pressed = (event: KeyboardEvent & { readonly currentTarget: HTMLInputElement }): void => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") setText("");
    ask(event.key === "Escape" ? "" : text.trim());
    event.currentTarget.blur();
    if (event.key === "Enter") onDone();
  };
  return (
    <div class="find">
      <input
        ref={findRef}
        class="input"
        type="search"
        name="find"
        value={text}
        aria-label={t("worklist.find")}
        placeholder={t("worklist.find")}
        aria-keyshortcuts="/"
        maxLength={64}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={pressed}
      />
      <kbd aria-hidden="true">/</kbd>
    </div>
  );
}
