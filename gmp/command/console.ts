import { GhostError } from "../errors.ts";
import { printable } from "./printable.ts";
import { ClosedOutput, type OutputName, writeStandard } from "./standard_output.ts";
import { UsageError } from "./usage_error.ts";
import { wrap } from "./wrap.ts";

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

/**
 * Prints the error that ended `program`: its code and sentence, or what was used wrongly and where to look, which is the
 * help of the `command` that was used.
 */
export function complainOf(error: unknown, program: string, command: string = program): void {
  if (error instanceof UsageError) {
    complain(wrapped(`${program}: ${printable(error.message)}`, "stderr"));
    return complain(`Try: ${error.command ?? command} --help`);
  }
  const { code, message } = GhostError.from(error);
  const text = wrapped(`${code}: ${printable(message)}`, "stderr");
  complain(`${styled(`${code}:`, "red", "stderr")}${text.slice(code.length + 1)}`);
}

/** Prints the error that ended a command as JSON: its code, its sentence and, where there are any, its facts. */
export function complainInJson(error: unknown): void {
  const { code, message, details } = error instanceof UsageError
    ? { code: "USAGE", message: error.message, details: undefined }
    : GhostError.from(error);
  const text = JSON.stringify(
    { error: { code, message, details } },
    (_, value) => typeof value === "bigint" ? String(value) : value,
  );
  complain(text);
}

/** Prints a warning to standard error: a sentence without a final period. */
export function warn(sentence: string): void {
  note(`warning: ${sentence}`);
}

/** Prints a sentence to standard output: it is escaped, and broken at words at a terminal. */
export function say(sentence: string): void {
  print(wrapped(printable(sentence), "stdout"));
}

/** Prints a sentence to standard error, in the same way. */
export function note(sentence: string): void {
  complain(wrapped(printable(sentence), "stderr"));
}

/** `text` broken at words where `stream` is a terminal that it does not fit. */
function wrapped(text: string, stream: OutputName): string {
  const width = columns(stream);
  // On some terminals, a line that reached the last column would be followed by an empty one.
  return width === undefined ? text : wrap(text, width - 1).join("\n");
}

/** The exit code of a command that `error` ended: 2 for wrong usage, else 1. */
export function exitCodeOf(error: unknown): 1 | 2 {
  return error instanceof UsageError ? 2 : 1;
}

/** True when a person is at the other end of the stream. */
export function isTerminal(stream: "stdin" | OutputName): boolean {
  return Deno[stream].isTerminal();
}

/** The columns of a stream, if it is a terminal that has told them: that of a `script` without one of its own has 0. */
export function columns(stream: OutputName = "stdout"): number | undefined {
  return isTerminal(stream) ? Deno.consoleSize().columns || undefined : undefined;
}

/** The styles that a terminal shows, by the codes that begin them (ECMA-48, SGR); a library for three costs each start more. */
const STYLES = { bold: 1, dim: 2, red: 31 } as const;

/** `text` in a style, where `stream` is a terminal and NO_COLOR does not forbid it. */
export function styled(text: string, style: keyof typeof STYLES, stream: OutputName): string {
  return Deno.noColor || !isTerminal(stream) ? text : `\x1b[${STYLES[style]}m${text}\x1b[0m`;
}
