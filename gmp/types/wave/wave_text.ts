import { readEscape } from "../quote.ts";
import { TextError } from "../text_error.ts";

const ENCODER = new TextEncoder();

/** What was read, and where it ends. */
interface Found<Value> {
  readonly value: Value;
  readonly end: number;
}

/**
 * Reads the text of several lines that begins with the `"""` at `start` of `text` (WAVE, "Multiline Strings"): the spaces
 * before the closing `"""` are taken off each line.
 *
 * @throws {TextError}.
 */
export function readLines(text: string, start: number): Found<string> {
  const from = start + 3;
  if (!/^\r?\n/.test(text.slice(from, from + 2))) {
    throw new TextError('text between """ begins on the next line', from, from >= text.length);
  }
  const to = text.indexOf('"""', from);
  if (to < 0) throw new TextError('expected a closing """', text.length, true);
  const lines = text.slice(from, to).split("\n");
  const indent = lines.pop()!;
  if (/[^ ]/.test(indent)) throw new TextError('only spaces may stand before the closing """', to);
  let position = from;
  const read = lines.map((line, index) => {
    const at = position;
    position += line.length + 1;
    if (index === 0) return "";
    if (line.startsWith(indent)) {
      return unescape(line.slice(indent.length).replace(/\r$/, ""), at + indent.length);
    }
    throw new TextError('the line begins before the closing """', at);
  });
  return { value: read.slice(1).join("\n"), end: to + 3 };
}

/** `line` with what its escapes stand for; `offset` is its place in the whole text. */
function unescape(line: string, offset: number): string {
  let value = "";
  let position = 0;
  for (;;) {
    const next = line.indexOf("\\", position);
    if (next < 0) break;
    const { value: character, end } = escapeAt(line, next, offset);
    value += line.slice(position, next) + character;
    position = end;
  }
  value += line.slice(position);
  if (!value.isWellFormed()) throw new TextError("half of a character is in the line", offset);
  return value;
}

/** Reads the bytes in the quotes at `start` of `text`: `\x00` is a byte, other characters are their UTF-8. @throws {TextError}. */
export function readBytes(text: string, start: number): Found<Uint8Array<ArrayBuffer>> {
  const mark = text[start]!;
  const bytes: number[] = [];
  let read = "";
  const encode = () => {
    // Two \uHHHH may be the halves of one character; half of one has no UTF-8.
    if (!read.isWellFormed()) throw new TextError("half of a character is in the quotes", start);
    for (const byte of ENCODER.encode(read)) bytes.push(byte);
    read = "";
  };
  let position = start + 1;
  for (;;) {
    const point = text.codePointAt(position);
    if (point === undefined || point === 10 || point === 13) {
      throw new TextError("expected a closing quote", position);
    }
    const character = String.fromCodePoint(point);
    position += character.length;
    if (character === mark) {
      encode();
      return { value: new Uint8Array(bytes), end: position };
    }
    if (character !== "\\") {
      read += character;
      continue;
    }
    const { value, end } = escapeAt(text, position - 1, 0);
    if (text[position] === "x") {
      encode();
      bytes.push(value.charCodeAt(0));
    } else read += value;
    position = end;
  }
}

function escapeAt(text: string, start: number, offset: number): Found<string> {
  const found = readEscape(text, start);
  if ("value" in found) return found;
  throw new TextError(found.mistake, offset + found.position);
}
