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
import { strangeOption, unknownCommand, unknownOption, usersOf } from "./unknown_words.ts";
import { UsageError } from "./usage_error.ts";
import {
  commandWords,
  withExplicitFlags,
  withLongNames,
  withNegativeValues,
  withRest,
} from "./written_words.ts";

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
