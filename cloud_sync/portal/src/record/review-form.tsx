import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Button, say } from "../components";
import type { Cloud, Session } from "../data/cloud";
import type { OpenedRecord, Review, Verdict } from "../data/record";
import { count, when } from "../format";
import { t } from "../i18n";
import { type Draft, EMPTY, keepDraft, readDraft } from "./draft";
import { arrivedSince, LONGEST_NOTE, ownStanding, VERDICTS } from "./reviewing";
import { Meanwhile, SignDialog } from "./sign-dialog";

interface Props {
  readonly cloud: Cloud;
  readonly session: Session;
  readonly record: OpenedRecord;
  /** All that are known, live. */
  readonly reviews: readonly Review[];
}

/** Verdict, note, and the step to signing. What is written stays in this tab until it is signed. */
export function ReviewForm({ cloud, session, record, reviews }: Props) {
  const { site, id } = record.summary;
  const [draft, setDraft] = useState<Draft>(() => readDraft(session.uid, site, id));
  const [asking, setAsking] = useState(false);
  const [missing, setMissing] = useState(false);
  const seen = useRef(new Set(reviews.map((review) => review.id)));
  const name = useId();
  useEffect(() => keepDraft(session.uid, site, id, draft), [draft]);

  const own = ownStanding(reviews, session.uid);
  const meanwhile = arrivedSince(reviews, seen.current, session.uid);
  const note = draft.note.trimEnd();
  const left = LONGEST_NOTE - note.length;
  const ask = (): void => {
    setMissing(draft.verdict === null);
    if (draft.verdict !== null && left >= 0) setAsking(true);
  };
  const sign = async (verdict: Verdict): Promise<void> => {
    await cloud.review(record, verdict, note, own?.id ?? null);
    for (const review of reviews) seen.current.add(review.id);
    setAsking(false);
    setDraft(EMPTY);
    say(t("review.signed"));
  };
  return (
    <form
      class="review-form"
      onSubmit={(event) => {
        event.preventDefault();
        ask();
      }}
    >
      <h3>{t(own ? "review.form_again" : "review.form")}</h3>
      {own && <p class="subtle small">{t("review.form_again_what", { time: when(own.at) })}</p>}
      <fieldset>
        <legend class="hidden-text">{t("review.verdict")}</legend>
        <div class="verdicts">
          {VERDICTS.map((verdict) => (
            <label key={verdict} class={draft.verdict === verdict ? "chosen" : ""}>
              <input
                type="radio"
                name={name}
                value={verdict}
                checked={draft.verdict === verdict}
                onChange={() => {
                  setDraft({ ...draft, verdict });
                  setMissing(false);
                }}
              />
              <span>
                <strong>{t(`review.verdict.${verdict}`)}</strong>
                <small>{t(`review.means.${verdict}`)}</small>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      {missing && <p class="error" role="alert">{t("review.choose_first")}</p>}
      <div class="field">
        <label for={`${name}-note`}>{t("review.note")}</label>
        <textarea
          id={`${name}-note`}
          class="input"
          dir="auto"
          rows={4}
          value={draft.note}
          aria-describedby={`${name}-left`}
          aria-invalid={left < 0}
          onInput={(event) => setDraft({ ...draft, note: event.currentTarget.value })}
        />
        <p id={`${name}-left`} class={left < 0 ? "error" : "hint"}>
          {left < 0 ? t("review.over", { count: count(-left) }) : t("review.left", { count: count(left) })}
        </p>
      </div>
      <div role="status">
        <Meanwhile reviews={meanwhile} />
      </div>
      <p class="row">
        <Button type="submit" look="primary" disabled={left < 0}>
          {t("review.go_on")}
        </Button>
        {(draft.verdict !== null || draft.note !== "") && <span class="subtle small">{t("review.draft")}</span>}
      </p>
      {asking && draft.verdict !== null && (
        <SignDialog
          session={session}
          record={record}
          verdict={draft.verdict}
          note={note}
          supersedes={own}
          meanwhile={meanwhile}
          sign={() => sign(draft.verdict as Verdict)}
          onClose={() => setAsking(false)}
        />
      )}
    </form>
  );
}
