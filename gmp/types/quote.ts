/** What an identifier is: names that need no quotes at the prompt. */
const IDENTIFIER = /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u;

/** Some of what Unicode allows in an identifier shows nothing, such as a joiner. */
const UNSEEN = /[\p{C}\p{Default_Ignorable_Code_Point}]/u;

/** What is escaped in quotes: what a terminal obeys instead of showing, and what cannot be seen or told apart. */
const ESCAPED = /["\\\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

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

/** True for a name that is written as it is; all others are written in quotes. */
export function isIdentifier(name: string): boolean {
  return IDENTIFIER.test(name) && !UNSEEN.test(name);
}

/** `text` in double quotes, as the prompt reads it back to the very same text, and harmless to print. */
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

/** What is wrong with a quoted string, and where; `incomplete` when only its end is missing. */
interface QuoteMistake {
  readonly mistake: string;
  readonly position: number;
  readonly incomplete: boolean;
}

/** Reads the quoted string that begins with one of both quotes at `start` of `text`: its value, and where it ends. */
export function readQuoted(text: string, start: number): { value: string; end: number } | QuoteMistake {
  const mark = text[start];
  let value = "";
  let position = start + 1;
  while (text[position] !== mark) {
    if (position >= text.length) return unfinished(text);
    if (text[position] === "\\") {
      const escape = readEscape(text, position);
      if ("mistake" in escape) return escape;
      value += escape.value;
      position = escape.end;
    } else {
      value += text[position++];
    }
  }
  // Two \uHHHH may be the halves of one character, so it is the whole string that must be well formed.
  if (!value.isWellFormed()) return mistake("half of a character is in the quotes", start);
  return { value, end: position + 1 };
}

function readEscape(text: string, start: number): { value: string; end: number } | QuoteMistake {
  const letter = text[start + 1];
  if (letter === undefined) return unfinished(text);
  const simple = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
  if (simple !== undefined) return { value: simple, end: start + 2 };
  CODE.lastIndex = start;
  const code = CODE.exec(text);
  if (code) {
    const point = Number.parseInt(code[1] ?? code[2] ?? code[3] ?? "", 16);
    if (point > 0x10ffff) return mistake(`there is no character ${code[0]}`, start);
    return { value: String.fromCodePoint(point), end: CODE.lastIndex };
  }
  if (letter === "x") return mistake("expected two hexadecimal digits: \\x41", start);
  if (letter === "u") return mistake("expected hexadecimal digits: \\u0041 or \\u{41}", start);
  return mistake("there is no such escape; a backslash is written \\\\", start);
}

function mistake(text: string, position: number): QuoteMistake {
  return { mistake: text, position, incomplete: false };
}

function unfinished(text: string): QuoteMistake {
  return { mistake: "expected a closing quote", position: text.length, incomplete: true };
}

/**
 * A name out of a module as the prompt takes it (`math.add`, `math."a b"`) and as it is safe to print: it may be any Unicode
 * text, so what is no identifier is quoted, with escapes for what cannot be seen.
 */
export function writeName(name: string): string {
  return isIdentifier(name) ? name : quote(name);
}

/** Characters of a name that a message shows; a module may export names of megabytes. */
const MAX_SHOWN_NAME = 100;

/**
 * {@linkcode writeName} for a message, in which a long name is cut: `"…"` then stands behind it, outside the quotes.
 */
export function showName(name: string): string {
  if (name.length <= MAX_SHOWN_NAME) return writeName(name);
  // Not within a character of two units.
  return `${writeName(name.slice(0, MAX_SHOWN_NAME).replace(/[\ud800-\udbff]$/, ""))}…`;
}
