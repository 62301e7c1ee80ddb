import { assertEquals, assertMatch } from "@std/assert";
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

Deno.test("an import that nobody provides is named, with its signature", async () => {
  await using harness = new Harness();
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
    [importing(["e\u001b[2J", "x", FUNCTION]), /the function \S*\\u/],
  ];
  for (const [index, [bytes, message]] of cases.entries()) {
    harness.modules.add(`importing${index}`, bytes);
    const error = await assertFails("IMPORT_NOT_FOUND", caller.run(`importing${index}`).exitCode);
    assertMatch(error.message, message);
    assertEquals(Object.keys(error.details!), ["module", "name", "kind"]);
  }
});

Deno.test("a memory is provided, whatever it is called", async () => {
  await using harness = new Harness();
  const caller = await harness.caller();
  assertEquals(await caller.run("start_print").text(), "start\nstart\nstart\nmain\n");
  harness.modules.add("memory", importing(["anything", "at all", MEMORY]));
  assertEquals(await caller.run("memory").exitCode, 0);
});

Deno.test("a module that imports from __proto__ changes nothing for others", async () => {
  await using harness = new Harness();
  const caller = await harness.caller();
  // Were it put on Object.prototype, every program after it would be taken to have directories.
  harness.modules.add("polluter", importing(["__proto__", "preopens", MEMORY]));
  assertEquals(await caller.run("polluter").exitCode, 0);
  assertEquals(await caller.call("math.add", [1, 2]), 3);
  harness.modules.add("constructor", importing(["constructor", "prototype", MEMORY]));
  assertEquals(await caller.run("constructor").exitCode, 0);
  assertEquals(await caller.run("greet", ["Ann"]).text(), "Hello, Ann!\n");
});
