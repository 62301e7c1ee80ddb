import { type Flag, text, type ValueOption } from "../../gmp/command/program.ts";
import { MEMORY_RANGE, TIME_RANGE } from "../../gmp/call_limits.ts";
import { readDuration, readSize } from "../../gmp/command/quantities.ts";
import { UsageError } from "../../gmp/command/usage_error.ts";
import { isDeviceName, isName } from "../../gmp/names.ts";
import { MAX_EXECUTORS } from "../executors/executor_count.ts";

/** Who may connect: nodes (`node-1`, `node-1@laptop`) and all nodes of devices (`@laptop`); with `ask`, a person answers. */
export type Accept = "all" | "ask" | "none" | ReadonlySet<string>;

/** A directory that `gvm exec` gives to a command. */
export interface Mount {
  /** The directory on this machine. */
  readonly host: string;
  /** The command's name for it. */
  readonly guest: string;
  /** Whether changes are written back. */
  readonly writable: boolean;
  /** Whether `ro` was written: who asked that no change be kept needs not be told that none was. */
  readonly readOnly: boolean;
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
  text:
    "who may connect: all (default), none, ask, or names separated by commas; of other devices node-1@laptop, or " +
    "@laptop for all nodes there",
  complete: async ({ nodes }) => ["all", "ask", "none", ...acceptable(await nodes())],
  read: readAccept,
};

/** Milliseconds that a call may take. */
export const TIMEOUT: ValueOption<number> = {
  name: "timeout",
  value: "TIME",
  text: "time limit of a call, such as 10s, 5m or 500 (milliseconds); the default is 30s",
  read: (text) => readDuration(text, { option: "timeout", ...TIME_RANGE }),
};

/** The same for `gvm run`. */
export const RUN_TIMEOUT: ValueOption<number> = {
  ...TIMEOUT,
  text:
    "time limit, such as 10s, 5m or 500 (milliseconds); the default is 30s for a function, none for a module",
};

/** The same for `gvm exec`. */
export const EXEC_TIMEOUT: ValueOption<number> = {
  ...TIMEOUT,
  text: "time limit, such as 10s, 5m or 500 (milliseconds); the default is none, 30s with --invoke",
};

/** Bytes of memory for a caller's modules. */
export const MEMORY: ValueOption<number> = {
  name: "memory",
  value: "SIZE",
  text: "memory limit of each caller's modules, 64K to 16G (default: 512M)",
  read: (text) => readSize(text, { option: "memory", ...MEMORY_RANGE }),
};

/** The same for `gvm exec`. */
export const EXEC_MEMORY: ValueOption<number> = {
  ...MEMORY,
  text: "memory limit, 64K to 16G (default: 512M)",
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

/** The node on which `gvm run` runs its line. */
export const ON: ValueOption<string> = text({
  name: "on",
  value: "NODE",
  text: "connect to that node first, and run the module or function there",
  complete: ({ nodes }) => nodes(),
});

/** Shows a result and nothing else. */
export const QUIET: Flag = {
  name: "quiet",
  short: "q",
  text: "print the result alone, without what a function writes to standard output",
};

/** Text and bytes as they are. */
export const RAW: Flag = {
  name: "raw",
  text:
    "write text (string) or bytes (list<u8>) that a function returns as they are, without quotes or a line break",
};

/** A function of the file, instead of its `_start`. */
export const INVOKE: ValueOption<string> = text({
  name: "invoke",
  value: "FUNCTION",
  text:
    "call that function with the ARGs as values, or a whole call such as 'add(1, 2)', and print its result",
});

/** Directories for the module that `gvm exec` runs. */
export const DIR: ValueOption<Mount> = {
  name: "dir",
  value: "HOST[::GUEST][:ro|:rw]",
  many: true,
  text:
    "a copy of the directory HOST, at GUEST (default: HOST); with :rw changes are written back at the end, " +
    "all or none, even after an error, Ctrl-C or SIGTERM",
  complete: "files",
  read: readMount,
};

/** Environment variables for the module. */
export const ENV: ValueOption<Variable> = {
  name: "env",
  value: "NAME[=VALUE]",
  many: true,
  text: "an environment variable; without VALUE, with the value that it has here",
  read: readVariable,
};

/** The configuration of plug-ins. */
export const CONFIG: ValueOption<readonly [key: string, value: string]> = {
  name: "config",
  value: "KEY=VALUE",
  many: true,
  text: "a key of the configuration of Extism plug-ins",
  read: readConfigEntry,
};

/** A variable for a module, `undefined` for the value that it has for this command. */
export type Variable = readonly [name: string, value: string | undefined];

function readCount(option: string, text: string, greatest: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= greatest) return value;
  throw new UsageError(`--${option} takes a whole number from 1 to ${greatest}, not ${text}`);
}

function readAccept(text: string): Accept {
  if (text === "all" || text === "ask" || text === "none") return text;
  const names = text.split(",").map((name) => name.trim());
  const wrong = names.find((name) => !isAcceptable(name));
  if (wrong === undefined) return new Set(names);
  throw new UsageError(
    `--accept takes all, none, ask, names of nodes, or @ and the name of a device, and "${wrong}" is none of these`,
  );
}

function isAcceptable(text: string): boolean {
  const [name, ...device] = text.split("@");
  return (name === "" ? device.length === 1 : isName(name)) && device.length <= 1 &&
    device.every(isDeviceName);
}

/** The names of `nodes`, and their devices. */
function acceptable(nodes: readonly string[]): string[] {
  const devices = new Set(nodes.flatMap((name) => name.includes("@") ? [name.slice(name.indexOf("@"))] : []));
  return [...nodes, ...devices];
}

/**
 * The text after the last colon of GUEST is a mode: a directory with a colon in its name needs one. Without GUEST,
 * only `ro` and `rw` are.
 */
function readMount(text: string): Mount {
  const [, host, guest, mode = ""] = /^(.+?)::(.+?)(?::([^:/]*))?$/.exec(text) ?? [];
  const isMode = mode === "ro" || mode === "rw" || mode === "" && !text.endsWith(":");
  if (host !== undefined && guest !== undefined && isMode) return mount(host, guest, mode);
  const [, alone, its = ""] = /^([^:].*?)(?::(ro|rw))?$/.exec(text) ?? [];
  if (alone !== undefined && !text.includes("::")) return mount(alone, alone, its);
  const why = host === undefined ? "" : `: "${mode}" is neither ro nor rw`;
  throw new UsageError(
    `--dir takes HOST or HOST::GUEST, with :ro or :rw behind it or without, not ${text}${why}`,
  );
}

function mount(host: string, guest: string, mode: string): Mount {
  return { host, guest, writable: mode === "rw", readOnly: mode === "ro" };
}

function readConfigEntry(text: string): readonly [key: string, value: string] {
  const at = text.indexOf("=");
  if (at <= 0) throw new UsageError(`--config takes KEY=VALUE, not ${text}`);
  const key = text.slice(0, at);
  // It cannot name a field of a message (docs/protocol.md, "Maps").
  if (key.endsWith("__proto__")) throw new UsageError(`--config cannot set a key called ${key}`);
  return [key, text.slice(at + 1)];
}

function readVariable(text: string): Variable {
  const at = text.indexOf("=");
  const name = at < 0 ? text : text.slice(0, at);
  // It cannot name a field of a message (docs/protocol.md, "Maps").
  if (name.endsWith("__proto__")) throw new UsageError(`--env cannot set a variable called ${name}`);
  if (name === "") throw new UsageError(`--env takes NAME=VALUE or NAME, not ${text}`);
  return [name, at < 0 ? undefined : text.slice(at + 1)];
}
