import { parseArgs } from "@std/cli/parse-args";
import { didYouMean } from "../gmp/nearest.ts";
import type { Row } from "./contest.ts";

/** What a run is asked for. */
export interface BenchOptions {
  /** Fewer and shorter rounds. */
  readonly quick: boolean;
  /** Whether only the names of the rows are wanted. */
  readonly list: boolean;
  /** The rows to measure. */
  readonly rows: readonly Row[];
  /** The file of the results, if one was named. */
  readonly json: string | undefined;
}

/** What `--help` says. */
export const HELP = `Usage: deno task bench [options]

Measures Ghost Network and its peers side by side, and prints ratios.

Options:
  --quick            fewer and shorter rounds, and more noise
  --only=ROW,ROW…    these rows only
  --json=FILE        write the results to FILE (default: bench/results/latest.json)
  --list             print the names of the rows, and what each measures
  -h, --help         this text`;

const OPTIONS = {
  boolean: ["quick", "list", "help"],
  string: ["only", "json"],
  alias: { h: "help" },
} as const;
const NAMES = [...OPTIONS.boolean, ...OPTIONS.string];

/** Options that cannot be: the message is for the user. */
export class OptionError extends Error {}

/** Reads `args`; `undefined` when help was asked for. @throws {OptionError} */
export function readOptions(args: readonly string[], rows: readonly Row[]): BenchOptions | undefined {
  const unknown = (arg: string, key?: string) => {
    if (key === undefined) throw new OptionError(`"${arg}" is no option`);
    throw new OptionError(`there is no option --${key}${didYouMean(key, NAMES, "--")}`);
  };
  const { quick, list, help, only, json } = parseArgs([...args], { ...OPTIONS, unknown });
  for (const [name, value] of Object.entries({ only, json })) {
    if (value === "") throw new OptionError(`--${name} needs a value`);
  }
  if (help) return undefined;
  return {
    quick,
    list,
    json,
    rows: only === undefined ? rows : only.split(",").map((id) => rowOf(id, rows)),
  };
}

function rowOf(id: string, rows: readonly Row[]): Row {
  const row = rows.find((one) => one.id === id);
  if (row !== undefined) return row;
  throw new OptionError(`there is no row "${id}"${didYouMean(id, rows.map((one) => one.id))}`);
}
