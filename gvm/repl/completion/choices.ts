import { hanging, padded, widthOf } from "../../../gmp/command/wrap.ts";
import type { Completion } from "./line_input.ts";

/** Most completions that are listed: one screenful. */
const MAX_LISTED = 40;

/**
 * What Tab turns `text` into: the common beginning of all `completions`, which is `text` itself if they
 * differ at once.
 */
export function commonLine(text: string, completions: readonly Completion[]): string {
  const [first, ...others] = completions.map(({ line }) => line);
  if (first === undefined) return text;
  let length = first.length;
  for (const line of others) {
    while (!line.startsWith(first.slice(0, length))) length--;
  }
  // Case does not count, so the common beginning may differ in case from what was typed.
  return length > text.length || others.length === 0 ? first.slice(0, length) : text;
}

/** The list of `completions`, each with its hint if `columns` have room for all hints. */
export function listChoices(completions: readonly Completion[], columns = Infinity): string {
  const listed = completions.slice(0, MAX_LISTED);
  const width = Math.max(...listed.map(({ name }) => widthOf(name))) + 2;
  const hinted = listed.every(({ hint }) => width + widthOf(hint) < columns);
  const lines = listed.map(({ name, hint }) =>
    hinted && hint !== "" ? padded(name, width) + hint : hanging(name, columns)
  );
  const more = completions.length - listed.length;
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join("\n");
}
