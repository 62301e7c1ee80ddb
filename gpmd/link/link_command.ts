import { denoPath, denoProgram } from "../../gmp/device/deno_process.ts";
import { sourceEntry } from "../../gmp/device/process_entry.ts";
import type { LinkSettings } from "../../gmp/messages/device.ts";
import { GhostError } from "../../gmp/errors.ts";
import { KEEPER_SUBCOMMAND, LINK_SUBCOMMAND } from "./subcommands.ts";
import { DEFAULT_LINK_SETTINGS } from "./link_settings.ts";

/**
 * V8 marks what lives bit by bit, beside the program, whenever some 64 MB of buffers have come and gone, which a link's do in
 * less than a second: a fifth of its processor time while a module passes. All at once is less, and rare while calls pass.
 */
const COLLECTING = "--v8-flags=--no-incremental-marking";

/** What the link's process gets as a line of its standard input: a command line could be read by others. */
export interface LinkArguments extends Pick<LinkSettings, "port" | "networks" | "dialled"> {
  /** The store; the link has the directory `link` in it. */
  readonly home: string;
  /** GPMD's port of nodes. */
  readonly gmpPort: number;
  /** The link's key, in hexadecimal. */
  readonly key: string;
}

/** A program with its arguments. */
interface ProgramCommand {
  readonly program: string;
  readonly args: string[];
}

/**
 * The permissions of the link (docs/security.md, "What each process may do"), exactly: its own ports, those of other
 * devices in the networks, discovery, this device's loopback, and its own directory.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` for a store whose path has a comma, which Deno would read as two paths.
 */
export function linkPermissions(
  { home, port, networks, dialled: theirs = [] }: Pick<
    LinkArguments,
    "home" | "port" | "networks" | "dialled"
  >,
): string[] {
  if (home.includes(",")) {
    throw new GhostError("BAD_ARGUMENTS", `Cannot use the store "${home}": its path has a comma`);
  }
  const others = networks.filter((network) => !network.startsWith("127."));
  const own = port === 0 ? [0] : [port, port + 1];
  const { port: usual } = DEFAULT_LINK_SETTINGS;
  const dialled = [...new Set([usual, usual + 1, ...own, ...theirs.flatMap((one) => [one, one + 1])])].filter(
    (one) => one !== 0,
  );
  const net = [
    "127.0.0.1",
    ...networks.filter((network) => network.startsWith("127.") && network !== "127.0.0.1"),
    ...others.length === 0 ? [] : own.map((one) => `0.0.0.0:${one}`),
    ...others.flatMap((network) => dialled.map((one) => `${network}:${one}`)),
    ...others.length === 0 ? [] : ["0.0.0.0:5353", "224.0.0.251:5353"],
  ];
  return [
    "--no-prompt",
    "--ignore-env",
    `--allow-net=${net.join(",")}`,
    "--allow-sys=hostname,networkInterfaces",
    `--allow-read=${home}/link`,
    `--allow-write=${home}/link`,
  ];
}

/**
 * The program and arguments of the link's process, which the keeper starts: from its one file at `bundle`, if there is that.
 *
 * @throws {GhostError} as {@linkcode linkPermissions}.
 */
export function linkCommand(given: LinkArguments, bundle?: string): ProgramCommand {
  if (Deno.build.standalone) return { program: Deno.execPath(), args: [LINK_SUBCOMMAND] };
  const { entry, lock } = linkSource();
  // All that it needs was fetched beforehand, with the user's environment, which the link does not have.
  const code = bundle === undefined ? [...lock] : ["--no-config", "--no-lock"];
  const flags = [COLLECTING, "--quiet", "--cached-only", ...code, ...linkPermissions(given)];
  return { program: denoPath(), args: ["run", ...flags, bundle ?? entry] };
}

/** Where the code of the link is, and the flags that hold its packages to a lock file. */
export function linkSource(): { readonly entry: string; readonly lock: string[] } {
  const entry = sourceEntry("gpmd/link/main.ts", import.meta.resolve("./main.ts"));
  return { entry, lock: lockOf(entry) };
}

/** Where the code is on this machine, its packages are exactly those of the lock file beside it. */
function lockOf(entry: string): string[] {
  const lock = new URL("./deno.lock", entry);
  return lock.protocol === "file:" ? [`--lock=${decodeURIComponent(lock.pathname)}`, "--frozen"] : [];
}

/** The program and arguments of the keeper of a process of `program`, which is all that it may start. */
export function keeperCommand(program: string): ProgramCommand {
  if (Deno.build.standalone) return { program: Deno.execPath(), args: [KEEPER_SUBCOMMAND] };
  const entry = sourceEntry("gpmd/link/keeper.ts", import.meta.resolve("./keeper.ts"));
  return {
    program: denoProgram(),
    args: ["run", "--quiet", "--no-prompt", `--allow-run=${program}`, entry],
  };
}
