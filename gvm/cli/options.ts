import { parseArgs } from "@std/cli/parse-args";
import { GhostError } from "../../gmp/errors.ts";
import { nearest } from "../../gmp/nearest.ts";
import type { ExecutionLimits } from "../wasm/execution_limits.ts";

/** The options of the command line, checked. */
export interface GvmOptions {
  readonly command: "repl" | "run" | "exec" | "help" | "version";
  /** What follows the subcommand. */
  readonly words: readonly string[];
  /** What follows `--`. */
  readonly rest: readonly string[];
  readonly name: string | undefined;
  readonly accept: string;
  readonly limits: Partial<ExecutionLimits>;
  readonly executors: number | undefined;
  readonly keepGoing: boolean;
  readonly home: string | undefined;
  readonly gmpPort: string | undefined;
  readonly dirs: readonly string[];
  readonly env: readonly string[];
}

/** The command was used wrongly: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const STRINGS = [
  "name",
  "accept",
  "timeout",
  "memory",
  "executors",
  "home",
  "gmp-port",
  "dir",
  "env",
] as const;
const BOOLEANS = ["keep-going", "help", "version"] as const;
const SUBCOMMANDS = ["run", "exec"] as const;

/** Reads the command line. @throws {UsageError} for anything that it does not know. */
export function readOptions(args: readonly string[]): GvmOptions {
  // What follows FILE of exec is the module's own, as with every program that starts another.
  const parsed = parseArgs([...args], {
    string: STRINGS,
    boolean: BOOLEANS,
    collect: ["dir", "env"],
    alias: { help: "h", version: "V" },
    "--": true,
    unknown: (arg, key) => {
      if (key === undefined) return true;
      const known = [...STRINGS, ...BOOLEANS].map((name) => `--${name}`);
      throw new UsageError(`there is no option ${arg}${suggestion(`--${key}`, known)}`);
    },
  });
  for (const name of STRINGS) {
    if (parsed[name] === "") throw new UsageError(`--${name} needs a value`);
  }
  const [first, ...words] = parsed._.map(String);
  if (first !== undefined && !SUBCOMMANDS.some((one) => one === first)) {
    throw new UsageError(`there is no command ${first}${suggestion(first, SUBCOMMANDS)}`);
  }
  const command = parsed.help
    ? "help"
    : parsed.version
    ? "version"
    : first === undefined
    ? "repl"
    : first as "run" | "exec";
  if (command === "run" && words.length !== 1) {
    throw new UsageError("run takes one line, in quotes: gvm run 'math.add(1,2)'");
  }
  if (command === "exec" && words.length !== 1) {
    throw new UsageError("exec takes one FILE; arguments for it follow --: gvm exec tool.wasm -- --verbose");
  }
  return {
    command,
    words,
    rest: parsed["--"] ?? [],
    name: parsed.name,
    accept: parsed.accept ?? "all",
    limits: {
      ...(parsed.timeout === undefined ? {} : { time: number("timeout", parsed.timeout) }),
      ...(parsed.memory === undefined ? {} : { memory: bytes("memory", parsed.memory) }),
    },
    executors: parsed.executors === undefined ? undefined : number("executors", parsed.executors),
    keepGoing: parsed["keep-going"],
    home: parsed.home,
    gmpPort: parsed["gmp-port"],
    dirs: parsed.dir as string[],
    env: parsed.env as string[],
  };
}

function suggestion(word: string, known: readonly string[]): string {
  const found = nearest(word, known);
  return found === undefined ? "" : `; did you mean ${found}?`;
}

function number(option: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new UsageError(`--${option} takes a whole number above 0, not ${text}`);
}

const UNITS: Readonly<Record<string, number>> = { "": 1, K: 1 << 10, M: 1 << 20, G: 1 << 30 };

function bytes(option: string, text: string): number {
  const match = /^(\d+)([KMG]?)$/i.exec(text);
  if (match === null) throw new UsageError(`--${option} takes a number of bytes, such as 64M, not ${text}`);
  return number(option, match[1]!) * UNITS[match[2]!.toUpperCase()]!;
}

/** Who may connect, as `--accept` says; `ask` is for the caller to answer. */
export function readAccept(text: string): "all" | "ask" | "none" | ReadonlySet<string> {
  if (text === "all" || text === "ask" || text === "none") return text;
  return new Set(text.split(",").map((name) => name.trim()).filter((name) => name !== ""));
}

/** The error's exit code: 2 for wrong usage, 1 for all else. */
export function exitCodeOf(error: unknown): 1 | 2 {
  return error instanceof UsageError ? 2 : 1;
}

/** The line that standard error gets for `error`. */
export function complaint(error: unknown): string {
  if (error instanceof UsageError) return `gvm: ${error.message}\nTry: gvm --help`;
  const { code, message } = GhostError.from(error);
  return `${code}: ${message}`;
}
