import { GhostError } from "../../gmp/errors.ts";
import { ClosedOutput, writeStandard } from "../../gmp/command/standard_output.ts";
import type { StandardStream } from "../wasi/mod.ts";
import type { OutputStream } from "../engine/output.ts";

const encoder = new TextEncoder();

/** Exit code of a process that writes to whom nobody reads: 128 and the number of SIGPIPE, which Deno ignores. */
export const BROKEN_PIPE = 141;

/**
 * Writes all of `bytes` to standard output or standard error. Where nobody reads them any more (it is `| head`), the process
 * ends, as others do.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` where they cannot be written.
 */
export function writeBytes(bytes: Uint8Array, stream: OutputStream): void {
  try {
    writeStandard(stream, bytes);
  } catch (error) {
    if (error instanceof ClosedOutput) Deno.exit(BROKEN_PIPE);
    throw error;
  }
}

/** Prints a line to standard output. @throws {GhostError} `BAD_ARGUMENTS` where it cannot be written. */
export function print(line: string): void {
  writeBytes(encoder.encode(`${line}\n`), "stdout");
}

/** Prints a line to standard error, or nowhere: that it cannot be written there is nothing that could be told. */
export function complain(line: string): void {
  try {
    writeBytes(encoder.encode(`${line}\n`), "stderr");
  } catch (error) {
    if (!(error instanceof GhostError)) throw error;
  }
}

/** True when a person is at the other end of the stream. */
export function isTerminal(stream: StandardStream): boolean {
  return Deno[stream].isTerminal();
}

/** The columns of the terminal that standard output is, if it is one. */
export function columns(): number | undefined {
  return Deno.stdout.isTerminal() ? Deno.consoleSize().columns : undefined;
}
