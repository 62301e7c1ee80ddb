import { GhostError } from "../../gmp/errors.ts";
import { printable } from "../../gmp/command/printable.ts";
import { wrap } from "../../gmp/command/wrap.ts";
import type { GhostNode } from "../node/ghost_node.ts";
import { showErrorWithLine } from "./language/caret.ts";
import { evaluate, type Outcome, type ReplConsole } from "./evaluate.ts";
import { TextError } from "../../gmp/types/text_error.ts";
import { type FailedLine, parse, type ParsedLine } from "./language/parser.ts";
import { ModuleExit } from "./start_target.ts";
import { sentenceOf } from "./wording.ts";

/** Longest line that is read from a file or a pipe, in UTF-16 units. */
const LONGEST_LINE = 65_536;

/** Options for running a sequence of lines. */
export interface LinesOptions {
  /** Continues after a line that failed. */
  readonly keepGoing: boolean;
  /** Stops the line under way, and with it the sequence. */
  readonly signal: AbortSignal;
  /** Columns of the terminal that shows errors, if it is one. */
  readonly columns?: number | undefined;
  /** Shows a line's error. */
  complain(text: string): void;
}

/**
 * An error as text for a terminal: the code, as `paint` shows it, and one sentence, never a stack trace, broken at words
 * to be narrower than `columns`. An exit code is no error, and has only the sentence.
 */
export function errorText(
  error: unknown,
  columns: number = Infinity,
  paint: (code: string) => string = (code) => code,
): string {
  const fitting = (text: string) => wrap(printable(text), columns - 1).join("\n");
  if (error instanceof ModuleExit) return fitting(error.message);
  const ghost = GhostError.from(error);
  return paint(ghost.code) + fitting(`${ghost.code}: ${sentenceOf(ghost)}`).slice(ghost.code.length);
}

/** What lines have come to. */
export interface LinesOutcome {
  /** Whether whoever gave them goes on. */
  readonly outcome: Outcome;
  /** The number of the first that failed, from 1, or 0. */
  readonly failed: number;
  /** The numbers of those that failed, as many as are told. */
  readonly failures: readonly number[];
  /** How many more there are. */
  readonly others: number;
}

/** Most numbers of failed lines that are kept. */
const TOLD_LIMIT = 10;

/** Runs the lines in order, whether parsed already or not. */
export async function doLines(
  lines: AsyncIterable<string> | Iterable<string | ParsedLine>,
  node: GhostNode,
  console: ReplConsole,
  options: LinesOptions,
): Promise<LinesOutcome> {
  const failures: number[] = [];
  let others = 0;
  const fail = () => failures.length < TOLD_LIMIT ? void failures.push(number) : void others++;
  const done = (outcome: Outcome) => ({ outcome, failed: failures[0] ?? 0, failures, others });
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
      options.complain(shownError(parsed, options.columns));
      fail();
    } else {
      try {
        if (await evaluate(parsed.expression, node, console, options.signal) === "exit") {
          return done("exit");
        }
      } catch (error) {
        // Whoever stopped it knows why it failed.
        if (!options.signal.aborted) {
          options.complain(
            error instanceof TextError
              ? shownError({ text: parsed.text, error }, options.columns)
              : errorText(error, options.columns),
          );
        }
        fail();
      }
    }
    if ((failures.length > 0 && !options.keepGoing) || options.signal.aborted) return done("continue");
  }
  if (open !== undefined) {
    options.complain(shownError(open, options.columns));
    fail();
  }
  return done("continue");
}

function shownError(
  { text, error }: Pick<FailedLine, "text" | "error">,
  columns: number | undefined,
): string {
  return showErrorWithLine(text, error.position, error.message, columns);
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
