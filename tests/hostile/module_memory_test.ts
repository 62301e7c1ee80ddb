/** Reading a module takes no more memory than a multiple of its size, whatever it promises. */
import { assert, assertEquals } from "@std/assert";
import type { MemoryFigures } from "./_module_memory.ts";

const SCRIPT = new URL("./_module_memory.ts", import.meta.url).pathname;
/** Bytes of memory for each byte of a file, garbage included; a table of 3 bytes becomes an object of some 200. */
const FACTOR = 160;

Deno.test("a module's description takes a bounded multiple of the module's size, also where its numbers lie", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-A", "--v8-flags=--expose-gc", SCRIPT],
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const figures: MemoryFigures = JSON.parse(new TextDecoder().decode(stdout));
  assertEquals(figures.lies?.refused, true);
  // Were the densest files refused for a mistake of the test's, they would try nothing.
  const refused = Object.keys(figures).filter((name) => figures[name]!.refused);
  assertEquals(refused, ["functions", "lies"]);
  for (const [name, { factor }] of Object.entries(figures)) {
    assert(factor < FACTOR, `${name}: ${factor} bytes of memory for each byte of the file`);
  }
});
