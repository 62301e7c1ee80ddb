/**
 * Runs the tests in three processes side by side, for as long each, and with them the examples of the documents. Most of
 * them wait for processes that they start, from bundles, so one process alone would use half a core. Each prints its tests
 * and its count in one piece.
 */
import { fromFileUrl } from "@std/path";
import { makeBundles } from "./bundles.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));
const FLAGS = ["-A", "--no-check", "--sanitize-ops", "--sanitize-resources"];

/** The tests of each process; a last one has all others. */
const PARTS = [["tests/gvm/"], [
  "tests/devices/",
  "tests/end_to_end/",
  "tests/faults/",
  "tests/gpmd/link/",
  "tests/soak/",
]];

/** Runs Deno's test runner as that part. */
function runTests(args: readonly string[], part: number, output: "inherit" | "held"): Promise<boolean> {
  return runDeno(["test", ...FLAGS, `--import-map=${importMap}`, ...args], part, output);
}

/** Runs `deno`; its output is passed on as it comes, or `held` until it ends. */
async function runDeno(args: string[], part: number, output: "inherit" | "held"): Promise<boolean> {
  const stream = output === "inherit" ? "inherit" : "piped";
  const child = new Deno.Command(Deno.execPath(), {
    args,
    cwd: ROOT,
    env: { GHOST_TEST_PART: `${part}` }, // each has ports of its own
    stdin: "null",
    stdout: stream,
    stderr: stream,
  }).spawn();
  if (output === "inherit") return (await child.status).success;
  const { success, stdout, stderr } = await child.output();
  held.push(stdout, stderr);
  return success;
}

const importMap = await makeBundles(ROOT);
const held: Uint8Array[] = [];
const [first, ...others] = PARTS;
const outcomes = await Promise.all([
  runTests(first!, 1, "inherit"),
  ...others.map((part, i) => runTests(part, i + 2, "held")),
  runTests([`--ignore=${PARTS.flat()}`, "tests/"], PARTS.length + 1, "held"),
  runDeno(["run", "-A", "tests/tools/doc_tests.ts"], 0, "held"),
]);
for (const bytes of held) await Deno.stdout.write(bytes);
if (!outcomes.every((success) => success)) Deno.exit(1);
