import { assert, assertEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { readModule } from "../../../gmp/wasm_format/module_reader.ts";
import { exportStart } from "../../../gvm/engine/start_function.ts";
import { fixture, moduleBytes, nameBytes } from "../../gmp/fixtures/module_bytes.ts";
import { TestModules } from "../harness.ts";

/** A module with a start function that counts in a global, exported as "count" next to further exports of it. */
function counting(exports: readonly string[], sections: readonly number[][] = []): Uint8Array<ArrayBuffer> {
  const entries = exports.flatMap((name) => [...nameBytes(name), 3, 0]);
  return moduleBytes(
    [1, 1, 0x60, 0, 0],
    [3, 1, 0],
    [6, 1, 0x7f, 1, 0x41, 0, 0x0b],
    ...(exports.length > 0 ? [[7, exports.length, ...entries]] : []),
    [8, 0],
    ...sections,
    [10, 1, 9, 0, 0x23, 0, 0x41, 1, 0x6a, 0x24, 0, 0x0b],
  );
}

function exported(bytes: Uint8Array<ArrayBuffer>): { name: string; exports: WebAssembly.Exports } {
  const { bytes: changed, name } = exportStart(bytes, readModule(bytes));
  assert(name !== undefined);
  return { name, exports: new WebAssembly.Instance(new WebAssembly.Module(changed)).exports };
}

Deno.test("a start function is exported and no longer started", () => {
  const { name, exports } = exported(counting(["count"]));
  assertEquals(Object.keys(exports), ["count", name]);
  const { count, [name]: start } = exports as { count: WebAssembly.Global } & Record<string, () => void>;
  assertEquals(count.value, 0);
  start!();
  assertEquals(count.value, 1);
});

Deno.test("it has a name that no other export has, and an export section where there is none", () => {
  const names = ["start function", "start function 2", "start function 4"];
  assertEquals(exported(counting(names)).name, "start function 3");
  const { name, exports } = exported(counting([]));
  assertEquals(Object.keys(exports), [name]);
});

Deno.test("a count of exports that is written in more bytes than it needs is found to its end", () => {
  const bytes = counting(["count"]);
  const section = readModule(bytes).sections.find(({ id }) => id === 7)!;
  const longer = Uint8Array.of(
    ...bytes.subarray(0, section.start),
    ...[7, section.end - section.contentStart + 2, 0x81, 0x80, 0],
    ...bytes.subarray(section.contentStart + 1),
  );
  assertEquals(Object.keys(exported(longer).exports).length, 2);
  // 127 of them and one more: its number needs another byte.
  const many = Array.from({ length: 20 }, (_, index) => `${index}`);
  assertEquals(Object.keys(exported(counting(many)).exports).length, 21);
});

Deno.test("a module without a start function is what it was", () => {
  const bytes = new TestModules().bytesOf("math");
  assertEquals(exportStart(bytes, readModule(bytes)), { bytes, name: undefined });
});

Deno.test("what follows the start section stays where the engine finds it", () => {
  for (const bytes of [fixture("everything.wasm"), new TestModules().bytesOf("start_print")]) {
    const before = readModule(bytes);
    const { bytes: changed, name } = exportStart(bytes, before);
    const after = readModule(changed);
    assertEquals(after.start, undefined);
    assertEquals(after.exports.slice(0, -1), before.exports);
    assertEquals(after.exports.at(-1), {
      name: name!,
      kind: "function",
      type: { parameters: [], results: [] },
    });
    new WebAssembly.Module(changed);
  }
});

Deno.test("a start function that takes or returns values makes no module, as the engine has it", () => {
  for (const type of [[0x60, 1, 0x7f, 0], [0x60, 0, 1, 0x7f]]) {
    const bytes = moduleBytes([1, 1, ...type], [3, 1, 0], [8, 0], [10, 1, 3, 0, 0, 0x0b]);
    const error = assertThrows(
      () => readModule(bytes),
      GhostError,
      "the start function takes or returns values",
    );
    assertEquals(error.code, "NOT_A_MODULE");
    assertThrows(() => new WebAssembly.Module(bytes), WebAssembly.CompileError);
  }
});
