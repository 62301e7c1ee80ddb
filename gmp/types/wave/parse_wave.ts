import { MAX_TYPE_DEPTH } from "../check_types.ts";
import { isLabel } from "../label.ts";
import { quoteBriefly, readQuoted } from "../quote.ts";
import { literalMistake, readLiteral } from "./literal.ts";
import { readBytes, readLines } from "./wave_text.ts";
import { TextError } from "../text_error.ts";
import type { WaveField, WaveHole, WaveName, WaveNode, WaveSpan, WaveStep } from "./wave_node.ts";

/** Whitespace and comments: `// …` to the end of the line. */
const SPACE = /(?:\s+|\/\/[^\n\r]*)*/y;
const WORD = /[^\s,()[\]{}"';:/]+/y;
const PATH = /[^\s,()[\]{}"';]+/y;
/** What may stand for a value: a label, or the name of a resource: `counter#1`. */
const NAME = /^%?[A-Za-z_][\w-]*(?:#\d+)?$/;
const NUMBER = /^[-+.]?\d/;
/** Numbers that are words, in WAVE and in JavaScript. */
const NUMBERS: ReadonlyMap<string, number> = new Map([["nan", NaN], ["inf", Infinity], ["-inf", -Infinity]]);
const FOREIGN_NUMBERS: ReadonlySet<string> = new Set(["NaN", "Infinity", "-Infinity"]);

/** An escape of JavaScript that WAVE has not. */
const FOREIGN_ESCAPE = /^(?:[^\\]|\\(?!x|u[^{])[^])*\\(?:x|u[^{])/;

/** A node without its place. */
type Unplaced<Node> = Node extends WaveSpan ? Omit<Node, "start" | "end"> : never;

/**
 * Reads values as WAVE writes them (WebAssembly Value Encoding, "Encoding"), and besides: numbers as JavaScript writes
 * them, text in single quotes, `b"…"`, `@file` and names of resources.
 */
export class WaveParser {
  /** The word read last, or about to be read. */
  hole: WaveHole | undefined;
  readonly #text: string;
  readonly #steps: WaveStep[] = [];
  #position: number;
  #end: number;
  #depth = 0;

  /** Reads `text` from `position`. */
  constructor(text: string, position = 0) {
    this.#text = text;
    this.#position = this.#end = position;
  }

  /** Where what was taken last ends. */
  get end(): number {
    return this.#end;
  }

  /** Takes the value that comes next. @throws {TextError} if there is none, named as `expected`. */
  value(expected = "expected a value"): WaveNode {
    const next = this.#next();
    const start = this.#position;
    this.hole = { kind: "value", steps: [...this.#steps], seen: [], start, end: start };
    if (next === '"' || next === "'") return this.#quoted(start);
    if (next === "[" || next === "(" || next === "{") return this.#nested(next, start);
    if (next === "@") return this.#file(start);
    const word = this.#match(WORD);
    if (word === "") throw this.#error(expected);
    this.hole.end = this.#end;
    if (word === "b" && isQuote(this.#text[this.#position])) return this.#bytes(start);
    return this.#word(word, start);
  }

  /** Fails unless only whitespace and comments are left. @throws {TextError}. */
  finish(): void {
    if (this.#next() !== "") throw this.#error("expected the end of the value");
  }

  #word(word: string, start: number): WaveNode {
    if (word === "true" || word === "false") {
      return this.#node(start, { kind: "boolean", value: word === "true" });
    }
    const value = NUMBERS.get(word);
    if (value !== undefined) return this.#node(start, { kind: "number", value });
    if (FOREIGN_NUMBERS.has(word)) {
      return this.#node(start, { kind: "number", value: Number(word), foreign: true });
    }
    if (NUMBER.test(word)) {
      const value = readLiteral(word);
      if (typeof value === "number" || typeof value === "bigint") {
        return this.#node(start, { kind: "number", value });
      }
    } else if (NAME.test(word)) return this.#label(word, start);
    throw new TextError(literalMistake(word), start);
  }

  #label(word: string, start: number): WaveNode {
    const escaped = word.startsWith("%");
    const name = escaped ? word.slice(1) : word;
    const label = { kind: "label", name, escaped } as const;
    const { end } = this;
    if (this.#next() !== "(") return { start, end, ...label };
    this.#open();
    const payload = this.#within({ kind: "case", name }, () => this.value());
    if (this.#next() === ",") {
      throw this.#error(`${name} takes one value; several are a tuple: ${name}((1, 2))`);
    }
    this.#close(")", 'expected ")"');
    return this.#node(start, { ...label, payload });
  }

  #nested(open: "[" | "(" | "{", start: number): WaveNode {
    this.#open();
    if (open === "{") return this.#braces(start);
    const [kind, close] = open === "[" ? ["list", "]"] as const : ["tuple", ")"] as const;
    const items: WaveNode[] = [];
    while (this.#next() !== close) {
      items.push(this.#within({ kind: "item", index: items.length }, () => this.value()));
      if (!this.#take(",")) break;
    }
    this.#close(close, `expected "," or "${close}"`);
    return this.#node(start, { kind, items });
  }

  #braces(start: number): WaveNode {
    if (this.#take(":")) {
      this.#close("}", 'expected "}"');
      return this.#node(start, { kind: "record", fields: [] });
    }
    const seen = new Set<string>();
    const flags: WaveName[] = [];
    if (this.#next() !== "}") {
      const first = this.#key(seen);
      if (this.#next() === ":") return this.#record(start, first, seen);
      flags.push(first);
      while (this.#take(",") && this.#next() !== "}") flags.push(this.#key(seen));
    }
    this.#close("}", flags.length === 1 ? 'expected ":", "," or "}"' : 'expected "," or "}"');
    return this.#node(start, { kind: "flags", flags });
  }

  #record(start: number, first: WaveName, seen: Set<string>): WaveNode {
    const fields: WaveField[] = [];
    let key = first;
    for (;;) {
      if (!this.#take(":")) throw this.#error(`expected ":" and the value of ${key.name}`);
      fields.push({ key, item: this.#within({ kind: "field", name: key.name }, () => this.value()) });
      if (!this.#take(",") || this.#next() === "}") break;
      key = this.#key(seen);
    }
    this.#close("}", 'expected "," or "}"');
    return this.#node(start, { kind: "record", fields });
  }

  #key(seen: Set<string>): WaveName {
    this.#next();
    const start = this.#position;
    this.hole = { kind: "key", steps: [...this.#steps], seen: [...seen], start, end: start };
    const word = this.#match(WORD);
    this.hole.end = this.#end;
    if (word === "") throw this.#error("expected a name");
    const name = word.replace(/^%/, "");
    if (!isLabel(name)) {
      throw new TextError(`${quoteBriefly(word)} is not a name of the form first-name`, start);
    }
    if (seen.has(name)) throw new TextError(`${name} is there twice`, start);
    seen.add(name);
    return { name, start, end: this.#end };
  }

  #quoted(start: number): WaveNode {
    this.hole = undefined;
    if (this.#text.startsWith('"""', start)) {
      const { value, end } = readLines(this.#text, start);
      this.#moveTo(end);
      return this.#node(start, { kind: "text", value });
    }
    const value = this.#quotes();
    const foreign = FOREIGN_ESCAPE.test(this.#text.slice(start, this.#end));
    return this.#node(start, foreign ? { kind: "text", value, foreign } : { kind: "text", value });
  }

  #bytes(start: number): WaveNode {
    this.hole = undefined;
    const { value, end } = readBytes(this.#text, this.#position);
    this.#moveTo(end);
    return this.#node(start, { kind: "bytes", value });
  }

  #file(start: number): WaveNode {
    const at = this.#position + 1;
    this.#moveTo(at);
    if (isQuote(this.#text[at])) {
      this.hole = undefined;
      return this.#node(start, { kind: "file", path: this.#quotes() });
    }
    const path = this.#match(PATH);
    this.hole = { kind: "file", steps: [...this.#steps], seen: [], start: at, end: this.#end };
    if (path === "") throw this.#error("expected the name of a file");
    return this.#node(start, { kind: "file", path });
  }

  /** Takes the text in quotes that comes right here. */
  #quotes(): string {
    const start = this.#position;
    const found = readQuoted(this.#text, start);
    const end = "value" in found ? found.end : found.position;
    const lineBreak = this.#text.slice(start, end).search(/[\n\r]/);
    if (lineBreak >= 0) {
      throw new TextError(
        'a line break is written \\n; text of several lines between """',
        start + lineBreak,
      );
    }
    if (!("value" in found)) throw new TextError(found.mistake, found.position);
    this.#moveTo(end);
    return found.value;
  }

  #within<T>(step: WaveStep, read: () => T): T {
    this.#steps.push(step);
    const found = read();
    this.#steps.pop();
    return found;
  }

  #node<Node extends Unplaced<WaveNode>>(start: number, node: Node): Node & WaveSpan {
    return { start, end: this.#end, ...node };
  }

  #open(): void {
    if (++this.#depth > MAX_TYPE_DEPTH) {
      throw new TextError(`more than ${MAX_TYPE_DEPTH} brackets are open`, this.#position);
    }
    this.#moveTo(this.#position + 1);
  }

  #close(mark: string, message: string): void {
    if (!this.#take(mark)) throw this.#error(message);
    this.#depth--;
  }

  #next(): string {
    SPACE.lastIndex = this.#position;
    SPACE.test(this.#text);
    this.#position = SPACE.lastIndex;
    return this.#text[this.#position] ?? "";
  }

  #take(mark: string): boolean {
    if (this.#next() !== mark) return false;
    this.#moveTo(this.#position + 1);
    return true;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#moveTo(this.#position + found.length);
    return found;
  }

  #moveTo(position: number): void {
    this.#position = this.#end = position;
  }

  #error(message: string): TextError {
    const position = this.#position;
    return new TextError(message, position, position >= this.#text.length);
  }
}

function isQuote(character: string | undefined): boolean {
  return character === '"' || character === "'";
}
