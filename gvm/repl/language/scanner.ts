import { LineError } from "./line_error.ts";
import { literalMistake, readLiteral } from "./literal.ts";
import { isQuote, readQuoted } from "./quoted.ts";
import type { Slot, SlotPurpose } from "./slot.ts";
import { type Argument, looksLikeFunction, type Name, type Span } from "./syntax.ts";

/** Whitespace and comments: `// …` to the end of the line, where something could begin. */
const SPACE = /(?:\s+|\/\/[^\n\r]*)*/y;
/** A bare name with all its dots, except at its end. */
const DOTTED = /[^\s.@,()"';/]+(?:\.[^\s.@,()"';/]+)*/yu;
const PART = /[^\s.@,()"';/]+/yu;
const LITERAL = /[^\s,()"';/]+/yu;
/** Literal text ends at the line's end or a comment, and at its own delimiters. */
const BARE = { argument: /(?:(?!\s\/\/)[^,)\n\r])*/y, file: /(?:(?!\s\/\/)[^;\n\r])*/y };

/**
 * Scans a line from left to right. What a word may contain depends on its context (`node-8399`, `-0x1f`,
 * `--flag`), so the parser says which kind of word it wants.
 */
export class Scanner {
  readonly text: string;
  /** The slot read last, or about to be read. */
  slot: Slot | undefined;
  #position = 0;
  #end = 0;
  #depth = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** Where the next character is read. */
  get position(): number {
    return this.#position;
  }

  /** Skips whitespace and comments; returns the character that follows, `""` at the end. */
  next(): string {
    SPACE.lastIndex = this.#position;
    SPACE.test(this.text);
    this.#position = SPACE.lastIndex;
    return this.text[this.#position] ?? "";
  }

  /** Takes `mark` if it comes next, and counts the open parentheses. */
  take(mark: string): boolean {
    if (this.next() !== mark) return false;
    this.#moveTo(this.#position + 1);
    if (mark === "(") this.#depth++;
    if (mark === ")") this.#depth--;
    return true;
  }

  /** Takes `mark`, or fails with `message`. */
  expect(mark: string, message = `expected "${mark}"`): void {
    if (!this.take(mark)) throw this.error(message);
  }

  /** Takes what the sticky `pattern` matches right here, perhaps nothing. */
  match(pattern: RegExp): string {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.text)?.[0] ?? "";
    this.#moveTo(this.#position + found.length);
    return found;
  }

  /** Takes a word without dots, perhaps an empty one. */
  part(purpose: SlotPurpose): Name {
    this.next();
    return this.#read(purpose, () => this.match(PART));
  }

  /** Takes a quoted name, which must come next. */
  quotedName(purpose: SlotPurpose): Name {
    return this.#read(purpose, () => this.#quoted());
  }

  /** Takes a name; unless `whole`, leaves the last dotted part of a bare one if it is a function. */
  name(purpose: SlotPurpose, expected: string, whole = false): Name {
    const name = isQuote(this.next())
      ? this.quotedName(purpose)
      : this.#read(purpose, () => this.#bareName(whole));
    if (name.text === "") throw this.error(`expected ${expected}`, name.start);
    return name;
  }

  /** Takes text that is quoted or literal. */
  spelled(kind: keyof typeof BARE, expected: string): Name {
    const quoted = isQuote(this.next());
    const start = this.#position;
    if (quoted) return { text: this.#quoted(), ...this.spanFrom(start) };
    const text = this.match(BARE[kind]).trimEnd();
    if (text === "") throw this.error(`expected ${expected}`, start);
    this.#moveTo(start + text.length);
    const odd = kind === "argument" ? text.search(/["'(]/) : -1;
    if (odd >= 0) throw this.error("text with a quote or a parenthesis must be in quotes", start + odd);
    return { text, ...this.spanFrom(start) };
  }

  /** Takes one argument of a function. */
  argument(purpose: SlotPurpose): Argument {
    const quoted = isQuote(this.next());
    const start = this.#position;
    this.slot = { ...purpose, start, end: start };
    if (quoted) return { value: this.#quoted(), ...this.spanFrom(start) };
    const word = this.match(LITERAL);
    if (word === "") throw this.error("expected an argument", start);
    const value = readLiteral(word);
    if (value === undefined) throw this.error(literalMistake(word), start);
    return { value, ...this.spanFrom(start) };
  }

  /** Takes items in parentheses. */
  list<T>(item: (index: number) => T): T[] {
    this.expect("(");
    const items: T[] = [];
    if (this.next() !== ")") {
      do items.push(item(items.length)); while (this.take(","));
    }
    this.expect(")", 'expected "," or ")"');
    this.slot = undefined;
    return items;
  }

  /** From `start` to the end of what was taken last, before any whitespace. */
  spanFrom(start: number): Span {
    return { start, end: this.#end };
  }

  /** At the end of the line, with a parenthesis open, the line is merely incomplete. */
  error(message: string, position: number = this.#position): LineError {
    return new LineError(message, position, this.#depth > 0 && position >= this.text.length);
  }

  #read(purpose: SlotPurpose, take: () => string): Name {
    const start = this.#position;
    this.slot = { ...purpose, start, end: this.text.length }; // for an open quote
    const name = { text: take(), ...this.spanFrom(start) };
    this.slot.end = name.end;
    return name;
  }

  #quoted(): string {
    const { value, end } = readQuoted(this.text, this.#position);
    this.#moveTo(end);
    return value;
  }

  #bareName(whole: boolean): string {
    const start = this.#position;
    const word = this.match(DOTTED);
    const dot = word.lastIndexOf(".");
    if (whole || dot < 0 || !looksLikeFunction(word.slice(dot + 1))) return word;
    const next = this.next();
    const name = next === "." || next === "@" ? word : word.slice(0, dot);
    this.#moveTo(start + name.length);
    return name;
  }

  /** Continues from `position`, as if everything before it had been taken. */
  #moveTo(position: number): void {
    this.#position = position;
    this.#end = position;
  }
}
