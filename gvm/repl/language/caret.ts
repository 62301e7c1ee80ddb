import { unicodeWidth } from "@std/cli/unicode-width";

/** Columns assumed where there is no terminal to ask, so that a hostile line does not fill the screen. */
const DEFAULT_COLUMNS = 100;

/** Characters that move the cursor or that the terminal obeys instead of showing. */
const UNSHOWABLE = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Points at `position` of a line that the terminal has just echoed after a prompt `promptWidth` columns wide:
 *
 * ```
 * (node-5651) > math.add(1,,2)
 *                          ^ expected an argument
 * ```
 *
 * Only the second line is returned. Where the echo cannot be pointed at (it wrapped at `columns`, the position is on an
 * earlier line, or a tab is in the way) the line is shown again above, as {@linkcode showErrorWithLine} does.
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
  return caret(promptWidth + unicodeWidth(text.slice(0, offset)), message, columns);
}

/**
 * The line itself and, below it, the caret and the message: for where no terminal has echoed the line. Of a line wider
 * than `columns` the part around the position is shown. Nothing in the result is obeyed by a terminal.
 */
export function showErrorWithLine(
  line: string,
  position: number,
  message: string,
  columns: number = DEFAULT_COLUMNS,
): string {
  const { text, offset } = lineAround(line, position);
  const before = clean(text.slice(0, offset));
  const after = clean(text.slice(offset));
  // Two thirds of the room go to what leads up to the mistake; what it does not need is the rest's.
  const room = Math.max(8, columns - 1);
  const left = shorten(before, Math.max(Math.ceil(room * 2 / 3), room - unicodeWidth(after)), "end");
  const right = shorten(after, room - unicodeWidth(left), "start");
  return `${left}${right}\n${caret(unicodeWidth(left), message, columns)}`;
}

/** The one of the lines in `line` that holds `position`, and where in it that is. */
function lineAround(line: string, position: number): { text: string; offset: number; last: boolean } {
  const start = position === 0 ? 0 : line.lastIndexOf("\n", position - 1) + 1;
  const end = line.indexOf("\n", start);
  return {
    text: end < 0 ? line.slice(start) : line.slice(start, end),
    offset: position - start,
    last: end < 0,
  };
}

/** The caret at `column`, and the message on the side of it that has the room. */
function caret(column: number, message: string, columns: number): string {
  const text = clean(message);
  const width = unicodeWidth(text) + 1;
  if (column + 1 + width > columns && width <= column) return `${" ".repeat(column - width)}${text} ^`;
  return `${" ".repeat(column)}^ ${text}`;
}

function clean(text: string): string {
  return text.replace(UNSHOWABLE, " ");
}

/** `text`, or as much of its `keep` as fits into `width` columns together with an ellipsis. */
function shorten(text: string, width: number, keep: "start" | "end"): string {
  if (unicodeWidth(text) <= width) return text;
  // More than fits, and bounded however long the line is.
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
