import { assertEquals, assertRejects } from "@std/assert";
import { GhostError } from "../../gmp/errors.ts";
import { checkModule } from "../../gpmd/check_module.ts";
import { ADD_MODULE, moduleOf } from "./_modules.ts";

Deno.test("valid modules pass", async () => {
  await checkModule(ADD_MODULE);
  await checkModule(moduleOf(16));
  await checkModule(moduleOf(100_000, 7));
});

Deno.test("a file cut off anywhere is refused, unless what is left is a module", async () => {
  for (let length = 0; length < ADD_MODULE.length; length++) {
    if (length === 8 || length === 17) continue; // a header alone, and with types alone
    const error = await assertRejects(() => checkModule(ADD_MODULE.slice(0, length)), GhostError);
    assertEquals(error.code, "NOT_A_MODULE", `${length} bytes`);
  }
});

Deno.test("a module of the right form with a wrong function is refused with the engine's reason", async () => {
  const bytes = ADD_MODULE.slice();
  bytes[bytes.length - 2] = 0x7c; // i64.add
  const error = await assertRejects(() => checkModule(bytes), GhostError, "function #0");
  assertEquals(error.code, "NOT_A_MODULE");
  assertEquals(error.message.includes("WebAssembly.compile"), false);
});
