// The worklist: pages of 100 out of as few queries as will do, and the same queries listened to.

import {
  collection,
  documentId,
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
  endAt,
  startAt,
} from "firebase/firestore";
import { Fault, type Counts, type Cursor, type Page, type Session, type Stop, type WorklistQuery } from "./cloud";
import type { Connection } from "./firebase-connection";
import { toFault, within } from "./firebase-faults";
import { listen } from "./firebase-live";
import { fieldsOf, summaryOf } from "./firebase-read";
import { oldestFirst } from "./read";
import type { Summary } from "./record";

export const PAGE = 100;
/** Firestore takes so many values in one `in`. */
const MOST_IN = 30;
/** So many are looked at for a search; whoever types one more letter finds the rest. */
const MOST_FOUND = 300;
const MOST_OF_PATIENT = 500;
const LAST = "\uf8ff";

type Line = QueryDocumentSnapshot;

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
    const mine = asked.mine ? await this.myPatients() : null;
    const answers = await Promise.all(this.queries(asked, mine, after).map((one) => within(getDocsFromServer(one))));
    return pageOf(answers.map((answer) => answer.docs), asked, mine);
  }

  watch(asked: WorklistQuery, changed: (first: Page<Summary>) => void, failed: (fault: Fault) => void): Stop {
    const stops: Stop[] = [];
    let stopped = false;
    const begin = async (): Promise<void> => {
      const mine = asked.mine ? await this.myPatients() : null;
      if (stopped) return;
      const queries = this.queries(asked, mine, null);
      const answers = new Map<number, readonly Line[]>();
      const tell = (): void => {
        if (!stopped && answers.size === queries.length) changed(pageOf([...answers.values()], asked, mine));
      };
      if (queries.length === 0) tell();
      queries.forEach((one, number) => {
        const heard = (docs: readonly Line[]): void => {
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
      const asked = query(this.lines(), where("patient", "==", patient), orderBy("received_at", "asc"), limit(MOST_OF_PATIENT));
      return oldestFirst((await within(getDocsFromServer(asked))).docs.map(summaryOf));
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

  private queries(asked: WorklistQuery, mine: ReadonlySet<string> | null, after: Cursor | null): readonly Query[] {
    const lines = this.lines();
    const find = asked.find.trim();
    if (find !== "") return searches(lines, find);
    const narrowed = [
      ...(asked.reading === "to_do" ? [where("to_do", "==", true)] : []),
      ...(asked.reading === "to_do" || asked.reading === "all" ? [] : [where("reading", "==", asked.reading)]),
      ...(asked.urgency === null ? [] : [where("urgency", "==", asked.urgency)]),
      ...(asked.modality === null ? [] : [where("modality", "==", asked.modality)]),
    ];
    const order = [orderBy("rank", "asc"), orderBy("received_at", "desc"), orderBy(documentId(), "desc"), ...(after === null ? [] : [startAfter(...place(after))])];
    const whose = mine === null ? [[]] : chunks([...mine]).map((patients) => [where("patient", "in", patients)]);
    return whose.map((patients) => query(lines, ...narrowed, ...patients, ...order, limit(PAGE)));
  }
}

/** References are written in capitals, ids in small letters; who types them does not care. */
function searches(lines: Query, find: string): readonly Query[] {
  const beginning = (field: string | ReturnType<typeof documentId>, text: string): Query =>
    query(lines, orderBy(field), startAt(text), endAt(text + LAST), limit(MOST_FOUND));
  const patients = [...new Set([find, find.toUpperCase()])].map((text) => beginning("patient", text));
  return /^[0-9a-z]+$/i.test(find) ? [...patients, beginning(documentId(), find.toLowerCase())] : patients;
}

function chunks(values: readonly string[]): readonly string[][] {
  return Array.from({ length: Math.ceil(values.length / MOST_IN) }, (_, number) => values.slice(number * MOST_IN, (number + 1) * MOST_IN));
}

function pageOf(answers: readonly (readonly Line[])[], asked: WorklistQuery, mine: ReadonlySet<string> | null): Page<Summary> {
  const found = [...new Map(answers.flat().map((line) => [line.id, line])).values()].filter((line) => answersTo(line, asked, mine));
  found.sort(urgentFirstThenNewest);
  const searched = asked.find.trim() !== "";
  const shown = searched ? found : found.slice(0, PAGE);
  const last = shown.at(-1);
  const more = !searched && last !== undefined && shown.length === PAGE;
  return { items: shown.map(summaryOf), next: more ? cursorOf(last) : null };
}

/** A search is one by its beginning alone; the rest is looked at here. */
function answersTo(line: Line, asked: WorklistQuery, mine: ReadonlySet<string> | null): boolean {
  const fields = fieldsOf(line);
  const reading = asked.reading === "all" || (asked.reading === "to_do" ? fields["to_do"] === true : fields["reading"] === asked.reading);
  return (
    reading &&
    (asked.urgency === null || fields["urgency"] === asked.urgency) &&
    (asked.modality === null || fields["modality"] === asked.modality) &&
    (mine === null || mine.has(String(fields["patient"])))
  );
}

type Place = readonly [rank: number, seconds: number, nanoseconds: number, id: string];

function placeOf(line: Line): Place {
  const rank: unknown = line.get("rank");
  const at: unknown = line.get("received_at");
  const [seconds, nanoseconds] = at instanceof Timestamp ? [at.seconds, at.nanoseconds] : [0, 0];
  return [typeof rank === "number" ? rank : 0, seconds, nanoseconds, line.id];
}

function urgentFirstThenNewest(a: Line, b: Line): number {
  const [one, other] = [placeOf(a), placeOf(b)];
  return one[0] - other[0] || other[1] - one[1] || other[2] - one[2] || (one[3] < other[3] ? 1 : -1);
}

function cursorOf(line: Line): Cursor {
  return JSON.stringify(placeOf(line));
}

function place(cursor: Cursor): [number, Timestamp, string] {
  try {
    const [rank, seconds, nanoseconds, id] = JSON.parse(cursor) as Place;
    return [rank, new Timestamp(seconds, nanoseconds), id];
  } catch {
    throw new Fault("unavailable", "The page to go on from is unknown.");
  }
}
