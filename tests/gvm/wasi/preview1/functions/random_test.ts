import { assert, assertEquals } from "@std/assert";
import { Host } from "../../_host.ts";

Deno.test("a buffer of any length is filled to its end, and nothing beside it", () => {
  const host = new Host();
  host.memory.grow(1);
  const length = 100_000; // more than the generator gives at once
  host.ok("random_get", 8, length);
  const bytes = host.bytes(0, length + 16);
  assertEquals([...bytes.subarray(0, 8), ...bytes.subarray(length + 8)], new Array(16).fill(0));
  for (const at of [8, length / 2, 65_530, length - 16]) {
    assert(bytes.subarray(at, at + 16).some((byte) => byte !== 0), `nothing at ${at}`);
  }
  assert(new Set(bytes).size === 256);
});

Deno.test("no bytes are asked for, none are given", () => {
  const host = new Host();
  host.ok("random_get", 0, 0);
  assertEquals(host.bytes(0, 16), new Uint8Array(16));
});
