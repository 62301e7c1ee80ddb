import { readQuoted as read } from "../../../gmp/types/quote.ts";
import { TextError } from "../../../gmp/types/text_error.ts";

/** True for the two characters that begin a quoted string. */
export function isQuote(character: string): boolean {
  return character === '"' || character === "'";
}

/**
 * Reads the quoted string that begins at `start` of `text`; it may contain line breaks.
 *
 * @throws {TextError} incomplete when the closing quote is missing; otherwise at an invalid escape
 */
export function readQuoted(text: string, start: number): { value: string; end: number } {
  const found = read(text, start);
  if ("value" in found) return found;
  throw new TextError(found.mistake, found.position, found.incomplete);
}
