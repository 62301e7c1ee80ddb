import { LineError } from "./line_error.ts";

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  "\\": "\\",
  '"': '"',
  "'": "'",
};

/** `\xHH`, `\uHHHH`, `\u{H…}`: at the backslash. */
const CODE = /\\(?:x([\da-f]{2})|u([\da-f]{4})|u\{([\da-f]{1,6})\})/iy;

/** Characters that a quoted string shows as escapes: what a terminal would obey instead of showing. */
const ESCAPED = /["\\\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu;

/** True for the two characters that begin a quoted string. */
export function isQuote(character: string): boolean {
  return character === '"' || character === "'";
}

/**
 * Reads the quoted string that begins at `start` of `text`; a line break may stand in it.
 *
 * @throws {LineError} incomplete when the closing quote is missing; else at an escape that is none
 */
export function readQuoted(text: string, start: number): { value: string; end: number } {
  const quote = text[start];
  let value = "";
  let position = start + 1;
  while (text[position] !== quote) {
    if (position >= text.length) throw unfinished(text);
    if (text[position] === "\\") {
      const escape = readEscape(text, position);
      value += escape.value;
      position = escape.end;
    } else {
      value += text[position++];
    }
  }
  if (!value.isWellFormed()) throw new LineError("half of a character is in the quotes", start);
  return { value, end: position + 1 };
}

function readEscape(text: string, start: number): { value: string; end: number } {
  const letter = text[start + 1];
  if (letter === undefined) throw unfinished(text);
  const simple = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
  if (simple !== undefined) return { value: simple, end: start + 2 };
  CODE.lastIndex = start;
  const code = CODE.exec(text);
  if (code) {
    const point = Number.parseInt(code[1] ?? code[2] ?? code[3] ?? "", 16);
    if (point > 0x10ffff) throw new LineError(`there is no character ${code[0]}`, start);
    // Two \uHHHH may be the halves of one character, so it is the whole string that must be well formed.
    return { value: String.fromCodePoint(point), end: CODE.lastIndex };
  }
  if (letter === "x") throw new LineError("expected two hexadecimal digits: \\x41", start);
  if (letter === "u") throw new LineError("expected hexadecimal digits: \\u0041 or \\u{41}", start);
  throw new LineError("there is no such escape; a backslash is written \\\\", start);
}

function unfinished(text: string): LineError {
  return new LineError("expected a closing quote", text.length, true);
}

/** `text` in double quotes, as {@linkcode readQuoted} reads it, and harmless to print. */
export function quote(text: string): string {
  return `"${text.replace(ESCAPED, escape)}"`;
}

function escape(character: string): string {
  if (character === '"' || character === "\\") return `\\${character}`;
  if (character === "\n") return "\\n";
  if (character === "\t") return "\\t";
  if (character === "\r") return "\\r";
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** `text` in quotes for a message: not longer than a person wants to see again. */
export function quoteBriefly(text: string): string {
  return quote(text.length <= 40 ? text : `${text.slice(0, 39).toWellFormed()}…`);
}
