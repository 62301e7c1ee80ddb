import { GhostError } from "../errors.ts";
import { readRememberedPorts } from "./remembered_ports.ts";

/**
 * Where a device's Ghost Network is (README.md, "The commands"): each setting has an option and a variable, and the
 * store remembers its ports.
 */
export interface Settings {
  /** The store, `~/.ghost-network` by default. */
  readonly home: string;
  /** The port of commands, 1111 by default. */
  readonly commandPort: number;
  /** The port of nodes, 5989 by default. */
  readonly gmpPort: number;
}

/** The variables that settings are read from. */
export const SETTING_VARIABLES = [
  "GHOST_HOME",
  "GHOST_COMMAND_PORT",
  "GHOST_GMP_PORT",
  "HOME",
  "USERPROFILE",
] as const;

/** The port of commands by default. */
export const DEFAULT_COMMAND_PORT = 1111;
/** The port of nodes by default. */
export const DEFAULT_GMP_PORT = 5989;

/** Explicit settings, which take precedence over variables; ports may be text, too. */
export interface GivenSettings {
  /** The store, `~/.ghost-network` by default. */
  home?: string | undefined;
  /** The port of commands; by default the one that the store remembers, else 1111. */
  commandPort?: number | string | undefined;
  /** The port of nodes; by default the one that the store remembers, else 5989. */
  gmpPort?: number | string | undefined;
}

/**
 * The settings in force: those given, else the variables `GHOST_HOME`, `GHOST_COMMAND_PORT` and `GHOST_GMP_PORT`, else
 * the ports that the store remembers, else the defaults.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` for a port that is not a number from 1 to 65535, or without any home;
 * `STORE_FAULT` when what the store remembers is not two ports.
 */
export function readSettings(given: GivenSettings, variable: (name: string) => string | undefined): Settings {
  const home = given.home || variable("GHOST_HOME") || defaultHome(variable);
  if (home === undefined) {
    throw new GhostError("BAD_ARGUMENTS", "Cannot find the store: neither GHOST_HOME nor HOME is set");
  }
  const commandPort = given.commandPort || variable("GHOST_COMMAND_PORT");
  const gmpPort = given.gmpPort || variable("GHOST_GMP_PORT");
  const remembered = commandPort && gmpPort ? undefined : readRememberedPorts(home);
  return {
    home,
    commandPort: readPort(commandPort || remembered?.commandPort || DEFAULT_COMMAND_PORT),
    gmpPort: readPort(gmpPort || remembered?.gmpPort || DEFAULT_GMP_PORT),
  };
}

function defaultHome(variable: (name: string) => string | undefined): string | undefined {
  const user = variable("HOME") || variable("USERPROFILE");
  return user === undefined || user === "" ? undefined : `${user}/.ghost-network`;
}

/** The port that `text` names. @throws {GhostError} `BAD_ARGUMENTS` when it is not a number from 1 to 65535. */
export function readPort(text: number | string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 65_535) return value;
  throw new GhostError("BAD_ARGUMENTS", `Cannot use "${text}" as a port: it is not a number from 1 to 65535`);
}
