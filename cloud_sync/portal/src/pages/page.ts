import type { Cloud, Session } from "../data/cloud";

/** What each page's module exports by default takes. */
export interface PageProps {
  readonly cloud: Cloud;
  readonly session: Session;
  readonly params: Readonly<Record<string, string>>;
}
