import { readRegularFile } from "../../gmp/device/regular_file.ts";
import { withHome } from "./load_paths.ts";

/** Largest file that is given to a function with `@file`, in bytes: no call takes more. */
const LARGEST_VALUE = 1 << 24;

/** The bytes of a file that are given to a function; `~/` is the home directory. @throws {GhostError} as `readRegularFile`. */
export async function readValue(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return await readRegularFile(withHome(path), { action: "read", limit: LARGEST_VALUE });
}
