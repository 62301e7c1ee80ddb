import { assertEquals } from "@std/assert";
import type { CallableSignature } from "../../../gmp/types/signature.ts";
import { writeFunctionName } from "../../../gmp/types/function_name.ts";
import { moduleBytes, nameBytes } from "../../gmp/fixtures/module_bytes.ts";
import { Network } from "../../tools/network.ts";
import { assertFails, Harness } from "../harness.ts";

const I32 = 0x7f;
const F32 = 0x7d;

/** A module that exports `f`, which returns its parameter of that type. */
function identity(type: number): Uint8Array<ArrayBuffer> {
  return moduleBytes([1, 1, 0x60, 1, type, 1, type], [3, 1, 0], [7, 1, ...nameBytes("f"), 0, 0], [
    10,
    1,
    4,
    0,
    0x20,
    0,
    0x0b,
  ]);
}

/** A module that exports functions of these names, which return the numbers from `first` on, below 64. */
function constants(names: readonly string[], first: number): Uint8Array<ArrayBuffer> {
  return moduleBytes(
    [1, 1, 0x60, 0, 1, I32],
    [3, names.length, ...names.map(() => 0)],
    [7, names.length, ...names.flatMap((name, index) => [...nameBytes(name), 0, index])],
    [10, names.length, ...names.flatMap((_, index) => [4, 0, 0x41, first + index, 0x0b])],
  );
}

Deno.test("functions by their names and signatures, at two nodes", async (t) => {
  await using network = await Network.start();
  const [here] = await network.pair();

  await t.step(
    "what a function takes and returns is known without calling it, here and on another node",
    async () => {
      const expected = {
        parameters: ["i32", "i64", "f32", "f64"],
        results: ["f64", "f32", "i64", "i32"],
      } as const;
      for (const options of [{}, { on: "there" }]) {
        assertEquals(await here.signature("counter.reverse", options), expected);
        assertEquals(await here.signature("counter@v0.0.1.next", options), {
          parameters: [],
          results: ["i32"],
        });
        assertEquals(await here.call("counter.next", [], options), 1, "it was not called");
      }
      await assertFails("FUNCTION_NOT_FOUND", here.signature("counter.nothing"));
      await assertFails("MODULE_NOT_FOUND", here.signature("nothing.next"));
      await assertFails("NOT_CONNECTED", here.signature("counter.next", { on: "nobody" }));
      await assertFails(
        "NOT_CONNECTED",
        here.signature("counter.next", { on: "" }),
      );
    },
  );

  await t.step(
    "a name in parts is the name that it is: no dot, @, # or quote in it makes another of it",
    async () => {
      const names = ["b.c", "c", "", " ", "a b", 'q"q', "@v0.0.1.c", "#c", '"c"', "c(i32)"];
      const modules = [["a", "v0.0.1"], ["a.b", "v0.0.1"], ["a", "v0.0.2-b.c"]] as const;
      const all = modules.flatMap(([module, version], first) =>
        names.map((name, index) => ({
          module,
          version,
          function: name,
          result: first * names.length + index,
        }))
      );
      for (const [index, [module, version]] of modules.entries()) {
        await network.upload(module, version, constants(names, index * names.length));
      }
      for (let round = 0; round < 2; round++) {
        for (const { result, ...name } of all) {
          assertEquals([await here.call(name), await here.call(writeFunctionName(name))], [result, result]);
          assertEquals((await here.signature(name) as CallableSignature).results, ["i32"]);
        }
      }
      // The latest is another one, and a version is the same with and without its v.
      assertEquals(await here.call({ module: "a.b", function: "c" }), names.length + 1);
      assertEquals(await here.call({ module: "a", version: "0.0.1", function: "b.c" }), 0);
      for (const name of [{ module: "a#c", function: "c" }, { module: "a", version: "x", function: "c" }]) {
        await assertFails("INVALID_NAME", here.call(name));
        await assertFails("INVALID_NAME", here.signature(name));
      }
    },
  );

  await t.step("a signature is remembered with the function, also when GPMD is gone", async () => {
    assertEquals(await here.call("counter.half", [3]), 1.5);
    network.daemon.process.kill("SIGKILL");
    await network.daemon.process.status;
    assertEquals(await here.signature("counter.half"), { parameters: ["f32"], results: ["f32"] });
  });
});

Deno.test("a function that is held says so when its signature is another one after its executor was replaced", async () => {
  await using harness = new Harness({ size: 1 });
  const caller = await harness.caller();
  harness.modules.add("m", identity(I32));
  const f = await caller.client.resolve({ module: "m", function: "f" });
  assertEquals(await caller.client.call(f, [7]), 7);
  const kill = async () => {
    const [pid] = harness.executors;
    Deno.kill(pid!, "SIGKILL");
    while (harness.executors.includes(pid!)) await caller.client.reset({ module: "m" }).catch(() => {});
  };
  harness.modules.add("m", identity(F32));
  await kill();
  for (let count = 0; count < 2; count++) {
    const error = await assertFails("UNSUPPORTED_SIGNATURE", caller.client.call(f, [7]));
    assertEquals(
      error.message,
      "Cannot call f: it was looked up as f(i32) -> i32 and is f(f32) -> f32 now; look it up again",
    );
  }
  assertEquals(
    await caller.client.call(await caller.client.resolve({ module: "m", function: "f" }), [7.5]),
    7.5,
  );
  harness.modules.add("m", identity(I32));
  await kill();
  assertEquals(await caller.client.call(f, [8]), 8);
});
