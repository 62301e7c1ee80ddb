import { GhostError } from "../errors.ts";
import { systemReason } from "../system_error.ts";

/** Thrown when nobody reads the stream any more, as behind `| head`. */
export class ClosedOutput extends Error {
  override readonly name = "ClosedOutput";
}

/** Milliseconds before a stream that cannot take more is tried again. */
const PAUSE = 1;

/** An output stream of this process. */
export type OutputName = "stdout" | "stderr";

const NAMES = { stdout: "standard output", stderr: "standard error" } as const;

/**
 * Writes all of `bytes` to a stream of this process, waiting for whoever reads it.
 *
 * @throws {ClosedOutput} when nobody reads it any more.
 * @throws {GhostError} `BAD_ARGUMENTS` when it cannot be written, saying why, such as a full disk.
 */
export function writeStandard(stream: OutputName, bytes: Uint8Array): void {
  try {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(writeSome(stream, rest));
  } catch (cause) {
    if (cause instanceof Deno.errors.BrokenPipe) {
      throw new ClosedOutput(`Nobody reads ${NAMES[stream]} any more`, { cause });
    }
    throw new GhostError("BAD_ARGUMENTS", `Cannot write to ${NAMES[stream]}: ${systemReason(cause)}`, {
      cause,
    });
  }
}

/** Returns how many bytes were written: none if another process has made the stream non-blocking, and it is full. */
function writeSome(stream: OutputName, bytes: Uint8Array): number {
  try {
    return Deno[stream].writeSync(bytes);
  } catch (error) {
    if (!(error instanceof Deno.errors.WouldBlock)) throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
    return 0;
  }
}
