import { GhostError } from "../../gmp/errors.ts";
import { drawName } from "../../gmp/names.ts";

/** How many names are drawn before giving up. */
const DRAWS = 100;

/**
 * Registers under the `chosen` name, or draws names, `node-` and four digits, until one is free.
 *
 * @throws what `register` throws; `NAME_TAKEN` for a chosen name, or when a hundred drawn ones were taken.
 */
export async function withName(
  chosen: string | undefined,
  register: (name: string) => Promise<void>,
): Promise<void> {
  for (let draw = 1;; draw++) {
    try {
      return await register(chosen ?? drawName());
    } catch (error) {
      const taken = error instanceof GhostError && error.code === "NAME_TAKEN";
      if (!taken || chosen !== undefined || draw === DRAWS) throw error;
    }
  }
}
