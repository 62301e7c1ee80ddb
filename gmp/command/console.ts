import { red } from "@std/fmt/colors";
import { GhostError } from "../errors.ts";
import { printable } from "./printable.ts";
import { ClosedOutput, type OutputName, writeStandard } from "./standard_output.ts";
import { UsageError } from "./usage_error.ts";

/** Exit code of a process that writes to whom nobody reads: 128 and the number of SIGPIPE, which Deno ignores. */
export const BROKEN_PIPE = 141;

const encoder = new TextEncoder();

/**
 * Writes all of `bytes` to standard output or standard error. Where nobody reads them any more (it is `| head`), the process
 * ends, as others do.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` where they cannot be written.
 */
export function writeBytes(bytes: Uint8Array, stream: OutputName): void {
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

/** Tells `error`, by which `program` ended: its code and its sentence, or what was wrong with the command line and where to look. */
export function complainOf(error: unknown, program: string): void {
  if (error instanceof UsageError) {
    return complain(`${program}: ${printable(error.message)}\nTry: ${error.command ?? program} --help`);
  }
  const { code, message } = GhostError.from(error);
  complain(`${inColor(`${code}:`, red, "stderr")} ${printable(message)}`);
}

/** The exit code of a command that `error` ended: 2 for wrong usage, 1 for all else. */
export function exitCodeOf(error: unknown): 1 | 2 {
  return error instanceof UsageError ? 2 : 1;
}

/** True when a person is at the other end of the stream. */
export function isTerminal(stream: "stdin" | OutputName): boolean {
  return Deno[stream].isTerminal();
}

/** The columns of the terminal that standard output is, if it is one. */
export function columns(): number | undefined {
  return Deno.stdout.isTerminal() ? Deno.consoleSize().columns : undefined;
}

/** `text` in color, where `stream` is a terminal and NO_COLOR does not forbid it. */
export function inColor(text: string, color: (text: string) => string, stream: OutputName): string {
  return Deno.noColor || !isTerminal(stream) ? text : color(text);
}
