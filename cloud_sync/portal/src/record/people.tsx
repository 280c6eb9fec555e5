import { Button, faultText } from "../components";
import type { Cloud, Session } from "../data/cloud";
import type { OpenedRecord } from "../data/record";
import { when } from "../format";
import { t } from "../i18n";
import { Foreign } from "./foreign";
import { Panel } from "./panels";
import { ReviewForm } from "./review-form";
import { inDisagreement, standing } from "./reviewing";
import { ReviewList } from "./reviews";
import type { Reviews } from "./use-reviews";
import { verdictWords } from "./words";

/** In short, beside what the machine said. */
export function PeopleAtAGlance({ reviews }: { readonly reviews: Reviews }) {
  const found = reviews.reviews === null ? [] : standing(reviews.reviews);
  return (
    <Panel kind="person" title={t("review.people")}>
      {reviews.reviews === null ? <p class="subtle">{reviews.fault ? faultText(reviews.fault) : t("review.loading")}</p> : found.length === 0 && <p>{t("review.none")}</p>}
      {found.slice(0, 3).map((review) => (
        <p key={review.id} class="figure">
          {verdictWords(review.verdict)}
          <small>
            <Foreign text={review.authorName} /> · {when(review.at)}
          </small>
        </p>
      ))}
      {reviews.reviews !== null && inDisagreement(reviews.reviews) && <p class="strong">{t("review.disagreement")}</p>}
    </Panel>
  );
}

interface Props {
  readonly cloud: Cloud;
  readonly session: Session;
  readonly record: OpenedRecord;
  readonly reviews: Reviews;
  readonly reopen: () => void;
}

/** All that doctors said, and where to say it. */
export function People({ cloud, session, record, reviews, reopen }: Props) {
  return (
    <Panel kind="person" title={t("review.people")}>
      {reviews.fault && (
        <div class="notice warning" role="alert">
          <p>{reviews.fault.kind === "not_allowed" ? t("review.expired") : t("review.unread", { reason: faultText(reviews.fault) })}</p>
          <Button onClick={reopen}>{t("review.open_again")}</Button>
        </div>
      )}
      {reviews.reviews === null ? !reviews.fault && <p class="subtle">{t("review.loading")}</p> : <ReviewList reviews={reviews.reviews} session={session} />}
      {session.role !== "doctor" ? (
        <p class="subtle">{t("review.only_doctors")}</p>
      ) : (
        reviews.reviews !== null && <ReviewForm cloud={cloud} session={session} record={record} reviews={reviews.reviews} />
      )}
    </Panel>
  );
}
