import { assertEquals } from "@std/assert";
import { inferModuleName } from "../../../gpmd/cli/infer_module_name.ts";

Deno.test("name and version are read from a file called NAME-VERSION.wasm", () => {
  const inferred = (path: string) => {
    const found = inferModuleName(path);
    return found && [found.name, found.version];
  };
  assertEquals(inferred("math-v0.0.1.wasm"), ["math", "v0.0.1"]);
  assertEquals(inferred("/a-v1/math-v2.0.0.wasm"), ["math", "v2.0.0"]);
  assertEquals(inferred("base-64-v1.0.0.wasm"), ["base-64", "v1.0.0"]);
  assertEquals(inferred("my-lib-1.2.3-beta.1.wasm"), ["my-lib", "1.2.3-beta.1"]);
  assertEquals(inferred("C:\\modules\\math-1.0.wasm"), ["math", "1.0"]);
  for (const path of ["math.wasm", "math-v1", "v1.wasm", "-v1.wasm", "math-latest.wasm", "base-64.wasm"]) {
    assertEquals(inferred(path), undefined, path);
  }
});
