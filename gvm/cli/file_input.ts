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
  let isOpen = true;
  const close = () => {
    if (isOpen) opened[Symbol.dispose]();
    isOpen = false;
  };
  let isBegun = false;
  return {
    bytes: () => ({
      [Symbol.asyncIterator]() {
        isBegun = true;
        const pieces = piecesOf(opened.file, path, close);
        // A generator that has not begun does not come to its `finally`.
        return { next: () => pieces.next(), return: () => pieces.return().finally(close) };
      },
    }),
    [Symbol.dispose]() {
      if (!isBegun) close();
    },
  };
}

async function* piecesOf(
  file: Deno.FsFile,
  path: string,
  close: () => void,
): AsyncGenerator<Uint8Array, void, void> {
  try {
    const buffer = new Uint8Array(CHUNK);
    for (let count: number | null; (count = await file.read(buffer)) !== null;) {
      yield buffer.subarray(0, count);
    }
  } catch (error) {
    throw systemFault("BAD_ARGUMENTS", `read ${quotedPath(path)}`, error);
  } finally {
    close();
  }
}
