import { parseArgs } from "@std/cli/parse-args";
import { type Command, COMMON_OPTIONS, type Invocation, optionsOf, VERSION_OPTION } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { UsageError } from "./usage_error.ts";

/** What a command line asks for; `of` is the beginning of a command's name, empty for `gpmd` itself. */
export type Request =
  | { readonly kind: "help"; readonly of: string }
  | { readonly kind: "version" }
  | { readonly kind: "run"; readonly command: Command; readonly invocation: Invocation };

/** Reads a command line. @throws {UsageError} for anything that it does not know, with what is nearest. */
export async function parse(given: readonly string[]): Promise<Request> {
  const args = given.map((arg) => arg === "-nd" ? "--non-detached" : arg); // else it would be -n and -d
  const [first, ...others] = wordsOf(args);
  const words = first === "help" ? others : first === undefined ? [] : [first, ...others];
  const command = COMMANDS.find(({ name }) => startsWith(words, name));
  const group = command?.name ??
    (COMMANDS.some(({ name }) => name.startsWith(`${words[0]} `)) ? words[0]! : "");
  const asked = `gpmd ${group}`.trim();
  const options = optionsOf(command);
  const valued = options.filter(({ value }) => value !== undefined).map(({ name }) => name);
  const plain = options.filter(({ value }) => value === undefined).map(({ name }) => name);
  let unknown: string | undefined;
  const parsed: Record<string, unknown> & { _: (string | number)[] } = parseArgs(args, {
    string: ["_", ...valued],
    boolean: plain,
    collect: options.filter(({ many }) => many).map(({ name }) => name),
    alias: Object.fromEntries(
      options.filter(({ short }) => short?.length === 1).map((o) => [o.short!, o.name]),
    ),
    unknown: (arg, key) => {
      if (key !== undefined) unknown ??= arg;
      return true;
    },
  });
  if (parsed.help === true || first === "help") return { kind: "help", of: group };
  if (unknown !== undefined) {
    throw await unknownOption(
      unknown,
      options.map(({ name }) => `--${name}`),
      asked,
    );
  }
  if (options.includes(VERSION_OPTION) && parsed.version === true) return { kind: "version" };
  if (command === undefined) throw await unknownCommand(words, group);
  const empty = valued.find((name) => [parsed[name]].flat().includes(""));
  if (empty !== undefined) throw new UsageError(`--${empty} needs a value`, asked);
  const operands = parsed._.slice(command.name.split(" ").length).map(String);
  checkCount(command, operands);
  return {
    kind: "run",
    command,
    invocation: {
      operands,
      value: (name) => parsed[name] as string | undefined,
      values: (name) => parsed[name] as string[],
      has: (name) => parsed[name] === true,
    },
  };
}

/** The words of `args` that are no options and no values of those that go before a command's name. */
function wordsOf(args: readonly string[]): string[] {
  const valued = COMMON_OPTIONS.filter(({ value }) => value !== undefined).map(({ name }) => `--${name}`);
  return args.filter((arg, i) => !arg.startsWith("-") && !valued.includes(args[i - 1] ?? ""));
}

function startsWith(words: readonly string[], name: string): boolean {
  return name.split(" ").every((word, i) => words[i] === word);
}

function checkCount({ name, operands, count: [least, most] }: Command, given: readonly string[]): void {
  const asked = `gpmd ${name}`;
  if (given.length < least) throw new UsageError(`${asked} needs ${operands}`, asked);
  if (given.length > most) {
    throw new UsageError(`${asked} takes ${operands || "nothing"}; "${given[most]}" is too much`, asked);
  }
}

async function unknownOption(given: string, known: readonly string[], asked: string): Promise<UsageError> {
  const [option = given] = given.split("=");
  return new UsageError(`there is no option ${option}${await suggestion(option, known)}`, asked);
}

async function unknownCommand(words: readonly string[], group: string): Promise<UsageError> {
  const asked = `gpmd ${group}`.trim();
  const names = COMMANDS.map(({ name }) => name);
  const typed = words.slice(0, group === "" ? 1 : 2).join(" ");
  if (typed === group) {
    const next = names.filter((name) => name.startsWith(group)).map((name) =>
      name.slice(group.length).trim()
    );
    return new UsageError(
      `${asked} needs a command: ${[...new Set(next.map((name) => name.split(" ")[0]))].join(", ")}`,
      asked,
    );
  }
  // `gpmd list` is most likely `gpmd wasm list`.
  const short = names.find((name) => name.endsWith(` ${typed}`));
  const hint = short === undefined
    ? await suggestion(typed, names, "gpmd ")
    : `; did you mean "gpmd ${short}"?`;
  return new UsageError(`there is no command "${typed}"${hint}`, asked);
}

async function suggestion(word: string, known: readonly string[], before = ""): Promise<string> {
  const { nearest } = await import("../../gmp/nearest.ts");
  const found = nearest(word, known);
  return found === undefined ? "" : `; did you mean "${before}${found}"?`;
}
