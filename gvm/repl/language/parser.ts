import { quoteBriefly } from "../../../gmp/types/quote.ts";
import { TextError } from "../../../gmp/types/text_error.ts";
import { didYouMean, nearest } from "../../../gmp/nearest.ts";
import { isQuote } from "./quoted.ts";
import { HANDLE, MODULE, NameParser } from "./name_parser.ts";
import { Scanner } from "./scanner.ts";
import type { Slot } from "./slot.ts";
import {
  type Call,
  type Expression,
  type Name,
  NODE_COMMANDS,
  RESERVED,
  type Run,
  runBy,
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
  readonly error: TextError;
}

/** A line after its only parse: everything else uses this result. */
export type ParsedLine = UnderstoodLine | FailedLine;

/** A command of `Node` as people type it who know better; a module called `node` has other functions, or goes in quotes. */
const NODE_IN_LOWER_CASE = new RegExp(`^node\\s*\\.\\s*(?:${NODE_COMMANDS.join("|")})\\s*\\(`, "i");

const TOPIC = /[^\s;]+/y;
/** What a person can call a resource. */
const VARIABLE = /^[a-z][a-z\d_-]{0,63}$/;

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
    if (error instanceof TextError) return { text, slot: parser.slotAtEnd(), ok: false, error };
    throw error;
  }
}

/** Recursive descent; one method per phrase. */
class Parser {
  readonly scanner: Scanner;
  readonly #names: NameParser;

  constructor(text: string) {
    this.scanner = new Scanner(text);
    this.#names = new NameParser(this.scanner);
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
    this.#input(expression);
    scanner.take(";");
    if (scanner.next() !== "") throw scanner.error("expected the end of the line");
    return expression;
  }

  /** Takes the file that follows what runs: `wordcount < words.txt`. */
  #input(expression: Expression): void {
    const target = runBy(expression);
    const scanner = this.scanner;
    if (target === undefined || !scanner.take("<")) return;
    target.input = this.#file(scanner.position - 1);
  }

  /** Parses a line; unless `isWhole`, what an assignment assigns. */
  #expression(isWhole = true): Expression {
    const scanner = this.scanner;
    const next = scanner.next();
    const start = scanner.position;
    scanner.slot = { kind: "line", start, end: start };
    if (next === "" || next === ";") return { kind: "empty", start, end: start };
    if (next === ".") return this.#dotCommand(start);
    const head = scanner.name({ kind: "line" }, "a command or the name of a module");
    if (isQuote(next)) return this.#target(head);
    if (head.text === "Node" || NODE_IN_LOWER_CASE.test(scanner.text.slice(start))) {
      return this.#nodeCommand(start, head);
    }
    if (isWhole && scanner.next() === "=") return this.#assignment(head);
    const isReserved = RESERVED.has(head.text) && !/[.@]/.test(scanner.text[head.end] ?? "");
    if (isReserved && head.text === "drop") return this.#drop(head);
    if (head.text === "?" || isReserved) return this.#reserved(head);
    return this.#target(head, ["Node", ...RESERVED]);
  }

  /** Parses what follows `c`: `= greeter.counter(5)`, perhaps on another node. */
  #assignment(name: Name): Expression {
    const scanner = this.scanner;
    if (!VARIABLE.test(name.text) || RESERVED.has(name.text)) {
      throw scanner.error(
        `${quoteBriefly(name.text)} cannot name a resource; use a name such as c`,
        name.start,
      );
    }
    scanner.take("=");
    const expression = this.#expression(false);
    const span = scanner.spanFrom(name.start);
    if (expression.kind === "call") {
      return { kind: "assign", name, call: expression, node: undefined, ...span };
    }
    if (expression.kind === "remote" && expression.target.kind === "call") {
      return { kind: "assign", name, call: expression.target, node: expression.node, ...span };
    }
    throw scanner.error("expected a function that makes a resource", expression.start);
  }

  #drop({ start }: Name): Expression {
    const scanner = this.scanner;
    scanner.expect("(", 'expected "(": a resource is dropped with drop(c)');
    const name = scanner.part({ kind: "handle" });
    if (!VARIABLE.test(name.text) && !HANDLE.test(name.text)) {
      throw scanner.error("expected the name of a resource", name.start);
    }
    return { kind: "drop", name, ...this.#close(start) };
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
    const file = this.#file(end);
    return { kind: "load", file, ...scanner.spanFrom(start) };
  }

  /** Takes the name of a file; behind `end` it is what is being typed. */
  #file(end: number): Name {
    const scanner = this.scanner;
    scanner.next();
    const from = scanner.position;
    if (from > end) scanner.slot = { kind: "file", start: from, end: scanner.text.length };
    const file = scanner.spelled("file", "the name of a file");
    if (scanner.slot !== undefined) scanner.slot.end = file.end;
    return file;
  }

  #reserved({ text, start, end }: Name): Expression {
    const scanner = this.scanner;
    const isExit = text === "exit" || text === "quit";
    if (scanner.take("(")) {
      const span = this.#close(start);
      return isExit ? { kind: "exit", ...span } : { kind: "help", topic: undefined, ...span };
    }
    if (isExit) return { kind: "exit", start, end };
    const from = scanner.position;
    const topic = scanner.match(TOPIC);
    if (from > end) scanner.slot = { kind: "topic", start: from, end: from + topic.length };
    if (topic === "") return { kind: "help", topic: undefined, start, end };
    const name = { text: topic, ...scanner.spanFrom(from) };
    return { kind: "help", topic: name, ...scanner.spanFrom(start) };
  }

  #nodeCommand(start: number, { text }: Name): Expression {
    const scanner = this.scanner;
    scanner.expect(".", 'expected "." and a command, such as Node.list()');
    const word = scanner.part({ kind: "command" });
    if (word.text === "") throw scanner.error("expected a command, such as Node.list()", word.start);
    const wanted = text === "Node" ? word.text : word.text.toLowerCase();
    const command = NODE_COMMANDS.find((name) => name === wanted);
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
        return { kind: command, node: this.#names.node(command), ...this.#close(start) };
      }
      case "run": {
        const node = this.#names.node(command);
        scanner.expect(",", 'expected "," and what to run');
        const target = this.#remoteTarget();
        return { kind: "remote", node, target, ...this.#close(start) };
      }
      case "reset": {
        const module = this.#names.checked(scanner.name({ kind: "module" }, MODULE, true), MODULE);
        const version = this.#names.version(module, true);
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
    const { start } = this.#names.checked(module, MODULE, alternatives);
    const version = this.#names.version(module, false);
    if (!scanner.take(".")) {
      const argv = scanner.next() === "("
        ? scanner.list(() => scanner.spelled("argument", "an argument"))
        : [];
      return { kind: "run", module, version, argv, ...scanner.spanFrom(start) };
    }
    const { name, within } = this.#names.function(module, version);
    if (scanner.next() !== "(") {
      const called = brief(scanner.text.slice(start, name.end));
      throw scanner.error(`expected "(": a function is called with ${called}()`);
    }
    const place = { module, version, ...within.length > 0 ? { within } : {}, function: name };
    const values = scanner.list((index) => scanner.argument({ kind: "argument", ...place, index }));
    return { kind: "call", ...place, arguments: values, ...scanner.spanFrom(start) };
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
