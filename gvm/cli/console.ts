import type { StandardStream } from "../wasi/mod.ts";
import type { OutputStream } from "../wasm/output.ts";

const encoder = new TextEncoder();

/** Exit code of a process that writes to whom nobody reads: 128 and the number of SIGPIPE, which Deno ignores. */
const BROKEN_PIPE = 141;

/**
 * Writes all of `bytes` to standard output or standard error, waiting for whoever reads it. Where nobody does any more (it
 * is `| head`), the process ends, as others do.
 */
export function writeBytes(bytes: Uint8Array, stream: OutputStream): void {
  const target = stream === "stdout" ? Deno.stdout : Deno.stderr;
  try {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(target.writeSync(rest));
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(BROKEN_PIPE);
    throw error;
  }
}

/** Prints a line to standard output. */
export function print(line: string): void {
  writeBytes(encoder.encode(`${line}\n`), "stdout");
}

/** Prints a line to standard error. */
export function complain(line: string): void {
  writeBytes(encoder.encode(`${line}\n`), "stderr");
}

/** True when a person is at the other end of the stream. */
export function isTerminal(stream: StandardStream): boolean {
  return Deno[stream].isTerminal();
}

/** The columns of the terminal that standard output is, if it is one. */
export function columns(): number | undefined {
  return Deno.stdout.isTerminal() ? Deno.consoleSize().columns : undefined;
}
