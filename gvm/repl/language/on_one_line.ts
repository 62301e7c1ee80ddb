import { quote } from "../../../gmp/types/quote.ts";
import { TextError } from "../../../gmp/types/text_error.ts";
import { readLines } from "../../../gmp/types/wave/wave_text.ts";
import { isQuote, readQuoted } from "./quoted.ts";

/** A comment up to the end of its line, where something could begin: in `http://…` none does. */
const COMMENT = /(?<=^|[\s([{,;=])\/\/[^\n]*/y;

/** A command of several lines as one with the same meaning: without comments, its texts with escapes. */
export function onOneLine(command: string): string {
  if (!command.includes("\n")) return command;
  let line = "";
  for (let at = 0; at < command.length;) {
    const text = textAt(command, at);
    COMMENT.lastIndex = at;
    const comment = COMMENT.exec(command)?.[0].length;
    if (text !== undefined) {
      line += text.written;
      at = text.end;
    } else if (comment !== undefined) {
      line = line.trimEnd();
      at += comment;
    } else {
      line += command[at] === "\n" ? " " : command[at];
      at++;
    }
  }
  return line;
}

/** The text in quotes that begins at `start`, on one line, and where it ends. */
function textAt(command: string, start: number): { written: string; end: number } | undefined {
  if (!isQuote(command[start]!)) return undefined;
  try {
    const isLines = command.startsWith('"""', start);
    const { value, end } = isLines ? readLines(command, start) : readQuoted(command, start);
    const written = command.slice(start, end);
    return { written: written.includes("\n") ? quote(value) : written, end };
  } catch (error) {
    if (error instanceof TextError) return undefined;
    throw error;
  }
}
