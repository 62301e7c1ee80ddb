import { GhostError } from "../../gmp/errors.ts";
import { printable } from "../../gmp/command/printable.ts";
import type { GhostNode } from "../node/ghost_node.ts";
import { showErrorWithLine } from "./language/caret.ts";
import { evaluate, type Outcome, type ReplConsole } from "./evaluate.ts";
import { type FailedLine, parse, type ParsedLine } from "./language/parser.ts";
import { sentenceOf } from "./wording.ts";

/** Longest line that is read from a file or a pipe, in UTF-16 units. */
const LONGEST_LINE = 65_536;

/** Options for running a sequence of lines. */
export interface LinesOptions {
  /** Continues after a line that failed. */
  readonly keepGoing: boolean;
  /** Stops the line under way, and with it the sequence. */
  readonly signal: AbortSignal;
  /** Shows a line's error. */
  complain(text: string): void;
}

/** An error as text for a terminal: the code and one sentence, never a stack trace. */
export function errorText(error: unknown): string {
  const ghost = GhostError.from(error);
  return `${ghost.code}: ${printable(sentenceOf(ghost))}`;
}

/**
 * Runs the lines in order, whether parsed already or not: `failed` is the number of the first that failed,
 * from 1, or 0.
 */
export async function doLines(
  lines: AsyncIterable<string> | Iterable<string | ParsedLine>,
  node: GhostNode,
  console: ReplConsole,
  options: LinesOptions,
): Promise<{ outcome: Outcome; failed: number }> {
  let failed = 0;
  let number = 0;
  let open: FailedLine | undefined;
  for await (const line of lines) {
    number++;
    const text = typeof line === "string" ? line : line.text;
    const parsed = open !== undefined
      ? parse(`${open.text}\n${text}`)
      : typeof line === "string"
      ? parse(line)
      : line;
    if (!parsed.ok && parsed.error.incomplete && parsed.text.length < LONGEST_LINE) {
      open = parsed;
      continue;
    }
    open = undefined;
    if (!parsed.ok) {
      options.complain(shownError(parsed));
      failed ||= number;
    } else {
      try {
        if (await evaluate(parsed.expression, node, console, options.signal) === "exit") {
          return { outcome: "exit", failed };
        }
      } catch (error) {
        options.complain(errorText(error));
        failed ||= number;
      }
    }
    if ((failed > 0 && !options.keepGoing) || options.signal.aborted) return { outcome: "continue", failed };
  }
  if (open !== undefined) {
    options.complain(shownError(open));
    failed ||= number;
  }
  return { outcome: "continue", failed };
}

function shownError({ text, error }: FailedLine): string {
  return showErrorWithLine(text, error.position, error.message);
}

/** The lines of a UTF-8 stream; one longer than any command is cut, which makes it an error. */
export async function* readLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of stream) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop()!.slice(0, LONGEST_LINE + 1);
    for (const line of lines) yield line.replace(/\r$/, "");
  }
  if (rest !== "") yield rest;
}
