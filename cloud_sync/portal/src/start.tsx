// Puts the portal on the page; main.tsx with the real cloud, tests/sample.tsx with made-up records.

import { render } from "preact";
import { App } from "./app";
import { FaultView } from "./components/fault";
import type { Cloud } from "./data/cloud";
import { restorePreferences } from "./preferences";

function root(): Element {
  const found = document.querySelector("#app");
  if (!found) throw new Error("index.html has no #app");
  return found;
}

export async function start(cloud: Cloud): Promise<void> {
  await restorePreferences();
  render(<App cloud={cloud} />, root());
}

export async function startFailed(error: unknown): Promise<void> {
  await restorePreferences();
  render(
    <main class="alone">
      <FaultView error={error} retry={() => location.reload()} />
    </main>,
    root(),
  );
}
