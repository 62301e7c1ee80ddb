import { parse } from "../../../gvm/repl/language/parser.ts";
import type { Expression } from "../../../gvm/repl/language/syntax.ts";

/** What `parse` says is wrong with `line`. */
export function mistake(line: string): { message: string; position: number; incomplete: boolean } {
  const result = parse(line);
  if (result.ok) throw new Error(`"${line}" was taken for ${result.expression.kind}`);
  const { message, position, incomplete } = result.error;
  return { message, position, incomplete };
}

/** A tree without positions: names become their text, arguments their value. */
export function withoutSpans(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutSpans);
  if (typeof node !== "object" || node === null) return node;
  const { start: _start, end: _end, ...rest } = node as Record<string, unknown>;
  if ("text" in rest) return rest.text;
  if ("value" in rest) return rest.value instanceof Uint8Array ? [...rest.value] : rest.value;
  return Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, withoutSpans(value)]));
}

export function tree(line: string): unknown {
  return withoutSpans(expression(line));
}

export function expression(line: string): Expression {
  const result = parse(line);
  if (!result.ok) throw result.error;
  return result.expression;
}

export function run(module: string, ...argv: string[]): unknown {
  return { kind: "run", module, version: undefined, argv };
}

export function call(module: string, name: string, ...values: unknown[]): unknown {
  return { kind: "call", module, version: undefined, function: name, arguments: values };
}
