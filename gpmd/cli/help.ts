import { type Command, type Option, optionsOf } from "./command.ts";
import { COMMANDS } from "./commands.ts";

const EXIT_CODES = `Exit codes:
  0   done
  1   an error: its code and a sentence are on standard error
  2   wrong usage`;

/** The help of one command, of a group such as `wasm`, or, for an empty name, of `gpmd`. */
export function help(of: string): string {
  const command = COMMANDS.find(({ name }) => name === of);
  return command === undefined ? groupHelp(of) : commandHelp(command);
}

function groupHelp(group: string): string {
  const commands = COMMANDS.filter(({ name }) => group === "" || name.startsWith(`${group} `));
  const title = group === ""
    ? "gpmd: the Ghost Port Mapper Daemon, which knows the nodes and keeps the modules of this device\n\n"
    : "";
  return `${title}Usage:
${columns(commands.map((one) => [`gpmd ${one.name} ${one.operands}`.trim(), one.text]))}

Options:
${optionLines(optionsOf(undefined))}

Examples:
${commands.map(({ example }) => `  ${example}`).join("\n")}

${EXIT_CODES}

Each command has more: gpmd ${`${group} `.trimStart()}COMMAND --help`;
}

function commandHelp(command: Command): string {
  const { name, operands, text, example } = command;
  return `gpmd ${name}: ${text}

Usage: gpmd ${name} [options]${operands === "" ? "" : ` ${operands}`}

Options:
${optionLines(optionsOf(command))}

Example:
  ${example}

${EXIT_CODES}`;
}

function optionLines(options: readonly Option[]): string {
  return columns(options.map(({ name, short, value, text }) => {
    const long = value === undefined ? `--${name}` : `--${name} ${value}`;
    return [short === undefined ? long : `-${short}, ${long}`, text];
  }));
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  const indent = `\n${" ".repeat(width + 5)}`;
  return rows.map(([left, right]) => `  ${left.padEnd(width)}   ${right.replaceAll("\n", indent)}`).join(
    "\n",
  );
}
