// Each page is a chunk of its own, loaded when it is first asked for.

import type { ComponentType } from "preact";
import type { PageName } from "../router";
import type { PageProps } from "./page";

type Module = { default: ComponentType<PageProps> };

export const PAGES: Readonly<Record<Exclude<PageName, "worklist">, () => Promise<Module>>> = {
  record: () => import("./record"),
  patient: () => import("./patient"),
  compare: () => import("./compare"),
  fleet: () => import("./fleet"),
  audit: () => import("./audit"),
  settings: () => import("./settings"),
  help: () => import("./help"),
};
