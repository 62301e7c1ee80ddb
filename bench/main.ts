/**
 * Measures Ghost Network and its peers side by side: in one run, in rounds that alternate between them, on one machine.
 * Peers that are not installed are skipped by name. docs/performance.md has the figures of a full run and what they mean.
 *
 *     deno task bench [--quick] [--only=ROW,…] [--json=FILE] [--list]
 */
import { ensureDir } from "@std/fs/ensure-dir";
import { dirname, fromFileUrl } from "@std/path";
import { Arena } from "./arena.ts";
import { bundleCommands } from "./commands.ts";
import { measureRow, type Result, type Row } from "./contest.ts";
import { machine } from "./machine.ts";
import { type BenchOptions, HELP, OptionError, readOptions } from "./options.ts";
import { possiblePlacements } from "./placement.ts";
import { table } from "./report.ts";
import { ROWS } from "./rows/mod.ts";

const RESULTS = fromFileUrl(new URL("results/latest.json", import.meta.url));

/** What an interrupted run has to end. */
let current: Arena | undefined;

const options = given();
if (options.list) {
  for (const { id, title, unit } of ROWS) console.log(`${id.padEnd(16)} ${title} (${unit})`);
  Deno.exit(0);
}

function given(): BenchOptions {
  try {
    const options = readOptions(Deno.args, ROWS);
    if (options !== undefined) return options;
    console.log(HELP);
    Deno.exit(0);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    console.error(`bench: ${error.message}\nTry: deno task bench --help`);
    Deno.exit(2);
  }
}

async function measure(rows: readonly Row[], quick: boolean): Promise<Result[]> {
  const placements = await possiblePlacements();
  await bundleCommands();
  const results: Result[] = [];
  for (const row of rows) {
    console.error(`${row.id}: ${row.title}`);
    // Each row has processes of its own: no row depends on which were measured before it.
    await using arena = current = new Arena(quick);
    try {
      results.push(...await measureRow(row, arena, placements));
    } catch (error) {
      console.error(`${row.id} failed:`, error);
      Deno.exitCode = 1;
    }
  }
  return results;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, async () => {
    await current?.[Symbol.asyncDispose]();
    Deno.exit(130);
  });
}

const before = machine();
const results = await measure(options.rows, options.quick);
const file = options.json ?? RESULTS;
await ensureDir(dirname(file));
await Deno.writeTextFile(file, JSON.stringify({ ...before, quick: options.quick, results }, null, 2) + "\n");
console.log(table(results));
