import { strToU8, zipSync } from "fflate";
import { describe, expect, it } from "vitest";

import { Fault } from "../src/data/cloud";
import { MOST_MEMBERS, readNpy, readNpz } from "../src/data/npz";
import files from "./fixtures/npz.json";

const file = (name: keyof typeof files) => new Uint8Array(Buffer.from(files[name], "base64"));
const npy = (header: string, body = new Uint8Array()) => {
  const length = header.length;
  return new Uint8Array([0x93, ...strToU8("NUMPY"), 1, 0, length & 255, length >> 8, ...strToU8(header, true), ...body]);
};

function faultOf(call: () => unknown): [string, string] | null {
  try {
    call();
    return null;
  } catch (error) {
    if (error instanceof Fault) return [error.kind, error.message];
    throw error;
  }
}

describe("files that numpy wrote", () => {
  it("hold every kind of number", () => {
    const arrays = readNpz(file("kinds"));
    for (const name of ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64"]) {
      expect(arrays.get(name)).toMatchObject({ dtype: name, shape: [4] });
      expect([...(arrays.get(name)?.data ?? [])]).toEqual([0, 1, 2, 3]);
    }
    const values = (name: string) => [...(arrays.get(name)?.data ?? [])];
    expect(values("int64")).toEqual([-(2 ** 52), 7]);
    expect(values("float16").slice(0, 3)).toEqual([1.5, -0.25, Infinity]);
    expect(values("float16")[3]).toBeCloseTo(6e-8, 9);
    expect(arrays.get("float32")?.shape).toEqual([2, 2]);
    expect(arrays.get("float32")?.data).toBeInstanceOf(Float32Array);
    expect(values("float32")).toEqual([1.5, NaN, -2.25, Math.fround(1e-30)]);
    expect(values("float64")).toEqual([Math.PI]);
    expect(arrays.get("truth")).toMatchObject({ dtype: "bool", data: new Uint8Array([1, 0, 1]) });
    expect(values("big")).toEqual([1.5, -2]);
    expect(values("big_int")).toEqual([258, 1]);
    expect(arrays.get("scalar")).toMatchObject({ shape: [], data: new Float32Array([4.5]) });
    expect(arrays.get("empty")).toMatchObject({ shape: [0, 5], data: new Uint8Array() });
  });

  it("are in C order whatever order they were written in", () => {
    const arrays = readNpz(file("kinds"), ["fortran", "grid"]);
    expect([...arrays.keys()].sort()).toEqual(["fortran", "grid"]);
    expect(arrays.get("fortran")).toEqual(arrays.get("grid"));
    expect([...(arrays.get("grid")?.data ?? [])]).toEqual(Array.from({ length: 24 }, (_, n) => n));
  });

  it("may be compressed, and of each version", () => {
    const packed = readNpz(file("packed"));
    expect(packed.get("celsius")).toMatchObject({ dtype: "float32", shape: [24, 32] });
    expect(packed.get("celsius")?.data.every((value) => value === 33.5)).toBe(true);
    const versions = readNpz(file("versions"));
    for (const name of ["v1", "v2", "v3"]) expect(versions.get(name)).toMatchObject({ dtype: "int16", data: new Int16Array([0, 1, 2]) });
  });

  it("with objects, texts, structures or complex numbers are refused, unless only the others are wanted", () => {
    expect(faultOf(() => readNpz(file("objects")))).toEqual(["damaged", "The file is damaged: an array holds something else than numbers."]);
    expect(readNpz(file("objects"), ["fine"]).size).toBe(1);
    for (const name of ["text", "complex", "struct"]) expect(faultOf(() => readNpz(file("others"), [name]))?.[0]).toBe("damaged");
    expect(faultOf(() => readNpz(file("huge_int")))?.[1]).toContain("too large");
  });
});

describe("files that nobody wrote", () => {
  it("are damaged", () => {
    for (const none of [new Uint8Array(), strToU8("garbage"), file("packed").subarray(0, 300), zipSync({ "a.npy": strToU8("x") })]) {
      expect(faultOf(() => readNpz(none))?.[0]).toBe("damaged");
    }
  });

  it("whose header promises more than is there make nothing", () => {
    const promise = "{'descr': '<f4', 'fortran_order': False, 'shape': (900000, 900000), }\n";
    expect(faultOf(() => readNpy(npy(promise)))?.[0]).toBe("too_large");
    expect(faultOf(() => readNpy(npy(promise.replace("900000, 900000", "100,"))))?.[1]).toContain("another size");
    expect(faultOf(() => readNpy(npy(promise.replace("900000, 900000", "1,".repeat(9)), new Uint8Array(4))))?.[1]).toContain("shape");
    expect(faultOf(() => readNpy(npy(promise.replace("900000, 900000", "9".repeat(40)))))?.[1]).toContain("shape");
    expect(faultOf(() => readNpy(npy("x".repeat(5000))))?.[1]).toContain("header");
  });

  it("that unpack to very much are too large before they are unpacked", () => {
    const bomb = zipSync({ "a.npy": new Uint8Array(1 << 20) });
    // The central directory says 1 GiB: numpy's own reader would believe it, too.
    const view = new DataView(bomb.buffer);
    for (let at = 0; at < bomb.length - 4; at++) if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 24, 1 << 30, true);
    expect(faultOf(() => readNpz(bomb))?.[0]).toBe("too_large");
    const many = zipSync(Object.fromEntries(Array.from({ length: MOST_MEMBERS + 1 }, (_, n) => [`${n}.npy`, new Uint8Array()])));
    expect(faultOf(() => readNpz(many))?.[0]).toBe("too_large");
  });

  it("that say less than they hold are damaged, not overrun", () => {
    const lying = zipSync({ "a.npy": npy("{'descr': '|u1', 'fortran_order': False, 'shape': (200,), }\n", new Uint8Array(200).fill(7)) });
    const view = new DataView(lying.buffer);
    for (let at = 0; at < lying.length - 4; at++) if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 24, 100, true);
    expect(faultOf(() => readNpz(lying))?.[0]).toBe("damaged");
  });

  it("with flipped bytes are damage and nothing else", () => {
    const content = file("packed");
    let seed = 11;
    const random = (below: number) => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % below;
    for (let round = 0; round < 300; round++) {
      const broken = content.slice();
      for (let flip = 0; flip < 4; flip++) broken[random(broken.length)]! ^= 1 + random(255);
      faultOf(() => readNpz(broken)); // throws what is no Fault
    }
  });
});
