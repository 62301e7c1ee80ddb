import { assert, assertEquals, assertMatch } from "@std/assert";
import type { CallResult } from "../../../gmp/types/values.ts";
import { leb, moduleBytes } from "../../gmp/fixtures/module_bytes.ts";
import { assertFails, Harness } from "../harness.ts";

const NAN_BITS = 0x7ff8000000000000n;

Deno.test("arguments, results and errors of functions", async (t) => {
  await using harness = new Harness({ size: 1 });

  await t.step("values go to a function and back as WebAssembly has them", async (t) => {
    const caller = await harness.caller();
    const values: [name: string, args: unknown[], result: CallResult][] = [
      ["i32", [-1], -1],
      ["i32", [0xffff_ffff], -1],
      ["i32", [2n ** 31n], -(2 ** 31)],
      ["i32", [true], 1],
      ["i64", [2n ** 63n - 1n], 2n ** 63n - 1n],
      ["i64", [2n ** 64n - 1n], -1n],
      ["i64", [-(2n ** 63n)], -(2n ** 63n)],
      ["i64", [Number.MAX_SAFE_INTEGER], 2n ** 53n - 1n],
      ["i64", [Number.MIN_SAFE_INTEGER], -(2n ** 53n) + 1n],
      ["f32", [0.1], Math.fround(0.1)],
      ["f32", [1e40], Infinity],
      ["f32", [1e-50], 0],
      ["f32", [16_777_217], 16_777_216],
      ["f32", [NaN], NaN],
      ["f32", [-Infinity], -Infinity],
      ["f32", [-0], -0],
      ["f32", [2n ** 40n], 2 ** 40],
      ["f64", [0.1], 0.1],
      ["f64", [NaN], NaN],
      ["f64", [Infinity], Infinity],
      ["f64", [-0], -0],
      ["f64", [Number.MIN_VALUE], Number.MIN_VALUE],
      ["f32_bits", [-0], -(2 ** 31)],
      ["f32_bits", [NaN], 0x7fc0_0000],
      ["f64_bits", [-0], -(2n ** 63n)],
      ["f64_bits", [NaN], NAN_BITS],
      ["none", [], undefined],
      ["several", [1, 2n, 3.5, -0], [-0, 3.5, 2n, 1]],
    ];
    for (const [name, args, result] of values) {
      await t.step(
        `${name}(${args.map((arg) => Object.is(arg, -0) ? "-0" : String(arg)).join(", ")})`,
        async () => {
          // assertEquals tells -0 from 0, and takes NaN for itself.
          assertEquals(await caller.call(`values.${name}`, args), result);
        },
      );
    }
  });

  await t.step("what cannot cross the wire is named", async () => {
    const caller = await harness.caller();
    const cases = [
      ["takes_v128", /: parameter 2 is v128,/],
      ["gives_v128", /: result 1 is v128,/],
      ["takes_funcref", /: parameter 1 is funcref,/],
      ["gives_funcref", /: result 1 is funcref,/],
      ["takes_externref", /: parameter 1 is externref,/],
      ["gives_externref", /: result 2 is externref,/],
    ] as const;
    for (const [name, message] of cases) {
      assertMatch(
        (await assertFails("UNSUPPORTED_SIGNATURE", caller.call(`values.${name}`))).message,
        message,
      );
    }
    assertMatch(
      (await assertFails("FUNCTION_NOT_FOUND", caller.call("values.severl"))).message,
      /^Cannot call severl: values@v1.0.0 exports no such function; did you mean several\? there are [a-z0-9_]+, .*\bseveral\b/,
    );
    await assertFails("FUNCTION_NOT_FOUND", caller.call("values.table"));
  });

  await t.step("a function takes a thousand parameters and gives a thousand results", async () => {
    const caller = await harness.caller();
    const count = 1000;
    const types = Array.from({ length: count }, (_, index) => [0x7f, 0x7e, 0x7d, 0x7c][index % 4]!);
    const body = [0, ...types.flatMap((_, index) => [0x20, ...leb(index)]), 0x0b];
    harness.modules.add(
      "wide",
      moduleBytes(
        [1, 1, 0x60, ...leb(count), ...types, ...leb(count), ...types],
        [3, 1, 0],
        [7, 1, 4, ...new TextEncoder().encode("same"), 0, 0],
        [10, 1, ...leb(body.length), ...body],
      ),
    );
    const args = types.map((type, index) => type === 0x7e ? BigInt(index) : index);
    assertEquals(await caller.call("wide.same", args), args);
    await assertFails("BAD_ARGUMENTS", caller.call("wide.same", args.slice(1)));
  });

  await t.step("a trap is named, and leaving is no result of a function", async () => {
    const caller = await harness.caller();
    const message = async (name: string, args: unknown[] = []) =>
      (await assertFails("TRAP", caller.call(name, args))).message;
    assertEquals(await message("counter.trap"), "counter.trap trapped: unreachable");
    assertEquals(await message("counter.divmod", [1, 0]), "counter.divmod trapped: divide by zero");
    assertEquals(
      await message("counter.divmod", [-(2 ** 31), -1]),
      "counter.divmod trapped: divide result unrepresentable",
    );
    assertEquals(await message("waits.leave", [3]), "waits.leave trapped: it called exit(3)");
    assertEquals(await message("waits.leave", [0]), "waits.leave trapped: it called exit(0)");
    assertEquals(await message("waits.recurse"), "waits.recurse trapped: call stack exhausted");
    assertEquals(
      await message("endless_plain.recurse"),
      "endless_plain.recurse trapped: call stack exhausted",
    );
    assertEquals(await caller.call("waits.next"), 101, "the instance is a new one");
  });

  await t.step("no error carries a stack of the executor", async () => {
    const caller = await harness.caller();
    const error = await assertFails("TRAP", caller.call("counter.trap"));
    assert(!/executor|function_instance|wasm:/.test(`${error.stack}${error.cause}`), error.stack);
  });

  await t.step("arguments that do not fit are refused before anything is sent", async () => {
    const caller = await harness.caller();
    const next = await caller.client.resolve({ module: "counter", function: "next" });
    const divide = await caller.client.resolve({ module: "counter", function: "divmod" });
    const several = await caller.client.resolve({ module: "values", function: "several" });
    // Were any of these sent, it could only fail: the executor is not there to answer.
    for (const pid of harness.executors) Deno.kill(pid, "SIGSTOP");
    await assertFails("BAD_ARGUMENTS", caller.client.call(next, [1]));
    const cases = [
      [],
      [1],
      [1, 2, 3],
      [1.5, 1],
      [2 ** 32, 1],
      [NaN, 1],
      ["1", 1],
      [null, 1],
      [undefined, 1],
      [
        {},
        1,
      ],
    ];
    for (const args of cases) await assertFails("BAD_ARGUMENTS", caller.client.call(divide, args));
    await assertFails("BAD_ARGUMENTS", caller.client.call(several, [1, 2 ** 53, 3, 4]));
    await assertFails("BAD_ARGUMENTS", caller.client.call(several, [1, 2n ** 64n, 3, 4]));
    const { message } = await assertFails("BAD_ARGUMENTS", caller.client.call(several, [1, 2.5, 3, 4]));
    assertMatch(message, /^Cannot call several: argument 2 is 2\.5, not an i64 /);
    for (const pid of harness.executors) Deno.kill(pid, "SIGCONT");
    assertEquals(await caller.client.call(next, []), 1);
  });
});
