import { assertEquals, assertMatch } from "@std/assert";
import type { GhostError } from "../../../gmp/errors.ts";
import { InlineModules } from "../../../gvm/node/inline_modules.ts";
import { DEFAULT_LIMITS } from "../../../gvm/engine/execution_limits.ts";
import { moduleBytes, nameBytes } from "../../gmp/fixtures/module_bytes.ts";
import { assertFails, Harness } from "../harness.ts";

/** `(type (func (param i32 i64) (result f64))) (import MODULE NAME DESCRIPTION) (func (export "_start"))`. */
function importing(
  ...imports: [module: string, name: string, description: number[]][]
): Uint8Array<ArrayBuffer> {
  const functions = imports.filter(([, , [kind]]) => kind === 0).length;
  return moduleBytes(
    [1, 2, 0x60, 2, 0x7f, 0x7e, 1, 0x7c, 0x60, 0, 0],
    [
      2,
      imports.length,
      ...imports.flatMap(([module, name, description]) => [
        ...nameBytes(module),
        ...nameBytes(name),
        ...description,
      ]),
    ],
    [3, 1, 1],
    [7, 1, ...nameBytes("_start"), 0, functions],
    [10, 1, 2, 0, 0x0b],
  );
}

const FUNCTION = [0, 0];
const MEMORY = [2, 0, 1];

Deno.test("imports and starts of modules, in one executor", async (t) => {
  await using harness = new Harness({ size: 1 });

  await t.step("an import that nobody provides is named, with its signature", async () => {
    const caller = await harness.caller();
    const cases: [Uint8Array<ArrayBuffer>, RegExp][] = [
      [
        importing(["env", "launch", FUNCTION]),
        /it imports the function "?env\.launch"?\(i32, i64\) -> f64, which nobody provides$/,
      ],
      [importing(["env", "toString", FUNCTION]), /the function env\.toString\(i32, i64\) -> f64/],
      [
        importing(["wasi_snapshot_preview1", "fd_fly", FUNCTION]),
        /the function wasi_snapshot_preview1\.fd_fly\(/,
      ],
      [importing(["wasi_unstable", "fd_write", FUNCTION]), /the function wasi_unstable\.fd_write\(/],
      [importing(["other", "abort", FUNCTION]), /the function other\.abort\(/],
      [importing(["env", "table", [1, 0x70, 0, 1]]), /the table env\.table, which nobody provides$/],
      [importing(["env", "global", [3, 0x7f, 0]]), /the global env\.global, which nobody provides$/],
      [importing(["env", "tag", [4, 0, 1]]), /the tag env\.tag, which nobody provides$/],
      [
        importing(["env", "emscripten_resize_heap", FUNCTION]),
        /which nobody provides; Emscripten leaves half of its code in JavaScript; compile a program with clang/,
      ],
      [importing(["e\u001b[2J", "x", FUNCTION]), /the function \S*\\u/],
    ];
    for (const [index, [bytes, message]] of cases.entries()) {
      harness.modules.add(`importing${index}`, bytes);
      const error = await assertFails("IMPORT_NOT_FOUND", caller.run(`importing${index}`).exitCode);
      assertMatch(error.message, message);
      assertEquals(Object.keys(error.details!), ["module", "name", "kind"]);
    }
  });

  await t.step("a memory is provided, whatever it is called", async () => {
    const caller = await harness.caller();
    assertEquals(await caller.run("start_print").text(), "start\nstart\nstart\nmain\n");
    harness.modules.add("memory", importing(["anything", "at all", MEMORY]));
    assertEquals(await caller.run("memory").exitCode, 0);
  });

  await t.step("a module that imports from __proto__ changes nothing for others", async () => {
    const caller = await harness.caller();
    // Were it put on Object.prototype, every program after it would be taken to have directories.
    harness.modules.add("polluter", importing(["__proto__", "preopens", MEMORY]));
    assertEquals(await caller.run("polluter").exitCode, 0);
    assertEquals(await caller.call("math.add", [1, 2]), 3);
    harness.modules.add("constructor", importing(["constructor", "prototype", MEMORY]));
    assertEquals(await caller.run("constructor").exitCode, 0);
    assertEquals(await caller.run("greet", ["Ann"]).text(), "Hello, Ann!\n");
  });

  await t.step(
    "_start and _initialize are functions without parameters and results, or are not run",
    async () => {
      const caller = await harness.caller();
      const inline = new InlineModules(harness.modules, DEFAULT_LIMITS);
      const kinds = [[0, "(i32) -> i32"], [3, " (global i32)"]] as const;
      for (const [kind, said] of kinds) {
        harness.pool.modulesChanged();
        harness.modules.add("command", exporting("_start", kind));
        harness.modules.add("reactor", exporting("_initialize", kind));
        const message = (module: string, name: string) =>
          `Cannot run ${module}@v1.0.0: it exports ${name}${said}, and what is run is ${name}()`;
        const run = await assertFails("UNSUPPORTED_SIGNATURE", caller.run("command").exitCode);
        assertEquals(run.message, message("command", "_start"));
        assertEquals(await caller.call("command.f"), undefined, "no call runs _start");
        const call = await assertFails("UNSUPPORTED_SIGNATURE", caller.call("reactor.f"));
        assertEquals(call.message, message("reactor", "_initialize"));
        const inner = await assertFails(
          "UNSUPPORTED_SIGNATURE",
          inline.function({ module: "reactor", function: "f" }),
        );
        assertEquals(inner.message, message("reactor", "_initialize"));
      }
    },
  );
});

/** What a run, a call and an inline function of the module `name` are each refused with. */
async function refusals(
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  called = "_start",
): Promise<GhostError[]> {
  await using harness = new Harness({ size: 1 });
  harness.modules.add(name, bytes);
  const caller = await harness.caller();
  const inline = new InlineModules(harness.modules, DEFAULT_LIMITS);
  return [
    await assertFails("UNSUPPORTED_SIGNATURE", caller.run(name).exitCode),
    await assertFails("UNSUPPORTED_SIGNATURE", caller.call(`${name}.${called}`)),
    await assertFails("UNSUPPORTED_SIGNATURE", inline.function({ module: name, function: called })),
  ];
}

Deno.test("an import that is provided with another signature is refused, and both are named", async () => {
  const wrong = "(i32, i64) -> f64";
  const cases: [module: string, name: string, description: number[], said: string][] = [
    [
      "wasi_snapshot_preview1",
      "fd_write",
      FUNCTION,
      `wasi_snapshot_preview1.fd_write${wrong}, and what is provided is fd_write(i32, i32, i32, i32) -> i32`,
    ],
    [
      "wasi_snapshot_preview1",
      "proc_exit",
      FUNCTION,
      `wasi_snapshot_preview1.proc_exit${wrong}, and what is provided is proc_exit(i32)`,
    ],
    [
      "wasi_snapshot_preview1",
      "sched_yield",
      MEMORY,
      "wasi_snapshot_preview1.sched_yield (memory), and what is provided is sched_yield() -> i32",
    ],
    ["env", "abort", FUNCTION, `env.abort${wrong}, and what is provided is abort(i32, i32, i32, i32)`],
    ["env", "seed", [3, 0x7f, 0], "env.seed (global i32), and what is provided is seed() -> f64"],
  ];
  for (const [module, name, description, said] of cases) {
    for (const error of await refusals("wrong", importing([module, name, description]))) {
      assertEquals(error.message, `Cannot instantiate wrong@v1.0.0: it imports ${said}`);
      assertEquals([error.details!.module, error.details!.name], [module, name]);
    }
  }
});

/** A module that exports the function "f" and, under `name`, a function that takes and returns an i32, or a global. */
function exporting(name: string, kind: 0 | 3): Uint8Array<ArrayBuffer> {
  return moduleBytes(
    [1, 2, 0x60, 0, 0, 0x60, 1, 0x7f, 1, 0x7f],
    [3, 2, 0, 1],
    [6, 1, 0x7f, 0, 0x41, 0, 0x0b],
    [7, 2, ...nameBytes("f"), 0, 0, ...nameBytes(name), kind, kind === 0 ? 1 : 0],
    [10, 2, 2, 0, 0x0b, 4, 0, 0x20, 0, 0x0b],
  );
}
