import { assertEquals } from "@std/assert";
import { bundleFlags } from "../tools/entries.ts";
import { SCENARIOS } from "./_stopped_processes.ts";

const SCRIPT = new URL("./_stopped_processes.ts", import.meta.url).pathname;

Deno.test("what is stopped is given up in time, what goes on is not, and connections come back", async () => {
  await Promise.all(
    Object.keys(SCENARIOS).map(async (name) => {
      const args = ["run", "--no-check", "-A", ...bundleFlags(), SCRIPT, name];
      const { code, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
      assertEquals(code, 0, `${name}: ${new TextDecoder().decode(stderr)}`);
    }),
  );
});
