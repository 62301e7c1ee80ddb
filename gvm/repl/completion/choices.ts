import { unicodeWidth } from "@std/cli/unicode-width";
import type { Completion } from "./line_input.ts";

/** Completions that are listed at most: those of one screen. */
const MAX_LISTED = 40;

/**
 * What Tab makes of `text`: as much as all `completions` begin with, which is `text` itself where they go different ways
 * at once.
 */
export function commonLine(text: string, completions: readonly Completion[]): string {
  const [first, ...others] = completions.map(({ line }) => line);
  if (first === undefined) return text;
  let length = first.length;
  for (const line of others) {
    while (!line.startsWith(first.slice(0, length))) length--;
  }
  // Case does not count, so that what they have in common may begin otherwise than what was typed.
  return length > text.length || others.length === 0 ? first.slice(0, length) : text;
}

/** The list of `completions`, each with its hint where `columns` have room for all of them. */
export function listChoices(completions: readonly Completion[], columns = Infinity): string {
  const listed = completions.slice(0, MAX_LISTED);
  const width = Math.max(...listed.map(({ name }) => unicodeWidth(name))) + 2;
  const hinted = listed.every(({ hint }) => width + unicodeWidth(hint) < columns);
  const lines = listed.map(({ name, hint }) =>
    hinted && hint !== "" ? `${name}${" ".repeat(width - unicodeWidth(name))}${hint}` : name
  );
  const more = completions.length - listed.length;
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join("\n");
}
