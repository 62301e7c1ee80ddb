import { GhostError } from "../errors.ts";
import { printable } from "./printable.ts";
import { ClosedOutput, type OutputName, writeStandard } from "./standard_output.ts";
import { UsageError } from "./usage_error.ts";

/** Exit code of a process whose output nobody reads: 128 plus the number of SIGPIPE, which Deno ignores. */
export const BROKEN_PIPE = 141;

const encoder = new TextEncoder();

/**
 * Writes all of `bytes` to standard output or standard error. If nobody reads them any more, as behind `| head`, the
 * process ends, as others do.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` if they cannot be written.
 */
export function writeBytes(bytes: Uint8Array, stream: OutputName): void {
  try {
    writeStandard(stream, bytes);
  } catch (error) {
    if (error instanceof ClosedOutput) Deno.exit(BROKEN_PIPE);
    throw error;
  }
}

/** Prints a line to standard output. @throws {GhostError} `BAD_ARGUMENTS` if it cannot be written. */
export function print(line: string): void {
  writeBytes(encoder.encode(`${line}\n`), "stdout");
}

/** Prints a line to standard error; if that fails, there is nowhere left to say so. */
export function complain(line: string): void {
  try {
    writeBytes(encoder.encode(`${line}\n`), "stderr");
  } catch (error) {
    if (!(error instanceof GhostError)) throw error;
  }
}

/** Prints the error that ended `program`: its code and sentence, or what was used wrongly and where to look. */
export function complainOf(error: unknown, program: string): void {
  if (error instanceof UsageError) {
    return complain(`${program}: ${printable(error.message)}\nTry: ${error.command ?? program} --help`);
  }
  const { code, message } = GhostError.from(error);
  complain(`${styled(`${code}:`, "red", "stderr")} ${printable(message)}`);
}

/** The exit code of a command that `error` ended: 2 for wrong usage, else 1. */
export function exitCodeOf(error: unknown): 1 | 2 {
  return error instanceof UsageError ? 2 : 1;
}

/** True when a person is at the other end of the stream. */
export function isTerminal(stream: "stdin" | OutputName): boolean {
  return Deno[stream].isTerminal();
}

/** The columns of standard output, if it is a terminal. */
export function columns(): number | undefined {
  return Deno.stdout.isTerminal() ? Deno.consoleSize().columns : undefined;
}

/** The styles that a terminal shows, by the codes that begin them (ECMA-48, SGR); a library for three costs each start more. */
const STYLES = { bold: 1, dim: 2, red: 31 } as const;

/** `text` in a style, where `stream` is a terminal and NO_COLOR does not forbid it. */
export function styled(text: string, style: keyof typeof STYLES, stream: OutputName): string {
  return Deno.noColor || !isTerminal(stream) ? text : `\x1b[${STYLES[style]}m${text}\x1b[0m`;
}
