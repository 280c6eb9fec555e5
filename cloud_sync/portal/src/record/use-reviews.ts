import { useEffect, useState } from "preact/hooks";
import { type Cloud, Fault } from "../data/cloud";
import type { OpenedRecord, Review } from "../data/record";

export interface Reviews {
  /** `null` until they are known. */
  readonly reviews: readonly Review[] | null;
  readonly fault: Fault | null;
}

/** A record's reviews, live. */
export function useReviews(cloud: Cloud, record: OpenedRecord): Reviews {
  const [state, setState] = useState<Reviews>({ reviews: null, fault: null });
  useEffect(() => {
    setState({ reviews: null, fault: null });
    return cloud.watchReviews(
      record,
      (reviews) => setState({ reviews, fault: null }),
      (fault) => setState((before) => ({ ...before, fault: fault instanceof Fault ? fault : new Fault("unavailable", String(fault)) })),
    );
  }, [cloud, record]);
  return state;
}
