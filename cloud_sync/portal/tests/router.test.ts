import { describe, expect, it, vi } from "vitest";

vi.stubGlobal("location", { hash: "" });
vi.stubGlobal("addEventListener", () => undefined);
const { address, parse } = await import("../src/router");

describe("an address", () => {
  it("leads back to what it was made of", () => {
    const odd = "a/b %?#<é";
    expect(parse(address.record("home", odd))).toEqual({ page: "record", params: { site: "home", id: odd } });
    expect(parse(address.patient(odd))).toEqual({ page: "patient", params: { ref: odd } });
    expect(parse(address.compare(odd, "b"))).toEqual({ page: "compare", params: { a: odd, b: "b" } });
    expect(parse(address.audit({ record: odd }))).toEqual({ page: "audit", params: { record: odd } });
  });

  it.each(["", "#", "#/", "#/nowhere", "#/record/home", "#/record/home/a/b", "#/%E0%A4%A", "#/__proto__"])("like %s leads to the worklist", (hash) => {
    expect(parse(hash)).toEqual({ page: "worklist", params: {} });
  });

  it("cannot rename what its path says", () => {
    expect(parse("#/record/home/a?id=b&site=c").params).toEqual({ site: "home", id: "a" });
  });
});
