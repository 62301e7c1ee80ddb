import { PROMPT_WORDS } from "../../../gmp/names.ts";
import type { WaveNode } from "../../../gmp/types/wave/wave_node.ts";

/** A stretch of a line: offsets in UTF-16 units, `end` exclusive. */
export interface Span {
  start: number;
  end: number;
}

/** A name, file or word in the line, without its quotes; the span includes them. */
export interface Name extends Span {
  text: string;
}

/** `math`, `math(a, "b c")`, `math@v0.0.1`: runs a module's `_start`. */
export interface Run extends Span {
  kind: "run";
  module: Name;
  version: Name | undefined;
  argv: Name[];
  /** The file after `<`. */
  input?: Name;
}

/**
 * `math.add(1,2)`, `math@v0.0.1.add(1,2)`: calls one function of a module. In `greeter.counter.merge(a, b)` the module may
 * be called `greeter.counter` as well: only who knows the modules can tell.
 */
export interface Call extends Span {
  kind: "call";
  module: Name;
  version: Name | undefined;
  /** What stands between the module and the function, outside of the module's name: an interface, a resource. */
  within?: Name[];
  function: Name;
  /** The values as they are written; what they mean, their types say. */
  arguments: WaveNode[];
  /** The file after `<`. */
  input?: Name;
}

/** The meaning of a line. */
export type Expression =
  | Span & { kind: "empty" }
  | Span & { kind: "help"; topic: Name | undefined }
  | Span & { kind: "exit" }
  | Span & { kind: "load"; file: Name }
  /** `drop(c)` */
  | Span & { kind: "drop"; name: Name }
  /** `c = greeter.counter(5)` */
  | Span & { kind: "assign"; name: Name; call: Call; node: Name | undefined }
  | Span & { kind: "discover" | "list" | "modules" }
  | Span & { kind: "connect" | "disconnect"; node: Name }
  | Span & { kind: "reset"; module: Name; version: Name | undefined }
  /** `Node.run(node-8399, math.add(34,34))` */
  | Span & { kind: "remote"; node: Name; target: Run | Call }
  | Run
  | Call;

/** What a line runs or calls, here or elsewhere, if it does. */
export function runBy(expression: Expression): Run | Call | undefined {
  switch (expression.kind) {
    case "run":
    case "call":
      return expression;
    case "remote":
      return expression.target;
    case "assign":
      return expression.call;
    default:
      return undefined;
  }
}

/** What follows `Node.`. */
export const NODE_COMMANDS = [
  "discover",
  "connect",
  "list",
  "disconnect",
  "run",
  "modules",
  "reset",
] as const;

/**
 * Whether `word` could begin a function's name. It decides what the last dotted part of a bare name is: `math.add` is
 * the function `add` of `math`, but in `math@v0.0.1` the `1` belongs to the version.
 */
export function looksLikeFunction(word: string): boolean {
  return /^[\p{ID_Start}_$]/u.test(word);
}

/** Words with a meaning of their own at the start of a line; a module of that name must be quoted. */
export const RESERVED: ReadonlySet<string> = PROMPT_WORDS;
