import {
  type Command,
  commandsOf,
  operandsText,
  type Option,
  optionsOf,
  type Program,
  takesValue,
  typed,
  wordsOf,
} from "./program.ts";
import { wrap } from "./wrap.ts";

/** Columns of the help, at most and by default. */
const PAGE_COLUMNS = 100;
/** Least width of the right column: if it is narrower, its text goes below the left one. */
const LEAST_COLUMN = 30;
const INDENT = "  ";
/** Most examples that fit on the page of a program. */
const PAGE_EXAMPLES = 12;

/** The help of a command, of a group such as `wasm`, or, for an empty name, of `program`, at most `columns` wide. */
export function help(program: Program, of: string, columns: number = PAGE_COLUMNS): string {
  const width = Math.min(columns, PAGE_COLUMNS);
  const command = commandsOf(program).find(({ name }) => name === of && name !== "");
  return command === undefined ? groupHelp(program, of, width) : commandHelp(program, command, width);
}

function groupHelp(program: Program, group: string, width: number): string {
  const commands = commandsOf(program).filter(({ name }) => group === "" || name.startsWith(`${group} `));
  const shown = commandsOf(program).find(({ name }) => name === group);
  const usage = commands.map((command) => [usageOf(program, command), command.text] as const);
  const examples = examplesOf(commands);
  return sections([
    ...group === "" ? [paragraph(`${program.name}: ${program.text}`, width)] : [],
    `Usage:\n${table(usage, width)}`,
    `Options:\n${optionTable(optionsOf(program, shown), width)}`,
    `Examples:\n${examples.map((line) => INDENT + line).join("\n")}`,
    `Exit codes:\n${table(program.exitCodes, width)}`,
    paragraph(`Each command has more: ${typed(program, { name: group })} COMMAND --help`, width),
  ]);
}

/** All examples of `commands`, or, where there are too many, the first of each word that commands begin with. */
function examplesOf(commands: readonly Command[]): readonly string[] {
  const all = commands.flatMap(({ examples }) => examples);
  if (all.length <= PAGE_EXAMPLES) return all;
  const first = new Map<string, string>();
  for (const command of commands) {
    const word = wordsOf(command)[0]!;
    const [example] = command.examples;
    if (example !== undefined && !first.has(word)) first.set(word, example);
  }
  return [...first.values()];
}

function commandHelp(program: Program, command: Command, width: number): string {
  const { text, examples, notes, aliases } = command;
  return sections([
    paragraph(`${typed(program, command)}: ${text}`, width),
    paragraph(`Usage: ${usageOf(program, command)}`, width),
    ...aliases === undefined ? [] : [paragraph(`Also: ${listed(program, aliases)}`, width)],
    `Options:\n${optionTable(optionsOf(program, command), width)}`,
    ...examples.length === 0
      ? []
      : [`${examples.length === 1 ? "Example" : "Examples"}:\n${
        examples.map((line) => INDENT + line).join("\n")
      }`],
    ...notes === undefined ? [] : [paragraph(notes, width)],
    `Exit codes:\n${table(command.exitCodes ?? program.exitCodes, width)}`,
  ]);
}

function listed(program: Program, names: readonly string[]): string {
  return names.map((name) => typed(program, { name })).join(", ");
}

function usageOf(program: Program, command: Command): string {
  return [
    typed(program, command),
    ...command.options.length === 0 ? [] : ["[options]"],
    operandsText(command),
  ]
    .filter((part) => part !== "").join(" ");
}

function optionTable(options: readonly Option[], width: number): string {
  return table(
    options.map((option) => {
      const long = takesValue(option) ? `--${option.name} ${option.value}` : `--${option.name}`;
      return [option.short === undefined ? long : `-${option.short}, ${long}`, option.text];
    }),
    width,
  );
}

/** Two columns, the right one wrapped, or below the left one if it would be too narrow. */
function table(rows: readonly (readonly [string, string])[], width: number): string {
  const left = INDENT.length + Math.max(...rows.map(([name]) => name.length)) + 3;
  const isBeside = width - left >= LEAST_COLUMN;
  const indent = " ".repeat(isBeside ? left : 2 * INDENT.length);
  return rows.map(([name, text]) => {
    const lines = wrap(text, width - indent.length).join(`\n${indent}`);
    if (isBeside) return `${(INDENT + name).padEnd(left)}${lines}`;
    return `${wrap(INDENT + name, width).join(`\n${INDENT}${INDENT}${INDENT}`)}\n${indent}${lines}`;
  }).join("\n");
}

function paragraph(text: string, width: number): string {
  return wrap(text, width).join("\n");
}

function sections(parts: readonly string[]): string {
  return parts.join("\n\n");
}
