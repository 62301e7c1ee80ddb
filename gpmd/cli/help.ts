import { type Command, type Option, optionsOf } from "./command.ts";
import { COMMANDS } from "./commands.ts";

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

Exit codes: 0 done; 1 an error; 2 wrong usage. Each command has more: gpmd ${
    `${group} `.trimStart()
  }COMMAND --help`;
}

function commandHelp(command: Command): string {
  const { name, operands, text, example } = command;
  return `gpmd ${name}: ${text}

Usage: gpmd ${name} [options]${operands === "" ? "" : ` ${operands}`}

Options:
${optionLines(optionsOf(command))}

Example:
  ${example}

Exit codes: 0 done; 1 an error; 2 wrong usage`;
}

function optionLines(options: readonly Option[]): string {
  return columns(options.map(({ name, short, value, text }) => {
    const long = value === undefined ? `--${name}` : `--${name} ${value}`;
    return [short === undefined ? long : `-${short}, ${long}`, text];
  }));
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}   ${right}`).join("\n");
}
