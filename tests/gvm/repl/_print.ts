import type { WaveNode } from "../../../gmp/types/wave/wave_node.ts";
import { quote, writeName } from "../../../gmp/types/quote.ts";
import { printName } from "../../../gvm/repl/language/print_name.ts";
import type { Call, Expression, Name, Run } from "../../../gvm/repl/language/syntax.ts";

/** Text that reads back the same as a word of a module's arguments, and as a file. */
const PLAIN_WORD = /^(?!\/\/)[^\s,;()"'\p{C}]+$/u;

/** The one canonical way to write `expression`; `parse` reads it as the same tree, up to positions. */
export function print(expression: Expression): string {
  switch (expression.kind) {
    case "empty":
      return "";
    case "exit":
      return "exit";
    case "help":
      return expression.topic ? `help ${expression.topic.text}` : "help";
    case "load":
      return `.load ${printWord(expression.file)}`;
    case "discover":
    case "list":
    case "modules":
      return `Node.${expression.kind}()`;
    case "connect":
    case "disconnect":
      return `Node.${expression.kind}(${printName(expression.node.text)})`;
    case "reset":
      return `Node.reset(${printModule(expression)})`;
    case "drop":
      return `drop(${expression.name.text})`;
    case "assign": {
      const call = printTarget(expression.call);
      const { node } = expression;
      return `${expression.name.text} = ${node ? `Node.run(${printName(node.text)}, ${call})` : call}`;
    }
    case "remote":
      return `Node.run(${printName(expression.node.text)}, ${printTarget(expression.target)})`;
    default:
      return printTarget(expression);
  }
}

/** How a number is written so that it reads back as the same number, never a bigint. */
export function printNumber(value: number): string {
  if (Object.is(value, -0)) return "-0";
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : String(value);
}

function printTarget(target: Run | Call): string {
  const module = printModule(target);
  if (target.kind === "call") {
    const values = target.arguments.map(printArgument).join(", ");
    // Without quotes it could belong to the name of the module.
    const within = (target.within ?? []).map(({ text }) => `${quote(text)}.`).join("");
    return `${module}.${within}${writeName(target.function.text)}(${values})`;
  }
  return target.argv.length > 0 ? `${module}(${target.argv.map(printWord).join(", ")})` : module;
}

function printModule({ module, version }: { module: Name; version: Name | undefined }): string {
  return printName(module.text) + (version ? `@${printName(version.text)}` : "");
}

function printWord({ text }: Name): string {
  return PLAIN_WORD.test(text) ? text : quote(text);
}

function printArgument(node: WaveNode): string {
  switch (node.kind) {
    case "text":
      return quote(node.value);
    case "number":
      return typeof node.value === "bigint" ? `${node.value}n` : printNumber(node.value);
    case "boolean":
      return String(node.value);
    case "bytes":
      return `b"${[...node.value].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}"`;
    case "file":
      return `@${quote(node.path)}`;
    case "label": {
      const payload = node.payload === undefined ? "" : `(${printArgument(node.payload)})`;
      return (node.escaped ? "%" : "") + node.name + payload;
    }
    case "list":
      return `[${node.items.map(printArgument).join(", ")}]`;
    case "tuple":
      return `(${node.items.map(printArgument).join(", ")})`;
    case "flags":
      return `{${node.flags.map(({ name }) => name).join(", ")}}`;
    case "record":
      if (node.fields.length === 0) return "{:}";
      return `{${node.fields.map(({ key, item }) => `${key.name}: ${printArgument(item)}`).join(", ")}}`;
  }
}
