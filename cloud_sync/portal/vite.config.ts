/// <reference types="node" />
import preact from "@preact/preset-vite";
import { defineConfig } from "vitest/config";
import { offline } from "./build/offline";

/** The pages with made-up records, for tests in a browser; see tests/sample-cloud.ts. */
const sample = process.env.FIRSTLIGHT_SAMPLE !== undefined;

export default defineConfig({
  base: "./",
  plugins: [preact(), ...(sample ? [] : [offline()])],
  build: {
    outDir: "dist",
    target: "es2022",
    sourcemap: false,
    manifest: true,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500, // kB; tests/size.test.ts says what may be fetched, and when
    rollupOptions: {
      input: sample ? { sample: "sample.html" } : { index: "index.html", sw: "src/offline/sw.ts" },
      output: { entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js") },
    },
  },
  test: { environment: "node", include: ["tests/**/*.test.ts", "tests/**/*.test.tsx"], testTimeout: 20_000 },
});
