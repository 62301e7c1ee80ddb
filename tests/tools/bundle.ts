/**
 * `deno task bundle`: makes, in the directory given, the files from which installed commands and their processes start: one for
 * each process, and two for each command, of which the first is small (docs/performance.md, "Starting"). Then it loads each
 * once, as its process does: Deno keeps what V8 makes of it, so that the first start takes no longer than the second.
 */
import { resolve } from "@std/path";
import { denoProgram } from "../../gmp/device/deno_process.ts";
import type { Bundle } from "../../gmp/device/process_entry.ts";
import { daemonCommand } from "../../gpmd/daemon/daemon_command.ts";
import { DEFAULT_LIMITS } from "../../gvm/engine/execution_limits.ts";
import { executorCommand } from "../../gvm/executors/executor_command.ts";

const directory = resolve(Deno.args[0] ?? "dist");

/** The bundles, and the entry points that they are made of. */
const ENTRIES: Readonly<Record<Bundle, string>> = {
  gpmd: "gpmd/early.ts",
  gpmd_main: "gpmd/cli/run_gpmd.ts",
  daemon: "gpmd/daemon/daemon_main.ts",
  gvm: "gvm/early.ts",
  gvm_main: "gvm/cli/run_gvm.ts",
  executor: "gvm/executor/main.ts",
};

/**
 * What the sources import when it is needed, and no bundled command ever needs: its other processes have bundles of their own.
 * It is a third of each command.
 */
const LEFT_OUT = ["./compiled_daemon.ts", "./compiled_executor.ts", "./inline_modules.ts"];

function pathOf(bundle: Bundle | "link"): string {
  return `${directory}/${bundle}.js`;
}

async function makeBundle(bundle: Bundle): Promise<void> {
  const output = pathOf(bundle);
  const left = LEFT_OUT.map((path) => `--external=${path}`);
  const { code } = await new Deno.Command("deno", {
    args: [
      "bundle",
      "--quiet",
      "--platform=deno",
      "--minify",
      ...left,
      `--output=${output}`,
      ENTRIES[bundle],
    ],
    stdin: "null",
  }).spawn().status;
  if (code !== 0) Deno.exit(code);
  // V8 reads a file of ASCII alone faster, and keeps half as many bytes of it; only comments have other characters.
  const text = await Deno.readTextFile(output);
  const escape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  await Deno.writeTextFile(output, text.replaceAll(/[\u0080-\uffff]/g, escape));
}

/** Command lines that load a bundle and soon end, each with V8's flags of its process, on which what is kept depends. */
function* briefStarts(): Generator<string[]> {
  for (const command of ["gpmd", "gvm"] as const) {
    yield ["run", "--no-config", "--allow-read", "--allow-env", pathOf(command), "--version"];
  }
  // An executor ends with its standard input, a daemon when it cannot have a store there.
  const { args: executor } = executorCommand(DEFAULT_LIMITS);
  const home = `${pathOf("daemon")}/none`;
  const { args: daemon } = daemonCommand({ home, commandPort: 0, gmpPort: 0, attached: false, echo: false });
  for (const [bundle, args] of [["executor", executor], ["daemon", daemon]] as const) {
    const source = import.meta.resolve(`../../${ENTRIES[bundle]}`);
    yield args.flatMap((arg) => arg === source ? ["--no-config", pathOf(bundle)] : [arg]);
  }
}

// A command makes the link's file when it needs one.
await Deno.remove(pathOf("link")).catch((error) => {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
});
for (const bundle of Object.keys(ENTRIES) as Bundle[]) await makeBundle(bundle);
for (const args of briefStarts()) {
  await new Deno.Command(denoProgram(), { args, stdin: "null", stdout: "null", stderr: "null" }).output();
}
