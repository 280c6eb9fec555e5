// The worklist: pages of 100 out of as few queries as will do, and the same queries listened to.

import {
  collection,
  documentId,
  type FieldPath,
  getCountFromServer,
  getDocsFromServer,
  limit,
  orderBy,
  type Query,
  query,
  type QueryConstraint,
  type QueryDocumentSnapshot,
  startAfter,
  Timestamp,
  where,
} from "firebase/firestore";
import type { Counts, Cursor, Fault, Page, Session, Stop, WorklistQuery } from "./cloud";
import { asks, type Asks, type Field, type Line, lineOf, PAGE, pageOf } from "./firebase-asks";
import type { Connection } from "./firebase-connection";
import { DEADLINE_MS, toFault, within } from "./firebase-faults";
import { listen } from "./firebase-live";
import { summaryOf } from "./firebase-read";
import { oldestFirst } from "./read";
import type { Summary } from "./record";

/** Lines of a patient in one answer; there are as many answers as it takes. */
const OF_PATIENT = 500;

type Snapshot = QueryDocumentSnapshot;
interface Shown extends Line {
  readonly snapshot: Snapshot;
}

export class Worklist {
  constructor(
    private readonly connection: Connection,
    private readonly who: () => Session,
  ) {}

  async counts(): Promise<Counts> {
    const lines = this.lines();
    const count = async (...narrowed: QueryConstraint[]): Promise<number> => {
      const answer = await within(getCountFromServer(query(lines, ...narrowed)));
      return answer.data().count;
    };
    const [unread, toDo, total] = await Promise.all([count(where("reading", "==", "unread")), count(where("to_do", "==", true)), count()]);
    return { unread, toDo, total };
  }

  async page(asked: WorklistQuery, after: Cursor | null): Promise<Page<Summary>> {
    const wanted = asks(asked, asked.mine ? await this.myPatients() : null);
    const answers = await Promise.all(this.queries(wanted, after).map((one) => within(getDocsFromServer(one))));
    return shown(answers.map((answer) => answer.docs), wanted, after);
  }

  watch(asked: WorklistQuery, changed: (first: Page<Summary>) => void, failed: (fault: Fault) => void): Stop {
    const stops: Stop[] = [];
    let stopped = false;
    const begin = async (): Promise<void> => {
      const wanted = asks(asked, asked.mine ? await this.myPatients() : null);
      if (stopped) return;
      const queries = this.queries(wanted, null);
      const answers = new Map<number, readonly Snapshot[]>();
      const tell = (): void => {
        if (!stopped && answers.size === queries.length) changed(shown(queries.map((_, at) => answers.get(at) ?? []), wanted, null));
      };
      if (queries.length === 0) tell();
      queries.forEach((one, number) => {
        const heard = (docs: readonly Snapshot[]): void => {
          answers.set(number, docs);
          tell();
        };
        stops.push(listen(one, heard, (fault) => !stopped && failed(fault)));
      });
    };
    begin().catch((error: unknown) => !stopped && failed(toFault(error)));
    return () => {
      stopped = true;
      for (const stop of stops) stop();
    };
  }

  async ofPatient(patient: string): Promise<readonly Summary[]> {
    return this.connection.keeping(`patient/${patient}`, async () => {
      const asked = query(this.lines(), where("patient", "==", patient), orderBy("received_at", "asc"));
      return oldestFirst((await within(everything(asked), 2 * DEADLINE_MS)).map(summaryOf));
    });
  }

  private lines(): Query {
    return collection(this.connection.db, "sites", this.who().site, "worklist");
  }

  /** The patients that are assigned to whoever is signed in. */
  private async myPatients(): Promise<ReadonlySet<string>> {
    const { site, uid } = this.who();
    const assigned = query(collection(this.connection.db, "sites", site, "patients"), where("doctors", "array-contains", uid));
    return new Set((await within(getDocsFromServer(assigned))).docs.map((patient) => patient.id));
  }

  /** One for each question, and the last for the one record, if one is asked for. */
  private queries({ order, questions, record }: Asks, after: Cursor | null): readonly Query[] {
    const lines = this.lines();
    const byPatient = order === "patient";
    const ordered = [orderBy("rank", "asc"), orderBy("received_at", "desc"), ...(byPatient ? [orderBy("patient", "desc")] : []), orderBy(documentId(), "desc")];
    const place: QueryConstraint[] = [];
    if (after !== null) {
      const { rank, seconds, nanoseconds, patient, id } = lineOf(after);
      place.push(startAfter(rank, new Timestamp(seconds, nanoseconds), ...(byPatient ? [patient] : []), id));
    }
    const asked = questions.map((conditions) =>
      query(lines, ...conditions.map(([field, is, value]) => where(pathOf(field), is, value)), ...ordered, ...place, limit(PAGE)),
    );
    return record === null ? asked : [...asked, query(lines, where(documentId(), "==", record.id))];
  }
}

function pathOf(field: Field): string | FieldPath {
  return field === "id" ? documentId() : field;
}

/** Every line that answers, in as many questions as it takes. */
async function everything(asked: Query): Promise<readonly Snapshot[]> {
  const found: Snapshot[] = [];
  for (;;) {
    const last = found.at(-1);
    const { docs } = await getDocsFromServer(query(asked, ...(last === undefined ? [] : [startAfter(last)]), limit(OF_PATIENT)));
    found.push(...docs);
    if (docs.length < OF_PATIENT) return found;
  }
}

function shown(answers: readonly (readonly Snapshot[])[], { order, questions, record }: Asks, after: Cursor | null): Page<Summary> {
  const wanted = (line: Snapshot): boolean => record === null || record.filters.every(([field, , value]) => line.get(field) === value);
  const held = answers.map((docs, at) => (at < questions.length ? docs : docs.filter(wanted)));
  const { lines, next } = pageOf(held.map((docs) => docs.map(placed)), order, after);
  return { items: lines.map(({ snapshot }) => summaryOf(snapshot)), next };
}

function placed(snapshot: Snapshot): Shown {
  const rank: unknown = snapshot.get("rank");
  const at: unknown = snapshot.get("received_at");
  const patient: unknown = snapshot.get("patient");
  const [seconds, nanoseconds] = at instanceof Timestamp ? [at.seconds, at.nanoseconds] : [0, 0];
  return { snapshot, id: snapshot.id, rank: typeof rank === "number" ? rank : 0, seconds, nanoseconds, patient: typeof patient === "string" ? patient : null };
}
