/// <reference types="node" />
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BUDGET_KB, type Weight, weigh } from "../build/weigh";

const folder = mkdtempSync(join(tmpdir(), "firstlight-portal-"));

beforeAll(() => build({ logLevel: "error", build: { outDir: folder, emptyOutDir: true } }), 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

describe("the built portal", () => {
  it("is light enough for a first load with each back end", () => {
    const weights = weigh(folder);
    for (const { what, kB } of weights) console.log(`${what}: ${kB.toFixed(1)} kB gzipped`);
    const first = weights.filter(({ what }) => what.startsWith("first load"));
    expect(first).toHaveLength(2);
    for (const { what, kB } of first) expect(kB, what).toBeLessThanOrEqual(BUDGET_KB);
  });

  it("brings the MRI viewer, the report and Firebase only to who needs them", () => {
    const local = weigh(folder).find(({ what }) => what === "first load, local") as Weight;
    expect(local.files.filter((file) => /firebase|mri|report|pdf|arabic/i.test(file))).toEqual([]);
  });

  it("runs under the strict policy: nothing inline", () => {
    const page = readFileSync(join(folder, "index.html"), "utf8");
    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=/);
    expect(page).not.toMatch(/(?:src|href)="https?:/);
  });

  it("names in its service worker the files that are there", () => {
    const worker = readFileSync(join(folder, "sw.js"), "utf8");
    expect(worker).not.toMatch(/__FILES__|__VERSION__|^import /m);
    const files = [...worker.matchAll(/"\.\/(assets\/[^"]+)"/g)].map(([, file]) => file as string);
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) expect(readFileSync(join(folder, file)).length).toBeGreaterThan(0);
  });
});
