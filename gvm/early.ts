/**
 * The first file of a bundled `gvm` (`deno task bundle`): it starts what takes longest, and then loads the rest.
 *
 * @module
 */
import { processEntry } from "../gmp/device/process_entry.ts";
import { startEarlyExecutor } from "./cli/early_executor.ts";

if (import.meta.main) {
  startEarlyExecutor(Deno.args);
  const rest = processEntry("gvm_main", import.meta.resolve("./cli/run_gvm.ts"));
  const { runGvm }: typeof import("./cli/run_gvm.ts") = await import(rest);
  Deno.exit(await runGvm(Deno.args));
}
