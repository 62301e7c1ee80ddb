import { parseArgs } from "@std/cli/parse-args";
import {
  allOptionsOf,
  type Command,
  commandsOf,
  type COMPLETIONS,
  type Flag,
  HELP,
  type Invocation,
  isNamedBy,
  operandsText,
  type Option,
  optionsOf,
  type Program,
  SHOW_VERSION,
  takesValue,
  typed,
  type ValueOption,
  wordsOf,
} from "./program.ts";
import { UsageError } from "./usage_error.ts";

/** Most commands that are named as those to which an option belongs. */
const MOST_USERS = 3;

/** What a command line asks for; `of` is a command or a group of commands, empty for the program itself. */
type ParsedCommandLine<C extends Command> =
  | { readonly kind: "help"; readonly of: string }
  | { readonly kind: "version" }
  | { readonly kind: "run"; readonly command: C | typeof COMPLETIONS; readonly invocation: Invocation };

/**
 * Parses a command line: options may be anywhere before `--`, with `=` or without; if one is repeated, the last counts.
 *
 * @throws {UsageError} for anything that `program` does not know, with the nearest match.
 */
export async function parse<C extends Command>(
  program: Program<C>,
  given: readonly string[],
): Promise<ParsedCommandLine<C>> {
  const args = withLongNames(program, withRest(program, given));
  const [first, ...others] = commandWords(program, args);
  const words = first === "help" ? others : first === undefined ? [] : [first, ...others];
  if (first === "version" && others.length === 0) return { kind: "version" };
  const command = commandsOf(program).find((one) =>
    one.name === "" ? words.length === 0 : isNamedBy(one, words)
  );
  const group = command?.name ?? (isGroup(program, words[0]) ? words[0]! : "");
  const asked = typed(program, { name: group });
  const options = optionsOf(program, command);
  const explicit = withNegativeValues(withExplicitFlags(args, options, asked), options);
  const parsed = parseOptions(explicit, options, command?.rest !== undefined);
  const isHelp = first === "help" || command === undefined && group !== "" && words[1] === "help";
  if (parsed.values.get(HELP.name) === true || isHelp) return { kind: "help", of: group };
  if (command === undefined && words.length > 0) {
    // What follows an option that there is not was most likely its value.
    const unknown = words[group === "" ? 0 : 1] ?? words[0]!;
    const strange = strangeOption(program, args.slice(0, args.indexOf(unknown)));
    if (strange !== undefined) throw await unknownOption(strange, allOptionsOf(program), asked);
    throw await unknownCommand(program, words, group);
  }
  if (parsed.unknown !== undefined) {
    throw await unknownOption(parsed.unknown, options, asked, usersOf(program, parsed.unknown));
  }
  if (options.includes(SHOW_VERSION) && parsed.values.get(SHOW_VERSION.name) === true) {
    return { kind: "version" };
  }
  if (command === undefined) throw await unknownCommand(program, words, group);
  const operands = parsed.operands.slice(wordsOf(command).length);
  checkCount(command, operands, asked);
  return {
    kind: "run",
    command,
    invocation: { ...invocation(options, parsed.values, asked), operands, rest: parsed.rest },
  };
}

/** What `@std/cli` makes of a command line. */
interface ParsedArgs {
  /** By name: `true` for a flag, the text of an option with a value, or all its texts. */
  readonly values: ReadonlyMap<string, unknown>;
  readonly operands: readonly string[];
  readonly rest: readonly string[];
  /** The first unknown option. */
  readonly unknown: string | undefined;
}

function parseOptions(args: readonly string[], options: readonly Option[], hasRest: boolean): ParsedArgs {
  const valued = options.filter(takesValue);
  let unknown: string | undefined;
  const { _: operands, "--": rest = [], ...values } = parseArgs([...args], {
    // "_": an operand that looks like a number stays as it was typed.
    string: ["_", ...valued.map(({ name }) => name)],
    boolean: options.filter((option) => !takesValue(option)).map(({ name }) => name),
    collect: valued.filter(({ many }) => many).map(({ name }) => name),
    alias: Object.fromEntries(
      options.filter(({ short }) => short?.length === 1).map(({ name, short }) => [short!, name]),
    ),
    "--": hasRest,
    unknown: (arg, key) => {
      if (key !== undefined) unknown ??= arg;
      return true;
    },
  });
  return {
    values: new Map(Object.entries(values as Record<string, unknown>)),
    operands: operands.map(String),
    rest,
    unknown,
  };
}

/** The typed values of the options. @throws {UsageError} if a value is missing or wrong. */
function invocation(
  options: readonly Option[],
  values: ParsedArgs["values"],
  asked: string,
): Pick<Invocation, "has" | "get" | "all"> {
  const readings = new Map<string, readonly unknown[]>();
  for (const option of options) {
    if (!takesValue(option)) continue;
    const texts = [values.get(option.name) ?? []].flat().map(String);
    if (texts.includes("")) throw new UsageError(`--${option.name} needs a value`, asked);
    readings.set(option.name, texts.map((text) => readValue(option, text, asked)));
  }
  const all = <T>(option: ValueOption<T>) => [...readings.get(option.name) ?? []] as T[];
  return { has: ({ name }: Flag) => values.get(name) === true, all, get: (option) => all(option).at(-1) };
}

function readValue(option: ValueOption<unknown>, text: string, asked: string): unknown {
  try {
    return option.read(text);
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(error.message, error.command ?? asked);
    throw error;
  }
}

/**
 * `args` with `--json=true` for `--json`: a flag would otherwise take a following word `true` or `false` as its value.
 *
 * @throws {UsageError} for a flag that was given a value.
 */
function withExplicitFlags(args: readonly string[], options: readonly Option[], asked: string): string[] {
  const end = args.indexOf("--");
  return args.map((arg, i) => {
    if (end !== -1 && i >= end) return arg;
    const flag = options.find((option) =>
      !takesValue(option) &&
      (arg === `--${option.name}` || option.short !== undefined && arg === `-${option.short}`)
    );
    if (flag !== undefined) return `--${flag.name}=true`;
    const [name, value] = arg.split("=", 2);
    const named = options.find((option) => !takesValue(option) && name === `--${option.name}`);
    if (named === undefined || value === undefined) return arg;
    throw new UsageError(`${name} takes no value`, asked);
  });
}

/** `args` with `--lines=-3` for `--lines -3`: a number below zero is a value, if a wrong one, and no option. */
function withNegativeValues(args: readonly string[], options: readonly Option[]): string[] {
  const words: string[] = [];
  const end = args.indexOf("--") >>> 0;
  for (const [i, arg] of args.entries()) {
    const before = args[i - 1] ?? "";
    const option = i < end && /^-[\d.]/.test(arg) && !before.includes("=")
      ? options.find((one) => takesValue(one) && isWrittenAs(one, before))
      : undefined;
    if (option === undefined) words.push(arg);
    else words[words.length - 1] = `--${option.name}=${arg}`;
  }
  return words;
}

/** `args` with `--` before the words that are another program's, where that may be left out. */
function withRest(program: Program, args: readonly string[]): readonly string[] {
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
      if (takesValue(option) && !word.includes("=")) at++;
    } else if (left === 0) return [...args.slice(0, at), "--", ...args.slice(at)];
    else if (!word.startsWith("-")) left--;
  }
  return args;
}

/** `args` with short options of several letters written out, such as `--non-detached` for `-nd`, and `-v` for `-V`. */
function withLongNames(program: Program, args: readonly string[]): string[] {
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
  const valued = new Set(
    options.filter((option) => takesValue(option) && !flags.has(option.name)).flatMap(({ name, short }) =>
      short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`]
    ),
  );
  const end = args.indexOf("--");
  const before = end === -1 ? args : args.slice(0, end);
  return before.filter((arg, i) => !arg.startsWith("-") && !valued.has(args[i - 1] ?? ""));
}

/** The first of `args` that is an option of no command. */
function strangeOption(program: Program, args: readonly string[]): string | undefined {
  const options = allOptionsOf(program);
  return args.find((arg) => arg.startsWith("-") && !options.some((option) => isWrittenAs(option, arg)));
}

/** Whether `word` is `option`, with a value behind `=` or without one. */
export function isWrittenAs({ name, short }: Option, word: string): boolean {
  const [written] = word.split("=", 1);
  return written === `--${name}` || short !== undefined && written === `-${short}`;
}

function isGroup(program: Program, word: string | undefined): boolean {
  return commandsOf(program).some((command) => wordsOf(command).length > 1 && wordsOf(command)[0] === word);
}

function checkCount(command: Command, given: readonly string[], asked: string): void {
  const { operands } = command;
  const least = operands.filter(({ many, optional }) => !many && !optional).length;
  if (given.length < least) throw new UsageError(`${asked} needs ${operandsText(command)}`, asked);
  const most = operands.some(({ many }) => many) ? Infinity : operands.length;
  if (given.length > most) {
    const takes = operandsText(command) || "nothing";
    const meant = command.meant?.(given);
    const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
    throw new UsageError(`${asked} takes ${takes}; "${given[most]}" is too much${hint}`, asked);
  }
}

/** The commands that take the option `given`, as they are typed; a letter may be one of a longer name, such as `-nd`. */
function usersOf(program: Program, given: string): readonly string[] {
  if (!given.startsWith("--")) return [];
  return commandsOf(program)
    .filter((command) => optionsOf(program, command).some((option) => isWrittenAs(option, given)))
    .map((command) => typed(program, command));
}

/** The error for an option that is none of `known`; `users` are commands that would take it. */
async function unknownOption(
  given: string,
  known: readonly Option[],
  asked: string,
  users: readonly string[] = [],
): Promise<UsageError> {
  const [option = given] = given.split("=");
  if (users.length > 0 && users.length <= MOST_USERS) {
    return new UsageError(`${asked} takes no ${option}; it belongs to ${users.join(" and ")}`, asked);
  }
  // `--port` may be any of several.
  const names = [...new Set(known.map(({ name }) => `--${name}`))];
  const longer = names.filter((name) => name.endsWith(option.slice(1)) && option.length > 3);
  const hint = longer.length > 0 ? `; did you mean ${longer.join(" or ")}?` : await suggestion(option, names);
  return new UsageError(`there is no option ${option}${hint}`, asked);
}

async function unknownCommand(
  program: Program,
  words: readonly string[],
  group: string,
): Promise<UsageError> {
  const asked = typed(program, { name: group });
  const names = commandsOf(program).map(({ name }) => name);
  const given = words.slice(0, group === "" ? 1 : 2).join(" ");
  if (given === group) {
    const next = names.filter((name) => name.startsWith(group)).map((name) =>
      name.slice(group.length).trim().split(" ")[0]
    );
    return new UsageError(`${asked} needs a command: ${[...new Set(next)].join(", ")}`, asked);
  }
  // `gpmd list` is most likely `gpmd wasm list`.
  const short = names.find((name) => name.endsWith(` ${given}`));
  const groups = names.filter((name) => name.includes(" ")).map((name) => name.split(" ")[0]!);
  const hint = short === undefined
    ? await suggestion(given, [...names, ...groups], `${program.name} `)
    : `; did you mean "${program.name} ${short}"?`;
  return new UsageError(`there is no command "${given}"${hint}`, asked);
}

async function suggestion(word: string, known: readonly string[], before = ""): Promise<string> {
  const { nearest } = await import("../nearest.ts");
  const found = nearest(word, known);
  return found === undefined ? "" : `; did you mean "${before}${found}"?`;
}
