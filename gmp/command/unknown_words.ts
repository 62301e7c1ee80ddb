/** What is wrong with a word that no command has, and what was most likely meant. */
import { allOptionsOf, commandsOf, type Option, optionsOf, type Program, typed } from "./program.ts";
import { UsageError } from "./usage_error.ts";
import { isWrittenAs } from "./written_words.ts";

/** Most commands that are named as those to which an option belongs. */
const MOST_USERS = 3;

/** The first of `args` that is an option of no command. */
export function strangeOption(program: Program, args: readonly string[]): string | undefined {
  const options = allOptionsOf(program);
  return args.find((arg) => arg.startsWith("-") && !options.some((option) => isWrittenAs(option, arg)));
}

/** The commands that take the option `given`, as they are typed; a letter may be one of a longer name, such as `-nd`. */
export function usersOf(program: Program, given: string): readonly string[] {
  if (!given.startsWith("--")) return [];
  return commandsOf(program)
    .filter((command) => optionsOf(program, command).some((option) => isWrittenAs(option, given)))
    .map((command) => typed(program, command));
}

/** The error for an option that is none of `known`; `users` are commands that would take it. */
export async function unknownOption(
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

export async function unknownCommand(
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
