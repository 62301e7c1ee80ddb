import { assertEquals } from "@std/assert";
import { readModule } from "../../../gmp/wasm_format/module_reader.ts";
import { ASSEMBLYSCRIPT_SIGNATURES, WASI_SIGNATURES } from "../../../gmp/wasm_format/host_signatures.ts";
import { assemblyScriptFunctions } from "../../../gvm/engine/assemblyscript.ts";
import { Wasi } from "../../../gvm/wasi/mod.ts";

Deno.test("the signatures are those with which wasi-libc imports each function", () => {
  const { imports } = readModule(
    Deno.readFileSync(new URL("../../gvm/wasi/fixtures/every_function.wasm", import.meta.url)),
  );
  const imported = new Map(imports.map((one) => [one.name, one.type]));
  for (const { module, name, type } of imports) {
    assertEquals([module, type], ["wasi_snapshot_preview1", WASI_SIGNATURES.get(name)], name);
  }
  const others = [...WASI_SIGNATURES.keys()].filter((name) => !imported.has(name));
  assertEquals(others, ["proc_raise"]);
});

Deno.test("every function has a signature, with as many parameters as it takes", () => {
  const sink = { write() {} };
  const { functions } = new Wasi({ args: [], stdout: sink, stderr: sink });
  assertEquals(Object.keys(functions).sort(), [...WASI_SIGNATURES.keys()].sort());
});

Deno.test("every function for AssemblyScript has a signature", () => {
  const functions = assemblyScriptFunctions(() => undefined, () => {});
  assertEquals(Object.keys(functions).sort(), [...ASSEMBLYSCRIPT_SIGNATURES.keys()].sort());
});
