import "../src/theme.css";
import "../src/components/components.css";
import type { FaultKind } from "../src/data/cloud";
import { start } from "../src/start";
import { SampleCloud, type SampleOptions } from "./sample-cloud";

const asked = new URLSearchParams(location.search);
const given = (name: string): number | null => (asked.has(name) ? Number(asked.get(name)) : null);
const options: SampleOptions = {
  records: given("records") ?? 10_000,
  liveS: given("live") ?? 0,
  slowMs: given("slow") ?? 15,
  ...(asked.has("fail") ? { fail: asked.get("fail") as FaultKind } : {}),
  ...(asked.has("as") ? { as: asked.get("as") === "admin" ? "admin" : "doctor" } : {}),
};
const cloud = new SampleCloud(options);
Object.assign(globalThis, { sampleCloud: cloud });
void start(cloud);
