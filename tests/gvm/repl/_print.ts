import { quote, writeName } from "../../../gmp/types/quote.ts";
import { printName } from "../../../gvm/repl/completion/suggest.ts";
import type { Argument, Call, Expression, Name, Run } from "../../../gvm/repl/language/syntax.ts";

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
    return `${module}.${writeName(target.function.text)}(${values})`;
  }
  return target.argv.length > 0 ? `${module}(${target.argv.map(printWord).join(", ")})` : module;
}

function printModule({ module, version }: { module: Name; version: Name | undefined }): string {
  return printName(module.text) + (version ? `@${printName(version.text)}` : "");
}

function printWord({ text }: Name): string {
  return PLAIN_WORD.test(text) ? text : quote(text);
}

function printArgument({ value }: Argument): string {
  switch (typeof value) {
    case "string":
      return quote(value);
    case "bigint":
      return `${value}n`;
    case "number":
      return printNumber(value);
    case "boolean":
      return String(value);
  }
}
