/** The words of a command line as `@std/cli` has to get them, so that they mean what people mean by them. */
import {
  allOptionsOf,
  commandsOf,
  HELP,
  isNamedBy,
  type Option,
  optionsOf,
  type Program,
  SHOW_VERSION,
  takesValue,
  wordsOf,
} from "./program.ts";
import { UsageError } from "./usage_error.ts";

/**
 * `args` with `--json=true` for `--json`: a flag would otherwise take a following word `true` or `false` as its value.
 *
 * @throws {UsageError} for a flag that was given a value.
 */
export function withExplicitFlags(
  args: readonly string[],
  options: readonly Option[],
  asked: string,
): string[] {
  const end = args.indexOf("--");
  return args.map((arg, i) => {
    if (end !== -1 && i >= end) return arg;
    const flag = options.find((option) => !takesValue(option) && isWrittenAs(option, arg));
    if (flag === undefined) return arg;
    if (!arg.includes("=")) return `--${flag.name}=true`;
    throw new UsageError(`${arg.split("=", 1)[0]} takes no value`, asked);
  });
}

/** `args` with `--lines=-3` for `--lines -3`: a number below zero is a value, if a wrong one, and no option. */
export function withNegativeValues(args: readonly string[], options: readonly Option[]): string[] {
  const words: string[] = [];
  const end = args.indexOf("--") >>> 0;
  for (const [i, arg] of args.entries()) {
    const before = args[i - 1] ?? "";
    const option = i < end && /^-[\d.]/.test(arg)
      ? options.find((one) => waitsForValue(one, before))
      : undefined;
    if (option === undefined) words.push(arg);
    else words[words.length - 1] = `--${option.name}=${arg}`;
  }
  return words;
}

/** `args` with `--` before the words that are another program's, where that may be left out. */
export function withRest(program: Program, args: readonly string[]): readonly string[] {
  const words = commandWords(program, args);
  const command = commandsOf(program).find((one) => one.restFollows && isNamedBy(one, words));
  if (command === undefined) return args;
  const options = optionsOf(program, command);
  let left = wordsOf(command).length + command.operands.length;
  for (let at = 0; at < args.length; at++) {
    const word = args[at]!;
    if (word === "--") return args;
    const option = options.find((one) => isWrittenAs(one, word));
    // `tool.wasm --help` asks the tool.
    const isOurs = option !== undefined && (left > 0 || option !== HELP && option !== SHOW_VERSION);
    if (isOurs) {
      if (waitsForValue(option, word)) at++;
    } else if (left === 0) return [...args.slice(0, at), "--", ...args.slice(at)];
    else if (!word.startsWith("-")) left--;
  }
  return args;
}

/** `args` with short options of several letters written out, such as `--non-detached` for `-nd`, and `-v` for `-V`. */
export function withLongNames(program: Program, args: readonly string[]): string[] {
  const end = args.indexOf("--");
  const options = allOptionsOf(program);
  return args.map((arg, i) => {
    if (end !== -1 && i >= end) return arg;
    const option = arg === "-v" && !options.some(({ short }) => short === "v")
      ? SHOW_VERSION
      : options.find(({ short }) => short !== undefined && short.length > 1 && arg === `-${short}`);
    return option === undefined ? arg : `--${option.name}`;
  });
}

/** The words of `args` before `--` that are neither options nor their values. */
export function commandWords(program: Program, args: readonly string[]): string[] {
  const options = allOptionsOf(program);
  // `--version` takes a value only after `wasm upload`: a word behind an option that may be a flag counts as a word.
  const flags = new Set(options.filter((option) => !takesValue(option)).map(({ name }) => name));
  const valued = options.filter(({ name }) => !flags.has(name));
  const end = args.indexOf("--");
  const before = end === -1 ? args : args.slice(0, end);
  const isValue = (i: number) => i > 0 && valued.some((option) => waitsForValue(option, args[i - 1]!));
  return before.filter((arg, i) => !arg.startsWith("-") && !isValue(i));
}

/** Whether `word` is `option`, with a value behind `=` or without one. */
export function isWrittenAs({ name, short }: Option, word: string): boolean {
  const [written] = word.split("=", 1);
  return written === `--${name}` || short !== undefined && written === `-${short}`;
}

/** Whether `word` is `option` without the value that it takes, which is the next word. */
export function waitsForValue(option: Option, word: string): boolean {
  return takesValue(option) && !word.includes("=") && isWrittenAs(option, word);
}
