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

/**
 * True for an identifier: a name that is written without quotes. Unicode allows some characters in identifiers that are invisible,
 * such as joiners. (Reading a pattern with classes of Unicode takes V8 a while, so it does that at the first call.)
 */
export function isIdentifier(name: string): boolean {
  return /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(name) &&
    !/[\p{C}\p{Default_Ignorable_Code_Point}]/u.test(name);
}

/**
 * `text` in double quotes, which the prompt reads back as the same text, and safe to print: what controls a terminal, is invisible
 * or looks like something else is escaped.
 */
export function quote(text: string): string {
  return `"${text.replace(/["\\\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, escape)}"`;
}

function escape(character: string): string {
  if (character === '"' || character === "\\") return `\\${character}`;
  if (character === "\n") return "\\n";
  if (character === "\t") return "\\t";
  if (character === "\r") return "\\r";
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** What is wrong with a quoted string, and where; `incomplete` if only its end is missing. */
interface QuoteMistake {
  readonly mistake: string;
  readonly position: number;
  readonly incomplete: boolean;
}

/** Reads the string that begins with a single or double quote at `start` of `text`: its value, and where it ends. */
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
  // Two \uHHHH may be the halves of one character, so only the whole string must be well-formed.
  if (!value.isWellFormed()) return mistake("half of a character is in the quotes", start);
  return { value, end: position + 1 };
}

/** Reads the escape that begins with the backslash at `start` of `text`: its value, and where it ends. */
export function readEscape(text: string, start: number): { value: string; end: number } | QuoteMistake {
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
 * A name from a module, as the prompt takes it (`math.add`, `math."a b"`) and safe to print: it may be any Unicode
 * text, so unless it is an identifier it is quoted, with escapes for what cannot be seen.
 */
export function writeName(name: string): string {
  return isIdentifier(name) ? name : quote(name);
}

/** `text` in quotes for a message, shortened if long. */
export function quoteBriefly(text: string): string {
  return quote(text.length <= 40 ? text : `${text.slice(0, 39).toWellFormed()}…`);
}

/** Characters of a name that a message shows: a module may export names of megabytes. */
const MAX_SHOWN_NAME = 100;

/**
 * {@linkcode writeName} for a message, which cuts a long name: `"…"` then follows it, outside the quotes.
 */
export function showName(name: string): string {
  if (name.length <= MAX_SHOWN_NAME) return writeName(name);
  // Never in the middle of a character of two units.
  return `${writeName(name.slice(0, MAX_SHOWN_NAME).replace(/[\ud800-\udbff]$/, ""))}…`;
}
