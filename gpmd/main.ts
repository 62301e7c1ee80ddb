/**
 * The command `gpmd`: starts and stops the daemon, shows what it knows, and publishes modules. See `gpmd --help`.
 *
 * @module
 */
import { runGpmd } from "./cli/run_gpmd.ts";

if (import.meta.main) Deno.exit(await runGpmd(Deno.args));
