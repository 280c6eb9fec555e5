// Reviews: written once, in one transaction with the worklist's line, which repeats the last verdict.

import { collection, doc, type DocumentReference, orderBy, query, type QueryDocumentSnapshot, runTransaction, serverTimestamp, getDocFromServer } from "firebase/firestore";
import { Fault, type Session, type Stop } from "./cloud";
import type { Connection } from "./firebase-connection";
import { isOffline, toFault, within } from "./firebase-faults";
import { listen } from "./firebase-live";
import { fieldsOf } from "./firebase-read";
import { LONGEST_NOTE, readable, readReview, SCHEMA } from "./read";
import type { OpenedRecord, Review, Verdict } from "./record";

export class Reviews {
  /** Under which id a review was sent whose answer was not heard: sent once more it is the same one. */
  private readonly sent = new Map<string, string>();

  constructor(
    private readonly connection: Connection,
    private readonly who: () => Session,
  ) {}

  watch(record: OpenedRecord, changed: (reviews: readonly Review[]) => void, failed: (fault: Fault) => void): Stop {
    const key = `reviews/${record.summary.site}/${record.summary.id}`;
    const keep = this.connection.keeper();
    const heard = (docs: readonly QueryDocumentSnapshot[]): void => {
      const [reviews, fault] = readable(docs, (one) => readReview(fieldsOf(one), one.id));
      if (fault === null) void keep(key, reviews, JSON.stringify(reviews).length);
      changed(reviews);
      if (fault !== null) failed(toFault(fault)); // after the others, which are shown all the same: what is known hides no fault
    };
    const silent = async (fault: Fault): Promise<void> => {
      const held = fault.kind === "offline" ? await this.connection.kept.get(key) : undefined;
      if (held !== undefined) changed(held as readonly Review[]);
      failed(fault);
    };
    const asked = query(collection(this.record(record), "reviews"), orderBy("at", "asc"));
    return listen(asked, heard, (fault) => void silent(fault));
  }

  async sign(record: OpenedRecord, verdict: Verdict, note: string, supersedes: string | null): Promise<Review> {
    if ([...note].length > LONGEST_NOTE) throw new Fault("too_large", `A note has at most ${LONGEST_NOTE} characters.`);
    const { uid } = this.who();
    if (isOffline()) throw toFault({ code: "unavailable" });
    const same = JSON.stringify([uid, record.summary.site, record.summary.id, verdict, note, supersedes]);
    const reviews = collection(this.record(record), "reviews");
    const review = this.sent.has(same) ? doc(reviews, this.sent.get(same)) : doc(reviews);
    this.sent.set(same, review.id);
    await within(this.write(review, record, verdict, note, supersedes), undefined, unheard);
    this.sent.delete(same);
    const stored = await within(getDocFromServer(review));
    return readReview(fieldsOf(stored), review.id);
  }

  private async write(review: DocumentReference, record: OpenedRecord, verdict: Verdict, note: string, supersedes: string | null): Promise<void> {
    const { uid, name } = this.who();
    const { site, id } = record.summary;
    const line = doc(this.connection.db, "sites", site, "worklist", id);
    await runTransaction(this.connection.db, async (transaction) => {
      if ((await transaction.get(review)).exists()) return;
      const patient = (await transaction.get(line)).get("patient") as string | null;
      transaction.set(review, {
        schema: SCHEMA,
        record: id,
        record_sha256: record.sha256,
        patient,
        author: uid,
        author_name: name,
        verdict,
        note,
        supersedes,
        at: serverTimestamp(),
      });
      transaction.update(line, { reading: "reviewed", to_do: false, last_verdict: verdict, last_review: review.id });
    });
  }

  private record(record: OpenedRecord): DocumentReference {
    return doc(this.connection.db, "sites", record.summary.site, "records", record.summary.id);
  }
}

function unheard(): Fault {
  return new Fault("unavailable", "The cloud did not say in time whether it has the review. Send it again: it will be there once.");
}
