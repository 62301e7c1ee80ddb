import { parseArgs } from "@std/cli/parse-args";
import { isName } from "../../gmp/names.ts";
import { didYouMean } from "../../gmp/nearest.ts";
import { MAX_EXECUTORS } from "../executors/executor_count.ts";
import { type ExecutionLimits, GREATEST_LIMITS, LEAST_LIMITS } from "../engine/execution_limits.ts";
import { UsageError } from "./failure.ts";

/** The options of the command line, checked. */
export interface GvmOptions {
  readonly command: "repl" | "run" | "exec" | "completions" | "help" | "version";
  /** What follows the subcommand. */
  readonly words: readonly string[];
  /** What follows `--`. */
  readonly rest: readonly string[];
  readonly name: string | undefined;
  /** Who may connect; `ask` is for a person to answer. */
  readonly accept: "all" | "ask" | "none" | ReadonlySet<string>;
  readonly limits: Partial<ExecutionLimits>;
  readonly executors: number | undefined;
  readonly keepGoing: boolean;
  readonly home: string | undefined;
  readonly gmpPort: string | undefined;
  readonly dirs: readonly Mount[];
  readonly env: Readonly<Record<string, string>>;
}

/** A directory that `gvm exec` was asked to give to a command. */
export interface Mount {
  /** The directory on this machine. */
  readonly host: string;
  /** What the command calls it. */
  readonly guest: string;
  /** Whether changes are written back. */
  readonly writable: boolean;
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
/** The hidden subcommand by which a shell asks for completions. */
export const COMPLETE_SUBCOMMAND = "__complete";
/** The subcommands that people type. */
export const SUBCOMMANDS = ["run", "exec", "completions"] as const;
/** The options, those that take a value with `=`. */
export const OPTION_NAMES: readonly string[] = [
  ...STRINGS.map((name) => `--${name}=`),
  ...BOOLEANS.map((name) => `--${name}`),
];

/** Reads the command line. @throws {UsageError} for anything that it does not know. */
export function readOptions(args: readonly string[]): GvmOptions {
  const parsed = parseArgs([...args], {
    // "_": what only looks like a number stays as it was typed.
    string: [...STRINGS, "_"],
    boolean: BOOLEANS,
    collect: ["dir", "env"],
    alias: { help: "h", version: "V" },
    "--": true,
    unknown: (arg, key) => {
      if (key === undefined) return true;
      const known = [...STRINGS, ...BOOLEANS].map((name) => `--${name}`);
      throw new UsageError(`there is no option ${arg}${didYouMean(`--${key}`, known)}`);
    },
  });
  for (const name of STRINGS) {
    if (parsed[name] === "") throw new UsageError(`--${name} needs a value`);
  }
  const [first, ...words] = parsed._.map(String);
  if (first !== undefined && !SUBCOMMANDS.some((one) => one === first)) {
    throw new UsageError(`there is no command ${first}${didYouMean(first, SUBCOMMANDS)}`);
  }
  const command = parsed.help
    ? "help"
    : parsed.version
    ? "version"
    : first === undefined
    ? "repl"
    : first as "run" | "exec" | "completions";
  if (command === "run" && words.length !== 1) {
    throw new UsageError("run takes one line, in quotes: gvm run 'math.add(1,2)'");
  }
  if (command === "exec" && words.length !== 1) {
    throw new UsageError("exec takes one FILE; arguments for it follow --: gvm exec tool.wasm -- --verbose");
  }
  if (command === "completions" && words.length !== 1) {
    throw new UsageError("completions takes a shell: gvm completions bash");
  }
  return {
    command,
    words,
    rest: parsed["--"] ?? [],
    name: parsed.name,
    accept: readAccept(parsed.accept ?? "all"),
    limits: {
      ...(parsed.timeout === undefined
        ? {}
        : { time: number("timeout", parsed.timeout, GREATEST_LIMITS.time) }),
      ...(parsed.memory === undefined ? {} : { memory: memory(parsed.memory) }),
    },
    executors: parsed.executors === undefined
      ? undefined
      : number("executors", parsed.executors, MAX_EXECUTORS),
    keepGoing: parsed["keep-going"],
    home: parsed.home,
    gmpPort: parsed["gmp-port"],
    dirs: (parsed.dir as string[]).map(readMount),
    env: Object.fromEntries((parsed.env as string[]).map(readVariable)),
  };
}

function number(option: string, text: string, greatest: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= greatest) return value;
  throw new UsageError(`--${option} takes a whole number from 1 to ${greatest}, not ${text}`);
}

const UNITS: ReadonlyMap<string, number> = new Map([["", 1], ["K", 2 ** 10], ["M", 2 ** 20], ["G", 2 ** 30]]);

function memory(text: string): number {
  const [, digits, unit = ""] = /^(\d+)([KMG]?)$/i.exec(text) ?? [];
  if (digits === undefined) {
    throw new UsageError(`--memory takes a number of bytes, such as 64M, not ${text}`);
  }
  const value = Number(digits) * UNITS.get(unit.toUpperCase())!;
  if (value < LEAST_LIMITS.memory) {
    throw new UsageError(`--memory takes 64K or more, which is one page of WebAssembly, not ${text}`);
  }
  if (value > GREATEST_LIMITS.memory) throw new UsageError(`--memory takes at most 16G, not ${text}`);
  return value;
}

function readAccept(text: string): GvmOptions["accept"] {
  if (text === "all" || text === "ask" || text === "none") return text;
  const names = text.split(",").map((name) => name.trim());
  const wrong = names.find((name) => !isName(name));
  if (wrong === undefined) return new Set(names);
  throw new UsageError(`--accept takes all, none, ask or names of nodes, and "${wrong}" is none of these`);
}

/** What stands behind the last colon of GUEST is a mode: a directory whose name has a colon is given with one. */
function readMount(text: string): Mount {
  const [, host, guest, mode = "ro"] = /^(.+?)::(.+?)(?::([^:/]*))?$/.exec(text) ?? [];
  if (host !== undefined && guest !== undefined && (mode === "ro" || mode === "rw")) {
    return { host, guest, writable: mode === "rw" };
  }
  const why = host === undefined ? "" : `: "${mode}" is neither ro nor rw`;
  throw new UsageError(`--dir takes HOST::GUEST, HOST::GUEST:ro or HOST::GUEST:rw, not ${text}${why}`);
}

function readVariable(text: string): [string, string] {
  const at = text.indexOf("=");
  const name = text.slice(0, at);
  // It names no field of a message (docs/protocol.md, "Maps").
  if (name.endsWith("__proto__")) throw new UsageError(`--env cannot set a variable called ${name}`);
  if (at > 0) return [name, text.slice(at + 1)];
  throw new UsageError(`--env takes NAME=VALUE, not ${text}`);
}
