import { quote, readQuoted as read } from "../../../gmp/types/quote.ts";
import { LineError } from "./line_error.ts";

/** True for the two characters that begin a quoted string. */
export function isQuote(character: string): boolean {
  return character === '"' || character === "'";
}

/**
 * Reads the quoted string that begins at `start` of `text`; it may contain line breaks.
 *
 * @throws {LineError} incomplete when the closing quote is missing; otherwise at an invalid escape
 */
export function readQuoted(text: string, start: number): { value: string; end: number } {
  const found = read(text, start);
  if ("value" in found) return found;
  throw new LineError(found.mistake, found.position, found.incomplete);
}

/** `text` in quotes for a message, shortened if long. */
export function quoteBriefly(text: string): string {
  return quote(text.length <= 40 ? text : `${text.slice(0, 39).toWellFormed()}…`);
}
