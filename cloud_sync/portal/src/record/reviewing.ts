// What a record's reviews amount to. Nothing is ever removed: a second thought stands beside the first one, which it supersedes.

import type { Review, Verdict } from "../data/record";

export const VERDICTS: readonly Verdict[] = ["agree", "disagree", "recall", "not_assessable"];
export const LONGEST_NOTE = 4000;

/** Newest first. */
export function newestFirst(reviews: readonly Review[]): readonly Review[] {
  return [...reviews].sort((a, b) => b.at.localeCompare(a.at));
}

/** Ids of reviews that their own author took back; nobody can supersede another one's. */
export function superseded(reviews: readonly Review[]): ReadonlySet<string> {
  const authors = new Map(reviews.map((review) => [review.id, review.author]));
  return new Set(reviews.flatMap(({ supersedes, author }) => (supersedes !== null && authors.get(supersedes) === author ? [supersedes] : [])));
}

export function standing(reviews: readonly Review[]): readonly Review[] {
  const gone = superseded(reviews);
  return newestFirst(reviews).filter((review) => !gone.has(review.id));
}

/** The newest own review that still stands: what a second thought supersedes. */
export function ownStanding(reviews: readonly Review[], uid: string): Review | null {
  return standing(reviews).find((review) => review.author === uid) ?? null;
}

/** Reviews of others that came after `seen` was taken down. */
export function arrivedSince(reviews: readonly Review[], seen: ReadonlySet<string>, uid: string): readonly Review[] {
  return reviews.filter((review) => review.author !== uid && !seen.has(review.id));
}

export function inDisagreement(reviews: readonly Review[]): boolean {
  const found = standing(reviews);
  return new Set(found.map((review) => review.author)).size > 1 && new Set(found.map((review) => review.verdict)).size > 1;
}
