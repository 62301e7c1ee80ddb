import { assertEquals, assertMatch } from "@std/assert";
import { toolchainAdvice, toolchainOf } from "../../../gmp/wasm_format/toolchain.ts";

Deno.test("what made a module is told from the names of its imports and exports", () => {
  const cases: [string | undefined, imports: string[], exports: string[]][] = [
    ["wasm-bindgen", ["./pkg_bg.js.__wbg_log_ea240990d83e374e"], ["memory", "greet"]],
    ["wasm-bindgen", ["wbg.__wbindgen_throw"], ["memory"]],
    ["wasm-bindgen", ["__wbindgen_placeholder__.__wbindgen_describe"], ["greet"]],
    ["wasm-bindgen", [], ["memory", "greet", "__wbindgen_malloc"]],
    ["Emscripten", ["env.emscripten_resize_heap", "wasi_snapshot_preview1.fd_write"], ["main"]],
    ["Emscripten", ["env.invoke_iii"], ["main"]],
    ["Emscripten", ["env._abort_js"], ["add"]],
    ["Emscripten", ["env.__syscall_openat"], ["main"]],
    ["Emscripten", ["a.a", "a.b"], ["c", "d"]],
    ["Emscripten", [], ["memory", "_emscripten_stack_restore", "add"]],
    ["Go", ["gojs.runtime.wasmExit"], ["run"]],
    ["Go", ["go.debug"], ["run"]],
    ["AssemblyScript", ["env.abort"], ["greet", "__new", "__pin", "memory"]],
    [undefined, ["env.abort"], ["add"]],
    [undefined, ["wasi_snapshot_preview1.fd_write"], ["_start", "memory"]],
    [undefined, ["env.invoke", "goo.a", "ab.c", "env.invoked_by"], ["new", "__newer", "emscript"]],
    [undefined, [], []],
  ];
  for (const [expected, imports, exports] of cases) {
    assertEquals(toolchainOf({ imports, exports }), expected as never, `${imports} ${exports}`);
  }
});

Deno.test("the advice says what to compile with", () => {
  assertMatch(
    toolchainAdvice("wasm-bindgen"),
    /^wasm-bindgen leaves .* compile for wasm32-wasip2 with wit-bindgen/,
  );
  assertMatch(toolchainAdvice("Emscripten"), /clang --target=wasm32-wasi/);
  assertMatch(toolchainAdvice("AssemblyScript"), /@extism\/as-pdk/);
  assertMatch(toolchainAdvice("Go"), /GOOS=wasip1/);
});
