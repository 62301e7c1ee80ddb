import { openRegularFile } from "../../gmp/device/regular_file.ts";
import { quotedPath } from "../../gmp/system_error.ts";
import { systemFault } from "../../gmp/system_fault.ts";
import type { LineInput } from "../repl/call_function.ts";
import { withHome } from "./load_paths.ts";

/** Bytes read at a time, as of standard input. */
const CHUNK = 1 << 18;

/**
 * Opens the file of `< FILE`, of any size; `~/` is the home directory. It is closed when its bytes have been read, or nobody wants
 * more of them, which may be after the call has returned.
 *
 * @throws {GhostError} as `openRegularFile`.
 */
export async function openInput(path: string): Promise<LineInput> {
  const opened = await openRegularFile(withHome(path), { action: "read", limit: Infinity });
  let isRead = false;
  return {
    async *bytes() {
      isRead = true;
      try {
        const buffer = new Uint8Array(CHUNK);
        for (let count: number | null; (count = await opened.file.read(buffer)) !== null;) {
          yield buffer.subarray(0, count);
        }
      } catch (error) {
        throw systemFault("BAD_ARGUMENTS", `read ${quotedPath(path)}`, error);
      } finally {
        opened[Symbol.dispose]();
      }
    },
    [Symbol.dispose]() {
      if (!isRead) opened[Symbol.dispose]();
    },
  };
}
