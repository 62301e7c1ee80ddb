import { assert, assertEquals } from "@std/assert";
import { walk } from "@std/fs/walk";
import { readComponent } from "../../../../gmp/wasm_format/component/component_reader.ts";
import { validateComponent } from "../../../../gmp/wasm_format/component/component_validator.ts";
import { formatWit } from "../../../../gmp/wasm_format/component/wit_text.ts";
import { isComponent } from "../../../../gmp/wasm_format/header.ts";

const CORPUS = Deno.env.get("COMPONENT_FILES");
// Not in a test: it keeps a thread.
const wasmTools = CORPUS === undefined
  ? undefined
  : await import(String("npm:@bytecodealliance/jco-transpile@0.15.0/wasm-tools"));

function witOf(bytes: Uint8Array, limit = 200_000): string {
  return formatWit(validateComponent(bytes, readComponent(bytes)), limit);
}

Deno.test("a component is written as WIT: its world, then its packages", () => {
  const bytes = Deno.readFileSync(new URL("../../../../examples/greeter/greeter.wasm", import.meta.url));
  const lines = witOf(bytes).split("\n");
  assertEquals(lines.slice(0, 8), [
    "package root:component;",
    "world root {",
    "  export ghost:demo/greeter@1.0.0;",
    "}",
    "",
    "package ghost:demo@1.0.0 {",
    "  interface greeter {",
    "    record person {",
  ]);
  assertEquals(lines.slice(19, 27), [
    "    resource counter {",
    "      constructor(start: u32);",
    "      next: func() -> u32;",
    "      merge: static func(a: counter, b: counter) -> counter;",
    "    }",
    "    greet: func(name: string) -> string;",
    "    birthday: func(p: person) -> person;",
    "    area: func(s: shape) -> result<f64, string>;",
  ]);
  const cut = witOf(bytes, 100);
  assert(cut.length <= 140 && cut.endsWith("\n…"), cut);
});

Deno.test({
  name: "wasm-tools reads the WIT of real components (COMPONENT_FILES names a directory of them)",
  ignore: CORPUS === undefined,
  async fn() {
    let read = 0;
    for await (const { path } of walk(CORPUS!, { exts: [".wasm"], includeDirs: false })) {
      const bytes = await Deno.readFile(path);
      if (!isComponent(bytes)) continue;
      const embedding = { witSource: witOf(bytes), dummy: true, world: "root", features: { tag: "all" } };
      await wasmTools.componentEmbed(embedding).catch((error: unknown) => assert(false, `${path}: ${error}`));
      read += 1;
    }
    assert(read > 0);
  },
});
