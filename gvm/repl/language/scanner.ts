import { TextError } from "../../../gmp/types/text_error.ts";
import { WaveParser } from "../../../gmp/types/wave/parse_wave.ts";
import type { WaveNode } from "../../../gmp/types/wave/wave_node.ts";
import { isQuote, readQuoted } from "./quoted.ts";
import type { Slot, SlotPurpose } from "./slot.ts";
import { looksLikeFunction, type Name, type Span } from "./syntax.ts";

/** Whitespace and comments: `// …` to the end of the line, where something could begin. */
const SPACE = /(?:\s+|\/\/[^\n\r]*)*/y;
/** A bare name with all its dots, except at its end. */
const DOTTED = /[^\s.@,()"';/=]+(?:\.[^\s.@,()"';/=]+)*/yu;
/** The same, and perhaps `@` and a device behind it. */
const NODE = /[^\s.@,()"';/=]+(?:\.[^\s.@,()"';/=]+)*(?:@(?:[^\s.@,()"';/=]+(?:\.[^\s.@,()"';/=]+)*)?)?/yu;
const PART = /[^\s.@,()"';/=]+/yu;
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

  /**
   * Takes a name; unless `whole`, leaves the last dotted part of a bare one if it is a function, and more of them until the
   * name `fits`.
   */
  name(
    purpose: SlotPurpose,
    expected: string,
    whole = false,
    fits: (name: string) => boolean = () => true,
  ): Name {
    const name = isQuote(this.next())
      ? this.quotedName(purpose)
      : this.#read(purpose, () => this.#bareName(whole, fits));
    if (name.text === "") throw this.error(`expected ${expected}`, name.start);
    return name;
  }

  /** Takes a node's name, perhaps with its device: here `@` is no version's sign. */
  node(purpose: SlotPurpose, expected: string): Name {
    const name = isQuote(this.next())
      ? this.quotedName(purpose)
      : this.#read(purpose, () => this.match(NODE));
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
  argument(purpose: SlotPurpose & { kind: "argument" }): WaveNode {
    this.next();
    const start = this.#position;
    const values = new WaveParser(this.text, start);
    const slot: Slot = this.slot = { ...purpose, start, end: start };
    try {
      return values.value("expected an argument");
    } finally {
      if (values.hole?.end === this.text.length) slot.hole = values.hole;
      this.#moveTo(values.end);
    }
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
  error(message: string, position: number = this.#position): TextError {
    return new TextError(message, position, this.#depth > 0 && position >= this.text.length);
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

  #bareName(whole: boolean, fits: (name: string) => boolean): string {
    const start = this.#position;
    const word = this.match(DOTTED);
    const shorter = whole ? undefined : withoutFunction(word);
    if (shorter === undefined) return word;
    const next = this.next();
    let name: string | undefined = next === "." || next === "@" ? word : shorter;
    while (name !== undefined && !fits(name)) name = withoutFunction(name);
    name ??= shorter;
    this.#moveTo(start + name.length);
    return name;
  }

  /** Continues from `position`, as if everything before it had been taken. */
  #moveTo(position: number): void {
    this.#position = position;
    this.#end = position;
  }
}

/** `word` without its last dotted part, if that could be a function. */
function withoutFunction(word: string): string | undefined {
  const dot = word.lastIndexOf(".");
  return dot >= 0 && looksLikeFunction(word.slice(dot + 1)) ? word.slice(0, dot) : undefined;
}
