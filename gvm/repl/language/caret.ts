import { unicodeWidth } from "@std/cli/unicode-width";
import { wrap } from "../../../gmp/command/wrap.ts";

/** Columns assumed without a terminal to ask, so that a hostile line does not fill the screen. */
const DEFAULT_COLUMNS = 100;

/** Characters that move the cursor, or that a terminal obeys instead of showing. */
const UNSHOWABLE = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Points at `position` in a line that the terminal has just echoed after a prompt `promptWidth` columns wide:
 *
 * ```
 * (node-5651) > math.add(1,,2)
 *                          ^ expected an argument
 * ```
 *
 * Returns only the second line. If the echo cannot be pointed at (it wrapped at `columns`, the position is on
 * an earlier line, or a tab is in the way), the line is shown again above, as by {@linkcode
 * showErrorWithLine}.
 */
export function showError(
  line: string,
  promptWidth: number,
  position: number,
  message: string,
  columns: number = Infinity,
): string {
  const { text, offset, last } = lineAround(line, position);
  const wrapped = promptWidth + unicodeWidth(text) >= columns;
  if (!last || wrapped || text.search(UNSHOWABLE) >= 0) {
    return showErrorWithLine(line, position, message, Math.min(columns, DEFAULT_COLUMNS));
  }
  return caret(promptWidth + unicodeWidth(text.slice(0, offset)), message, columns, true);
}

/**
 * The line itself and, below it, the caret and the message, for a line that no terminal has echoed. If the
 * line is wider than `columns` (100 without a terminal), only the part around the position is shown. A terminal obeys nothing in the
 * result.
 */
export function showErrorWithLine(
  line: string,
  position: number,
  message: string,
  columns?: number,
): string {
  const { text, offset } = lineAround(line, position);
  const before = clean(text.slice(0, offset));
  const after = clean(text.slice(offset));
  // Two thirds of the room go to the text before the mistake; what that does not need goes to the rest.
  const room = Math.max(8, (columns ?? DEFAULT_COLUMNS) - 1);
  const left = shorten(before, Math.max(Math.ceil(room * 2 / 3), room - unicodeWidth(after)), "end");
  const right = shorten(after, room - unicodeWidth(left), "start");
  return `${left}${right}\n${
    caret(unicodeWidth(left), message, columns ?? DEFAULT_COLUMNS, columns !== undefined)
  }`;
}

/** The line in `line` that contains `position`, and the offset there. */
function lineAround(line: string, position: number): { text: string; offset: number; last: boolean } {
  const start = position === 0 ? 0 : line.lastIndexOf("\n", position - 1) + 1;
  const end = line.indexOf("\n", start);
  return {
    text: end < 0 ? line.slice(start) : line.slice(start, end),
    offset: position - start,
    last: end < 0,
  };
}

/** The caret at `column`, with the message on the side that has room for it, or, if that may be, below it in lines of its own. */
function caret(column: number, message: string, columns: number, below: boolean): string {
  const text = clean(message);
  const width = unicodeWidth(text) + 1;
  if (column + 1 + width > columns && width <= column) return `${" ".repeat(column - width)}${text} ^`;
  if (column + 1 + width <= columns || !below) return `${" ".repeat(column)}^ ${text}`;
  return `${" ".repeat(column)}^\n${wrap(text, columns - 1).join("\n")}`;
}

function clean(text: string): string {
  return text.replace(UNSHOWABLE, " ");
}

/** `text`, or as much of its `keep` as fits into `width` columns together with an ellipsis. */
function shorten(text: string, width: number, keep: "start" | "end"): string {
  if (unicodeWidth(text) <= width) return text;
  // More than fits, but bounded however long the line is.
  const near = keep === "start" ? text.slice(0, 4 * width) : text.slice(-4 * width);
  const characters = [...near.toWellFormed()];
  if (keep === "end") characters.reverse();
  const kept: string[] = [];
  let used = 1;
  for (const character of characters) {
    used += unicodeWidth(character);
    if (used > width) break;
    kept.push(character);
  }
  return keep === "start" ? `${kept.join("")}…` : `…${kept.reverse().join("")}`;
}
