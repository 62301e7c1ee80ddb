// What happens while a program's imports are offered to an executor: it is aborted, or the executor dies.
import { assertEquals } from "@std/assert";
import type { ProgramImports } from "../../../gvm/engine/program_imports.ts";
import { EXITING } from "../node/_importing_modules.ts";
import { assertFails, Harness, signalProcess } from "../harness.ts";

/** Imports during whose offer `meanwhile` happens, each time. */
function offering(meanwhile: () => void, module: string, functions: ProgramImports[string]): ProgramImports {
  return Object.defineProperty({}, module, {
    enumerable: true,
    get: () => (meanwhile(), functions),
  });
}

Deno.test("imports that are being offered", async (t) => {
  await using harness = new Harness({ size: 1 });
  harness.modules.add("exiting", EXITING);

  await t.step("a run that is aborted while its imports are offered does not begin", async () => {
    const caller = await harness.caller();
    const stop = new AbortController();
    const code = () => new Promise<never>(() => {});
    const imports = offering(() => stop.abort(), "host", { code });
    const run = caller.run("exiting", [], { imports, signal: stop.signal });
    await assertFails("CANCELLED", run.exitCode);
  });

  await t.step("a run that loses its executor while its imports are offered has the next one", async () => {
    const caller = await harness.caller();
    const [first] = harness.executors;
    const imports = offering(() => signalProcess(first!, "SIGKILL"), "host", { code: (x) => x });
    assertEquals(await caller.run("exiting", [], { imports }).exitCode, 7);
  });
});
