import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { type CompiledModule, compileModule, ModuleCache } from "../../../gvm/engine/compiled_module.ts";
import { DEFAULT_LIMITS } from "../../../gvm/engine/execution_limits.ts";
import { moduleBytes } from "../../gmp/fixtures/module_bytes.ts";
import { component, section } from "../../gmp/wasm_format/component/_bytes.ts";
import { assertFails, Harness } from "../harness.ts";

async function identify(name: string, bytes: Uint8Array<ArrayBuffer>) {
  return {
    name,
    version: "v1.0.0",
    hash: new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex(),
  };
}

/** An empty module and its identity, of another content for every number. */
async function numbered(number: number) {
  const bytes = moduleBytes([0, 1, 0x78, number]);
  return { bytes, identity: await identify(`m${number}`, bytes) };
}

async function compiled(number: number): Promise<CompiledModule> {
  const { bytes, identity } = await numbered(number);
  return await compileModule(bytes, identity, DEFAULT_LIMITS);
}

Deno.test("modules by their names, in one executor", async (t) => {
  await using harness = new Harness({ size: 1 });

  await t.step("a module is compiled once in an executor, however many ask for it at once", async () => {
    const [a, b] = [await harness.caller(), await harness.caller()];
    const calls = Array.from(
      { length: 10 },
      (_, index) => (index % 2 === 0 ? a : b).call("counter.half", [3]),
    );
    assertEquals(await Promise.all(calls), calls.map(() => 1.5));
    assertEquals(harness.modules.fetched.length, 1);
    // Under another name it is the same content still.
    harness.modules.add("twin", harness.modules.bytesOf("counter"));
    assertEquals(await b.call("twin.half", [5]), 2.5);
    assertEquals(harness.modules.fetched.length, 1);
    assertEquals(await a.run("greet").exitCode, 0);
    assertEquals(harness.modules.fetched.length, 2);
  });

  await t.step("a name stands for another module once the executors are told", async () => {
    const caller = await harness.caller();
    harness.modules.add("thing", harness.modules.bytesOf("counter"));
    assertEquals(await caller.call("thing.next"), 1);
    const next = await caller.client.resolve({ module: "thing", function: "next" });
    harness.modules.add("thing", harness.modules.bytesOf("waits"));
    assertEquals(await caller.call("thing.next"), 2);
    harness.pool.modulesChanged();
    assertEquals(await caller.call("thing.next"), 101);
    assertEquals(await caller.client.call(next, []), 3, "what was looked up before stays what it was");
  });

  await t.step("a module that could not be had is asked for again", async () => {
    const caller = await harness.caller();
    await assertFails("MODULE_NOT_FOUND", caller.call("late.next"));
    harness.modules.add("late", new Uint8Array([1, 2, 3]));
    await assertFails("NOT_A_MODULE", caller.call("late.next"));
    await assertFails("NOT_A_MODULE", caller.call("late.next"));
    harness.modules.add("late", harness.modules.bytesOf("counter"));
    harness.pool.modulesChanged();
    assertEquals(await caller.call("late.next"), 1);
  });
});

Deno.test("what is not valid is refused with what is wrong", async () => {
  const { bytes, identity } = await numbered(1);
  const error = await assertRejects(
    () => compileModule(bytes, { ...identity, hash: "0".repeat(64) }, DEFAULT_LIMITS),
    GhostError,
  );
  assertEquals(error.code, "HASH_MISMATCH");
  const invalid = moduleBytes([1, 1, 0x60, 0, 1, 0x7f], [3, 1, 0], [10, 1, 2, 0, 0x0b]);
  const identityOfInvalid = await identify("invalid", invalid);
  const refused = await assertRejects(
    () => compileModule(invalid, identityOfInvalid, DEFAULT_LIMITS),
    GhostError,
  );
  assertEquals(refused.code, "NOT_A_MODULE");
  assert(refused.message.startsWith("Cannot compile invalid@v1.0.0: WebAssembly.compile()"), refused.message);
});

Deno.test("bytes that may be spent are empty once they are compiled, and others stay", async () => {
  const { bytes, identity } = await numbered(1);
  await compileModule(bytes, identity, DEFAULT_LIMITS);
  assert(bytes.length > 0);
  const spent = bytes.slice();
  await compileModule(spent, identity, DEFAULT_LIMITS, { spend: true });
  assertEquals(spent.length, 0);
});

Deno.test("the cache drops what was not used for the longest time", async () => {
  const cache = new ModuleCache(2, 1000);
  const made: number[] = [];
  const get = async (number: number, bytes = 1) =>
    await cache.get((await numbered(number)).identity, async () => {
      made.push(number);
      return { module: await compiled(number), bytes };
    });
  await get(1);
  await get(2);
  await get(1);
  await get(3);
  assertEquals(made, [1, 2, 3]);
  await get(1);
  assertEquals(made, [1, 2, 3], "1 was used after 2");
  await get(2);
  assertEquals(made, [1, 2, 3, 2]);
});

Deno.test("the cache is bounded by the size of its modules too, but keeps the last of them", async () => {
  const cache = new ModuleCache(10, 1000);
  const hashes: string[] = [];
  const get = async (number: number, bytes: number) => {
    const { identity } = await numbered(number);
    hashes[number] = identity.hash;
    await cache.get(identity, async () => ({ module: await compiled(number), bytes }));
  };
  const kept = () => hashes.flatMap((hash, number) => cache.has(hash) ? [number] : []);
  await get(1, 400);
  await get(2, 400);
  assertEquals(kept(), [1, 2]);
  await get(3, 400);
  assertEquals(kept(), [2, 3]);
  await get(4, 5000);
  assertEquals(kept(), [4]);
  await get(5, 10);
  assertEquals(kept(), [5]);
});

Deno.test("those who ask at once share one making, and its failure", async () => {
  const cache = new ModuleCache();
  const { identity } = await numbered(1);
  let makings = 0;
  const fail = async () => {
    makings++;
    await Promise.resolve();
    throw new GhostError("NOT_A_MODULE");
  };
  const [a, b] = [cache.get(identity, fail), cache.get({ ...identity, name: "other" }, fail)];
  for (const one of [a, b]) await assertFails("NOT_A_MODULE", one);
  assertEquals(makings, 1);
  const make = async () => ({ module: await compiled(1), bytes: 1 });
  const [first, second] = await Promise.all([
    cache.get(identity, make),
    cache.get({ ...identity, name: "other" }, make),
  ]);
  assert(first.component === undefined && second.component === undefined);
  assertStrictEquals(first.module, second.module);
  assertEquals([first.name, second.name], ["m1", "other"]);
});

Deno.test("a component that is not valid is refused before it is compiled, wherever it comes from", async () => {
  // (component (core module (func (export "f") (param i32))) … (func (canon lift (core func $f)) of type (func)))
  const core = moduleBytes(
    [1, 1, 0x60, 1, 0x7f, 0],
    [3, 1, 0],
    [7, 1, 1, 0x66, 0, 0],
    [10, 1, 2, 0, 0x0b],
  );
  const bytes = component(
    section(1, [...core]),
    section(2, 1, [0x00, 0, 0]),
    section(6, 1, [0x00, 0x00, 0x01, 0, "f"]),
    section(7, 1, [0x40, 0, 1, 0]),
    section(8, 1, [0x00, 0x00, 0, 0, 0]),
    section(11, 1, [0x00, "f", 0x01, 0, 0]),
  );
  const error = await assertRejects(
    async () => await compileModule(bytes, await identify("wrong", bytes), DEFAULT_LIMITS),
    GhostError,
    "the lifted core function is of the type (i32), not ()",
  );
  assertEquals(error.code, "NOT_A_MODULE");
});
