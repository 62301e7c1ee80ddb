// Functions that run in this very process: no executor, no wire.
import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { type ErrorCode, GhostError } from "../../../gmp/errors.ts";
import { InlineModules } from "../../../gvm/node/inline_modules.ts";
import type { OutputStream } from "../../../gvm/engine/output.ts";
import { checkLimits } from "../../../gvm/engine/execution_limits.ts";
import { moduleBytes, nameBytes } from "../../gmp/fixtures/module_bytes.ts";
import { assertFails, TestModules } from "../harness.ts";

const LINE = "Adding Numbers From Wasm...\n";

function open(limits = {}): InlineModules {
  return new InlineModules(new TestModules(), checkLimits(limits));
}

/** What a function writes, as one text. */
function collect(): { text: string; take: (bytes: Uint8Array, stream: OutputStream) => void } {
  const decoder = new TextDecoder();
  const written = { text: "", take: (bytes: Uint8Array) => void (written.text += decoder.decode(bytes)) };
  return written;
}

function assertThrowsCode(code: ErrorCode, call: () => unknown): void {
  assertEquals(assertThrows(call, GhostError).code, code);
}

Deno.test("a call gives its result at once, of whatever type, with up to four arguments", async () => {
  const modules = open();
  const of = (name: string) => modules.function({ module: "values", function: name });
  assertEquals((await of("none"))(), undefined);
  assertEquals((await of("i32"))(-5), -5);
  assertEquals((await of("i64"))(2n ** 62n), 2n ** 62n);
  assertEquals((await of("f32"))(0.1), Math.fround(0.1));
  assertEquals((await of("several"))(1, 2n, 3.5, 4.5), [4.5, 3.5, 2n, 1]);
  assertEquals((await modules.function({ module: "math", function: "sub" }))(9, 4), 5);
});

Deno.test("arguments are converted and refused as they are remotely", async () => {
  const sub = await open().function({ module: "math", function: "sub" });
  assertEquals(sub(0xffff_ffff, 1n), -2);
  assertEquals(sub(true, 1), 0);
  for (const args of [[1], [1, 2, 3], [1.5, 2], ["1", 2], [2 ** 32, 0], [null, 0]]) {
    assertThrowsCode("BAD_ARGUMENTS", () => sub(...args));
  }
  const square = await open().function({ module: "counter", function: "square" });
  assertEquals([square(3), square(-4n)], [9n, 16n]);
  const half = await open().function({ module: "counter", function: "half" });
  assertEquals(half(3n), 1.5);
});

Deno.test("state stays from call to call, and from function to function of a module", async () => {
  const modules = open();
  const next = await modules.function({ module: "counter", function: "next" });
  assertEquals([next(), next()], [1, 2]);
  assertEquals((await modules.function({ module: "counter", function: "next" }))(), 3);
  (await modules.function({ module: "counter", function: "reset" }))();
  assertEquals(next(), 1);
});

Deno.test("a trap is an error, and the next call starts afresh", async () => {
  const modules = open();
  const next = await modules.function({ module: "counter", function: "next" });
  const trap = await modules.function({ module: "counter", function: "trap" });
  assertEquals([next(), next()], [1, 2]);
  assertThrowsCode("TRAP", () => trap());
  assertEquals(await next(), 1);
  assertEquals(next(), 2);
});

Deno.test("what a call writes goes to the function it was called by", async () => {
  const modules = open();
  const [one, other] = [collect(), collect()];
  const add = await modules.function({ module: "math", function: "add" }, { output: one.take });
  const alsoAdd = await modules.function({ module: "math", function: "add" }, { output: other.take });
  assertEquals([add(1, 2), alsoAdd(3, 4), add(5, 6)], [3, 7, 11]);
  assertEquals([one.text, other.text], [LINE + LINE, LINE]);
});

Deno.test("each call has the whole limit of output, and one that writes more is ended", async () => {
  const written = collect();
  const add = await open({ output: LINE.length }).function({ module: "math", function: "add" }, {
    output: written.take,
  });
  for (let i = 0; i < 5; i++) assertEquals(add(i, 1), i + 1);
  assertEquals(written.text, LINE.repeat(5));
  const refused = await open({ output: LINE.length - 1 }).function({ module: "math", function: "add" });
  assertThrowsCode("OUTPUT_LIMIT", () => refused(1, 2));
  const catching = await open({ output: 10_000 }).function({ module: "catching", function: "print" });
  assertThrowsCode("OUTPUT_LIMIT", () => catching());
  await assertFails("OUTPUT_LIMIT", catching() as Promise<unknown>); // in an instance anew
  const own = new Error("no more");
  const thrower = await open().function({ module: "catching", function: "print" }, {
    output: () => {
      throw own;
    },
  });
  const thrown = assertThrows(() => thrower(), GhostError);
  assertEquals([thrown.code, thrown.cause], ["TRAP", own]);
});

Deno.test("a function that waits gives a promise, and its turn comes after those before it", async () => {
  const next = await open().function({ module: "waits", function: "next" });
  const calls = [next(), next(), next()];
  for (const call of calls) assertInstanceOf(call, Promise);
  const [first, second, third] = await Promise.all(calls) as number[];
  assertEquals([second, third], [first! + 1, first! + 2]);
});

Deno.test("a module or function that is not there, and memory beyond the limit, are refused", async () => {
  await assertFails("MODULE_NOT_FOUND", open().function({ module: "nothing", function: "f" }));
  await assertFails("FUNCTION_NOT_FOUND", open().function({ module: "math", function: "nothing" }));
  const grow = await open({ memory: 1 << 20 }).function({ module: "counter", function: "grow" });
  assertEquals(grow(1000), -1);
});

Deno.test("functions that are looked up at once share an instance, and one that could not be initialized does not count", async () => {
  const modules = new TestModules();
  /** `(memory 1) (func (export "_initialize") INSTRUCTION)` */
  const initialized = (instruction: number) =>
    moduleBytes(
      [1, 1, 0x60, 0, 0],
      [3, 1, 0],
      [5, 1, 0, 1],
      [7, 1, ...nameBytes("_initialize"), 0, 0],
      [10, 1, 3, 0, instruction, 0x0b],
    );
  modules.add("nop", initialized(1));
  modules.add("unreachable", initialized(0));
  const inline = new InlineModules(modules, checkLimits({}));
  const twice = (module: string) => [1, 2].map(() => inline.function({ module, function: "_initialize" }));
  await Promise.all(twice("nop"));
  assertEquals(inline.memory.bytes, 65_536);
  for (const failing of twice("unreachable")) await assertFails("TRAP", failing);
  assertEquals(inline.memory.bytes, 65_536);
});

Deno.test("a component's function takes and gives any value at once, and throws the error that it returns", async () => {
  const modules = open();
  const of = (name: string) => modules.function({ module: "greeter", function: name });
  assertEquals((await of("greet"))("Ada"), "Hello, Ada!");
  const area = await of("area");
  assertEquals(area({ tag: "rect", val: [2, 3] }), 6);
  const counter = await of("counter");
  const next = await of("counter.next");
  const kept = counter(5);
  assertThrowsCode("FUNCTION_FAILED", () => area({ tag: "empty" }));
  assertThrowsCode("BAD_ARGUMENTS", () => area({ tag: "round" }));
  assertEquals(next(kept), 5);
});

Deno.test("what imports were provided to counts until it is reset, or nothing refers to it any more", async () => {
  const modules = open();
  const wanted = { module: "counter", function: "next" };
  const plain = await modules.function(wanted);
  const provided = await modules.function(wanted, { imports: {} });
  assertEquals([plain(), provided(), provided()], [1, 1, 2]);
  modules.reset({ module: "counter", version: "v2.0.0" });
  assertEquals([plain(), provided()], [2, 3]);
  modules.reset({ module: "counter" });
  assertEquals(modules.memory.bytes, 0);
  assertEquals([await plain(), await provided()], [1, 1]);

  const script = new URL("./_abandoned_imports.ts", import.meta.url).pathname;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-A", "--v8-flags=--expose-gc", script],
  }).output();
  assertEquals([new TextDecoder().decode(stdout), new TextDecoder().decode(stderr)], ["true 0\n", ""]);
});
