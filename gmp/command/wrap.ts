import { unicodeWidth } from "@std/cli/unicode-width";

/** Text of which each character takes one column. */
const NARROW = /^[\x20-\x7e]*$/;

/** The columns that `text` takes at a terminal: letters of some scripts take two, accents of their own none. */
export function widthOf(text: string): number {
  return NARROW.test(text) ? text.length : unicodeWidth(text);
}

/** `text` with spaces behind it, so that it takes at least `width` columns. */
export function padded(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - widthOf(text)));
}

/** `text` in lines of at most `width` columns, broken at spaces; a longer word has a line of its own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let used = 0;
  for (const word of text.split(" ")) {
    const own = widthOf(word);
    if (lines.length > 0 && used + 1 + own <= width) {
      lines[lines.length - 1] += ` ${word}`;
      used += 1 + own;
    } else {
      lines.push(word);
      used = own;
    }
  }
  return lines;
}

/** `text` broken at words to be narrower than `columns`, if there are any; the lines after the first are indented. */
export function hanging(text: string, columns: number | undefined): string {
  // On some terminals, a line that reached the last column would be followed by an empty one.
  return columns === undefined ? text : wrap(text, columns - 3).join("\n  ");
}
