/**
 * `deno task bundle`: makes, in the directory given, the files from which installed commands and their processes start: one for
 * each process, and two for each command, of which the first is small (docs/performance.md, "Starting").
 */
import type { Bundle } from "../../gmp/device/process_entry.ts";

const [directory = "dist/"] = Deno.args;

/** The bundles, and the entry points that they are made of. */
const ENTRIES: Readonly<Record<Bundle, string>> = {
  gpmd: "gpmd/early.ts",
  gpmd_main: "gpmd/cli/run_gpmd.ts",
  daemon: "gpmd/daemon/daemon_main.ts",
  gvm: "gvm/early.ts",
  gvm_main: "gvm/cli/run_gvm.ts",
  executor: "gvm/executor/main.ts",
};

// A command makes the link's file when it needs one.
await Deno.remove(`${directory}link.js`).catch((error) => {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
});
for (const [bundle, entry] of Object.entries(ENTRIES)) {
  const output = `${directory}${bundle}.js`;
  const { code } = await new Deno.Command("deno", {
    args: ["bundle", "--quiet", "--platform=deno", "--minify", `--output=${output}`, entry],
    stdin: "null",
  }).spawn().status;
  if (code !== 0) Deno.exit(code);
  // V8 reads a file of ASCII alone faster, and keeps half as many bytes of it; only comments have other characters.
  const text = await Deno.readTextFile(output);
  const escape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  await Deno.writeTextFile(output, text.replaceAll(/[\u0080-\uffff]/g, escape));
}
