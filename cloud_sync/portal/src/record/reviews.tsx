import type { Session } from "../data/cloud";
import type { Review } from "../data/record";
import { when } from "../format";
import { t } from "../i18n";
import { Foreign } from "./foreign";
import { newestFirst, superseded } from "./reviewing";
import { verdictWords } from "./words";

/** Every review, newest first; what its author took back stays, marked. */
export function ReviewList({ reviews, session }: { readonly reviews: readonly Review[]; readonly session: Session }) {
  const gone = superseded(reviews);
  if (reviews.length === 0) return <p class="subtle">{t("review.none")}</p>;
  return (
    <ol class="reviews">
      {newestFirst(reviews).map((review) => (
        <li key={review.id} class={gone.has(review.id) ? "superseded" : ""} data-review={review.id}>
          <p class="row">
            <strong class="verdict">{verdictWords(review.verdict)}</strong>
            <span>
              <Foreign text={review.authorName} />
              {review.author === session.uid && ` (${t("review.you")})`}
            </span>
            <time dateTime={review.at}>{when(review.at)}</time>
            {review.supersedes !== null && <span class="chip">{t("review.supersedes")}</span>}
          </p>
          {gone.has(review.id) && <p class="small subtle">{t("review.superseded")}</p>}
          {review.note !== "" && (
            <p class="note">
              <Foreign text={review.note} lines />
            </p>
          )}
        </li>
      ))}
    </ol>
  );
}
