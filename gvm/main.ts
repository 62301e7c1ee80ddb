/**
 * The command `gvm`: a node at a prompt, for a script or for one line; it also runs WASI commands. See `gvm
 * --help`.
 *
 * @module
 */
import { runGvm } from "./cli/run_gvm.ts";

if (import.meta.main) Deno.exit(await runGvm(Deno.args));
