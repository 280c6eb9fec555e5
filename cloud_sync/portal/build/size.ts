// `npm run size`: prints what `weigh` finds in dist/.

import { BUDGET_KB, weigh } from "./weigh";

for (const { what, kB } of weigh("dist")) console.log(`${what.padEnd(32)} ${kB.toFixed(1).padStart(7)} kB gzipped (budget of a first load: ${BUDGET_KB})`);
