import { GhostError } from "../../gmp/errors.ts";
import type { WasiOptions } from "../wasi/mod.ts";

/**
 * The WASI of a version, for a guest with `options`.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` for an argument or a variable that no program can be given.
 */
export function makeWasi<T>(Version: new (options: WasiOptions) => T, options: WasiOptions): T {
  try {
    return new Version(options);
  } catch (error) {
    if (error instanceof TypeError) throw new GhostError("BAD_ARGUMENTS", error.message, { cause: error });
    throw error;
  }
}
