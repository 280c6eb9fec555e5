// Puts the list of the portal's files into its service worker.

import { createHash } from "node:crypto";
import type { Plugin } from "vite";

/** Both back ends are there, a clinic uses one: its code is kept when it was used. So is what only some doctors open. */
const NOT_FOR_ALL = /(?:local|firebase|mri|report|pdf)[^/]*$|\.ttf$/i;

export function offline(): Plugin {
  return {
    name: "firstlight-offline",
    apply: "build",
    enforce: "post",
    generateBundle(_options, bundle) {
      const worker = bundle["sw.js"];
      if (worker?.type !== "chunk") throw new Error("the build made no sw.js");
      if (worker.imports.length > 0) throw new Error(`sw.js is no module, it cannot import ${worker.imports.join(", ")}`);
      const hash = createHash("sha256");
      for (const name of Object.keys(bundle).sort()) {
        const part = bundle[name];
        if (part && name !== "sw.js") hash.update(name).update(part.type === "chunk" ? part.code : part.source);
      }
      const files = Object.keys(bundle).filter((name) => name.startsWith("assets/") && !NOT_FOR_ALL.test(name));
      worker.code = worker.code
        .replaceAll("__VERSION__", JSON.stringify(hash.digest("hex").slice(0, 16)))
        .replaceAll("__FILES__", JSON.stringify(["./index.html", "./icon.svg", ...files.sort().map((name) => `./${name}`)]));
    },
  };
}
