/**
 * The first file of a bundled `gpmd` (`deno task bundle`): it starts what takes longest, and then loads the rest.
 *
 * @module
 */
import { processEntry } from "../gmp/device/process_entry.ts";
import { startEarlyDaemon } from "./start/early_daemon.ts";

if (import.meta.main) {
  startEarlyDaemon(Deno.args);
  const rest = processEntry("gpmd_main", import.meta.resolve("./cli/run_gpmd.ts"));
  const { runGpmd }: typeof import("./cli/run_gpmd.ts") = await import(rest);
  Deno.exit(await runGpmd(Deno.args));
}
