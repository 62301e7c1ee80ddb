import { unicodeWidth } from "@std/cli/unicode-width";

/** The size of a terminal, in characters. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** What the line being typed looks like, without its colours. */
export interface Picture {
  /** What stands before the line. */
  readonly prompt: string;
  /** What was typed. */
  readonly typed: string;
  /** What is suggested behind it. */
  readonly hint: string;
  /** Where the cursor is in `typed`, in UTF-16 units. */
  readonly cursor: number;
}

/** A cell of the terminal, counted from where a text begins. */
interface Cell {
  readonly row: number;
  readonly column: number;
}

const NARROW = /^[\x20-\x7e]*$/;

/** The cell behind `text`, which begins in the first column of a terminal of that many columns. */
export function cellBehind(text: string, columns: number): Cell {
  let cells = text.length;
  if (!NARROW.test(text)) {
    cells = 0;
    for (const character of text) {
      const width = unicodeWidth(character);
      // A wide character that the row has no room for goes to the next one.
      if (cells % columns + width > columns) cells += columns - cells % columns;
      cells += width;
    }
  }
  return columns === Infinity
    ? { row: 0, column: cells }
    : { row: Math.floor(cells / columns), column: cells % columns };
}

/** `picture`, or as much of it around the cursor as the terminal has room for: what scrolls away cannot be erased. */
export function fitted(picture: Picture, { columns, rows }: Size): Picture {
  const { prompt, typed, hint, cursor } = picture;
  if (cellBehind(prompt + typed + hint, columns).row < rows) return picture;
  const room = Math.max(8, (rows - 1) * columns - unicodeWidth(prompt) - 2);
  const from = startOf(typed, cursor, Math.floor(room / 2));
  const to = endOf(typed, cursor, room - Math.floor(room / 2));
  const [before, behind] = [from > 0 ? "…" : "", to < typed.length ? "…" : ""];
  return {
    prompt,
    typed: before + typed.slice(from, to) + behind,
    hint: "",
    cursor: before.length + cursor - from,
  };
}

/** Moves the cursor from the end of a picture to where it belongs. */
export function cursorMove({ prompt, typed, hint, cursor }: Picture, columns: number): string {
  const all = prompt + typed + hint;
  const end = cellBehind(all, columns);
  const { row, column } = cellBehind(prompt + typed.slice(0, cursor), columns);
  // A terminal goes to the next row when something is to be written there.
  const settled = end.column === 0 && all !== "" ? " \r\x1b[K" : "\r";
  return settled + (end.row > row ? `\x1b[${end.row - row}A` : "") + (column > 0 ? `\x1b[${column}C` : "");
}

/**
 * Erases a picture, and moves the cursor to where it began. A terminal that changed its columns has broken the rows anew, and has
 * moved the cursor along. The rows are erased one by one, since some keep a copy of what is erased with a whole screen.
 */
export function eraser({ prompt, typed, hint, cursor }: Picture, columns: number): string {
  const { row } = cellBehind(prompt + typed.slice(0, cursor), columns);
  const rows = cellBehind(prompt + typed + hint, columns).row;
  return (row > 0 ? `\x1b[${row}A` : "") + "\r\x1b[K" + (rows > 0 ? "\x1b[B\x1b[J\x1b[A" : "");
}

/** Where the text before `index` begins that fits into `width` columns. */
function startOf(text: string, index: number, width: number): number {
  const near = [...text.slice(Math.max(0, index - 2 * width), index)].reverse();
  return index - unitsWithin(near, width);
}

function endOf(text: string, index: number, width: number): number {
  return index + unitsWithin([...text.slice(index, index + 2 * width)], width);
}

/** How many UTF-16 units of `characters`, from the first, fit into `width` columns. */
function unitsWithin(characters: readonly string[], width: number): number {
  let [units, used] = [0, 0];
  for (const character of characters) {
    used += unicodeWidth(character);
    if (used > width) break;
    units += character.length;
  }
  return units;
}
