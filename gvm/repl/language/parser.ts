import { canonicalVersion, isName, VERSION_FORM } from "../../../gmp/names.ts";
import { isIdentifier } from "../../../gmp/types/quote.ts";
import { LineError } from "./line_error.ts";
import { didYouMean, nearest } from "../../../gmp/nearest.ts";
import { isQuote, quoteBriefly } from "./quoted.ts";
import { Scanner } from "./scanner.ts";
import type { Slot } from "./slot.ts";
import {
  type Call,
  type Expression,
  type Name,
  NODE_COMMANDS,
  RESERVED,
  type Run,
  type Span,
} from "./syntax.ts";

/** In UTF-16 units; more than a person types, so that garbage from a pipe is refused before it is parsed. */
export const MAX_LINE_LENGTH = 65_536;

interface Line {
  /** The line itself. */
  readonly text: string;
  /** What is, or could be, at its end, for completion. */
  readonly slot: Slot | undefined;
}

/** A line that was parsed. */
interface UnderstoodLine extends Line {
  readonly ok: true;
  /** Its meaning. */
  readonly expression: Expression;
}

/** A line that could not be parsed; `error.incomplete` if it only needs to continue. */
export interface FailedLine extends Line {
  readonly ok: false;
  /** The mistake. */
  readonly error: LineError;
}

/** A line after its only parse: everything else uses this result. */
export type ParsedLine = UnderstoodLine | FailedLine;

const NODE = "the name of a node";
const MODULE = "the name of a module";
const TOPIC = /[^\s;]+/y;

/**
 * Reads one line of the REPL (README.md, "The commands"), or the beginning of one. Never throws.
 *
 * The last dotted part of a bare name is a function if it begins like an identifier. So `math@v0.0.1.add(1)`
 * calls `add` of version `v0.0.1`, `math@v0.0.1` runs that version, and `my.math.add(1)` calls `add` of
 * `my.math`. Quotes override this: `"my.math"` runs the module of that name, `math."odd name"(1)` calls the
 * function of that name.
 */
export function parse(text: string): ParsedLine {
  const parser = new Parser(text);
  try {
    const expression = parser.line();
    return { text, slot: parser.slotAtEnd(), ok: true, expression };
  } catch (error) {
    if (error instanceof LineError) return { text, slot: parser.slotAtEnd(), ok: false, error };
    throw error;
  }
}

/** Recursive descent; one method per phrase. */
class Parser {
  readonly scanner: Scanner;

  constructor(text: string) {
    this.scanner = new Scanner(text);
  }

  /** The last slot, if it reaches the end of the line. */
  slotAtEnd(): Slot | undefined {
    const { slot, text } = this.scanner;
    return slot && (slot.kind === "argument" || slot.end === text.length) ? slot : undefined;
  }

  line(): Expression {
    const scanner = this.scanner;
    if (scanner.text.length > MAX_LINE_LENGTH) {
      throw scanner.error(`the line is longer than ${MAX_LINE_LENGTH} characters`, MAX_LINE_LENGTH);
    }
    const half = scanner.text.search(/\p{Cs}/u);
    if (half >= 0) throw scanner.error("half of a character is in the line", half);
    const expression = this.#expression();
    scanner.take(";");
    if (scanner.next() !== "") throw scanner.error("expected the end of the line");
    return expression;
  }

  #expression(): Expression {
    const scanner = this.scanner;
    const next = scanner.next();
    const start = scanner.position;
    scanner.slot = { kind: "line", start, end: start };
    if (next === "" || next === ";") return { kind: "empty", start, end: start };
    if (next === ".") return this.#dotCommand(start);
    const head = scanner.name({ kind: "line" }, "a command or the name of a module");
    if (isQuote(next)) return this.#target(head);
    if (head.text === "Node") return this.#nodeCommand(start);
    if (RESERVED.has(head.text) && !/[.@]/.test(scanner.text[head.end] ?? "")) return this.#reserved(head);
    return this.#target(head, ["Node", ...RESERVED]);
  }

  #dotCommand(start: number): Expression {
    const scanner = this.scanner;
    scanner.take(".");
    const { text: word, end } = scanner.part({ kind: "line" });
    scanner.slot = { kind: "line", start, end };
    if (word !== "load") {
      const known = nearest(word, ["load", ...RESERVED]);
      const suggestion = known ? `; did you mean ${known === "load" ? ".load" : known}?` : "";
      throw scanner.error(`there is no .${brief(word)}${suggestion}`, start);
    }
    const file = scanner.spelled("file", "the name of a file");
    return { kind: "load", file, ...scanner.spanFrom(start) };
  }

  #reserved({ text, start, end }: Name): Expression {
    const scanner = this.scanner;
    if (scanner.take("(")) {
      const span = this.#close(start);
      return text === "exit" ? { kind: "exit", ...span } : { kind: "help", topic: undefined, ...span };
    }
    if (text === "exit") return { kind: "exit", start, end };
    const from = scanner.position;
    const topic = scanner.match(TOPIC);
    if (from > end) scanner.slot = { kind: "topic", start: from, end: from + topic.length };
    if (topic === "") return { kind: "help", topic: undefined, start, end };
    const name = { text: topic, ...scanner.spanFrom(from) };
    return { kind: "help", topic: name, ...scanner.spanFrom(start) };
  }

  #nodeCommand(start: number): Expression {
    const scanner = this.scanner;
    scanner.expect(".", 'expected "." and a command, such as Node.list()');
    const word = scanner.part({ kind: "command" });
    if (word.text === "") throw scanner.error("expected a command, such as Node.list()", word.start);
    const command = NODE_COMMANDS.find((name) => name === word.text);
    if (!command) {
      const suggestion = didYouMean(word.text, NODE_COMMANDS, "Node.");
      throw scanner.error(`there is no Node.${brief(word.text)}${suggestion}`, word.start);
    }
    scanner.expect("(", `expected "(" after Node.${command}`);
    switch (command) {
      case "discover":
      case "list":
      case "modules":
        return { kind: command, ...this.#close(start, `expected ")": Node.${command} takes nothing`) };
      case "connect":
      case "disconnect": {
        const node = this.#checked(scanner.name({ kind: "node", command }, NODE, true), NODE);
        return { kind: command, node, ...this.#close(start) };
      }
      case "run": {
        const node = this.#checked(scanner.name({ kind: "node", command }, NODE, true), NODE);
        scanner.expect(",", 'expected "," and what to run');
        const target = this.#remoteTarget();
        return { kind: "remote", node, target, ...this.#close(start) };
      }
      case "reset": {
        const module = this.#checked(scanner.name({ kind: "module" }, MODULE, true), MODULE);
        const version = this.#version(module, true);
        return { kind: "reset", module, version, ...this.#close(start) };
      }
    }
  }

  #remoteTarget(): Run | Call {
    const scanner = this.scanner;
    const bare = !isQuote(scanner.next());
    const module = scanner.name({ kind: "module" }, "a module or a function");
    if (bare && module.text === "Node") {
      throw scanner.error("expected a module or a function, such as math.add(1,2)", module.start);
    }
    return this.#target(module);
  }

  /** Parses what follows a module's name: a version, a function, arguments. */
  #target(module: Name, alternatives: readonly string[] = []): Run | Call {
    const scanner = this.scanner;
    const { start } = this.#checked(module, MODULE, alternatives);
    const version = this.#version(module, false);
    if (!scanner.take(".")) {
      const argv = scanner.next() === "("
        ? scanner.list(() => scanner.spelled("argument", "an argument"))
        : [];
      return { kind: "run", module, version, argv, ...scanner.spanFrom(start) };
    }
    const name = this.#function(module, version);
    if (scanner.next() !== "(") {
      const called = brief(scanner.text.slice(start, name.end));
      throw scanner.error(`expected "(": a function is called with ${called}()`);
    }
    const purpose = { kind: "argument", module, version, function: name } as const;
    const values = scanner.list((index) => scanner.argument({ ...purpose, index }));
    return { kind: "call", module, version, function: name, arguments: values, ...scanner.spanFrom(start) };
  }

  #version(module: Name, whole: boolean): Name | undefined {
    if (!this.scanner.take("@")) return undefined;
    const version = this.scanner.name({ kind: "version", module }, "a version", whole);
    if (canonicalVersion(version.text) !== undefined) return version;
    throw this.scanner.error(
      `${quoteBriefly(version.text)} is not a version: ${VERSION_FORM}`,
      version.start,
    );
  }

  #function(module: Name, version: Name | undefined): Name {
    const scanner = this.scanner;
    const purpose = { kind: "function", module, version } as const;
    if (isQuote(scanner.next())) return scanner.quotedName(purpose);
    const name = scanner.part(purpose);
    if (name.text === "") throw scanner.error("expected the name of a function", name.start);
    if (isIdentifier(name.text)) return name;
    throw scanner.error(
      `the name of this function must be in quotes: ${quoteBriefly(name.text)}`,
      name.start,
    );
  }

  #checked(name: Name, what: string, alternatives: readonly string[] = []): Name {
    if (isName(name.text)) return name;
    const allowed = '1 to 64 of a-z, 0-9, ".", "_" and "-"';
    const suggestion = didYouMean(name.text, alternatives);
    throw this.scanner.error(
      `${quoteBriefly(name.text)} cannot be ${what}: use ${allowed}${suggestion}`,
      name.start,
    );
  }

  /** Takes the closing parenthesis of the phrase that began at `start`. */
  #close(start: number, message?: string): Span {
    this.scanner.expect(")", message);
    return this.scanner.spanFrom(start);
  }
}

/** A word of the line for a message, without quotes. */
function brief(word: string): string {
  return quoteBriefly(word).slice(1, -1);
}
