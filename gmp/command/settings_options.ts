import { GhostError } from "../errors.ts";
import { type GivenSettings, readPort, readSettings, type Settings } from "../device/settings.ts";
import { type Invocation, text, type ValueOption } from "./program.ts";
import { UsageError } from "./usage_error.ts";

/** The store. */
export const HOME: ValueOption<string> = text({
  name: "home",
  value: "DIR",
  text: "the store (default: GHOST_HOME, else ~/.ghost-network)",
  complete: "files",
});

/** GPMD's port for commands. */
export const COMMAND_PORT: ValueOption<number> = {
  name: "command-port",
  value: "PORT",
  text: "GPMD's port for commands (default: GHOST_COMMAND_PORT, else that of the last start, else 1111)",
  read: portOption,
};

/** GPMD's port for nodes. */
export const GMP_PORT: ValueOption<number> = {
  name: "gmp-port",
  value: "PORT",
  text: "GPMD's port for nodes (default: GHOST_GMP_PORT, else that of the last start, else 5989)",
  read: portOption,
};

function portOption(text: string): number {
  try {
    return readPort(text);
  } catch (error) {
    throw error instanceof GhostError ? new UsageError(error.message) : error;
  }
}

/**
 * The settings of a command line, else of the environment, else as the store remembers; `given` takes precedence over all.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` for a variable that is not a port, or when there is no home; `STORE_FAULT`.
 */
export function settingsOf(invocation: Invocation, given: GivenSettings = {}): Settings {
  const options = {
    home: invocation.get(HOME),
    commandPort: invocation.get(COMMAND_PORT),
    gmpPort: invocation.get(GMP_PORT),
    ...given,
  };
  return readSettings(options, (name) => Deno.env.get(name));
}
