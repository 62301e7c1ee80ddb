/** `text` in lines of at most `width` columns, broken at spaces; a longer word has a line of its own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** `text` broken at words to be narrower than `columns`, if there are any; the lines after the first are indented. */
export function hanging(text: string, columns: number | undefined): string {
  // On some terminals, a line that reached the last column would be followed by an empty one.
  return columns === undefined ? text : wrap(text, columns - 3).join("\n  ");
}
