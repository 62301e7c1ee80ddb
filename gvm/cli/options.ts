import { type Flag, text, type ValueOption } from "../../gmp/command/program.ts";
import { UsageError } from "../../gmp/command/usage_error.ts";
import { isName } from "../../gmp/names.ts";
import { GREATEST_LIMITS, LEAST_LIMITS } from "../engine/execution_limits.ts";
import { MAX_EXECUTORS } from "../executors/executor_count.ts";

/** Who may connect; with `ask`, a person answers. */
export type Accept = "all" | "ask" | "none" | ReadonlySet<string>;

/** A directory that `gvm exec` gives to a command. */
export interface Mount {
  /** The directory on this machine. */
  readonly host: string;
  /** The command's name for it. */
  readonly guest: string;
  /** Whether changes are written back. */
  readonly writable: boolean;
}

/** The node's name. */
export const NAME: ValueOption<string> = text({
  name: "name",
  value: "NAME",
  text: "the node's name (default: node- and four digits)",
});

/** Who may connect to the node. */
export const ACCEPT: ValueOption<Accept> = {
  name: "accept",
  value: "WHO",
  text: "who may connect: all (default), none, ask, or names separated by commas",
  complete: async ({ nodes }) => ["all", "ask", "none", ...await nodes()],
  read: readAccept,
};

/** Milliseconds that a call may take. */
export const TIMEOUT: ValueOption<number> = {
  name: "timeout",
  value: "MS",
  text: "time limit of a call, in milliseconds (default: 30000; none for exec)",
  read: (text) => readCount("timeout", text, GREATEST_LIMITS.time),
};

/** Bytes of memory for a caller's modules. */
export const MEMORY: ValueOption<number> = {
  name: "memory",
  value: "BYTES",
  text: "memory limit of a caller, 64K to 16G; K, M and G may follow the number (default: 512M)",
  read: readMemory,
};

/** Executor processes. */
export const EXECUTORS: ValueOption<number> = {
  name: "executors",
  value: "N",
  text: "most executor processes at once (default: 8)",
  read: (text) => readCount("executors", text, MAX_EXECUTORS),
};

/** Continues after a line that failed. */
export const KEEP_GOING: Flag = {
  name: "keep-going",
  text: "without a terminal: continue after a line that failed",
};

/** Directories for the module that `gvm exec` runs. */
export const DIR: ValueOption<Mount> = {
  name: "dir",
  value: "HOST::GUEST[:ro|:rw]",
  many: true,
  text:
    "a copy of the directory HOST, at GUEST; with :rw changes are written back at the end, all or none, " +
    "even after an error, Ctrl-C or SIGTERM",
  complete: "files",
  read: readMount,
};

/** Environment variables for the module. */
export const ENV: ValueOption<readonly [name: string, value: string]> = {
  name: "env",
  value: "NAME=VALUE",
  many: true,
  text: "an environment variable",
  read: readVariable,
};

function readCount(option: string, text: string, greatest: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= greatest) return value;
  throw new UsageError(`--${option} takes a whole number from 1 to ${greatest}, not ${text}`);
}

const UNITS: ReadonlyMap<string, number> = new Map([["", 1], ["K", 2 ** 10], ["M", 2 ** 20], ["G", 2 ** 30]]);

function readMemory(text: string): number {
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

function readAccept(text: string): Accept {
  if (text === "all" || text === "ask" || text === "none") return text;
  const names = text.split(",").map((name) => name.trim());
  const wrong = names.find((name) => !isName(name));
  if (wrong === undefined) return new Set(names);
  throw new UsageError(`--accept takes all, none, ask or names of nodes, and "${wrong}" is none of these`);
}

/** The text after the last colon of GUEST is a mode: a directory with a colon in its name needs one. */
function readMount(text: string): Mount {
  const [, host, guest, mode = "ro"] = /^(.+?)::(.+?)(?::([^:/]*))?$/.exec(text) ?? [];
  if (host !== undefined && guest !== undefined && (mode === "ro" || mode === "rw")) {
    return { host, guest, writable: mode === "rw" };
  }
  const why = host === undefined ? "" : `: "${mode}" is neither ro nor rw`;
  throw new UsageError(`--dir takes HOST::GUEST, HOST::GUEST:ro or HOST::GUEST:rw, not ${text}${why}`);
}

function readVariable(text: string): [name: string, value: string] {
  const at = text.indexOf("=");
  const name = text.slice(0, at);
  // It cannot name a field of a message (docs/protocol.md, "Maps").
  if (name.endsWith("__proto__")) throw new UsageError(`--env cannot set a variable called ${name}`);
  if (at > 0) return [name, text.slice(at + 1)];
  throw new UsageError(`--env takes NAME=VALUE, not ${text}`);
}
