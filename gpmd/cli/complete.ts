import { readSettings } from "../../gmp/settings.ts";
import { optionsOf } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { connect } from "./connect.ts";
import { print } from "./console.ts";

/** Prints what the last of `words`, those after `gpmd`, may become; nothing where a shell should complete files. */
export async function runComplete(words: readonly string[]): Promise<number> {
  for (const word of await complete(words, moduleNames)) print(word);
  return 0;
}

/** What the last of `words` may become; `modules` is asked for the names of modules where they fit. */
export async function complete(
  words: readonly string[],
  modules: () => Promise<string[]>,
): Promise<string[]> {
  const current = words.at(-1) ?? "";
  const before = words.slice(0, -1).filter((word) => !word.startsWith("-"));
  const command = COMMANDS.find(({ name }) => startsWith(before, name));
  const fits = (word: string) => word.startsWith(current);
  if (current.startsWith("-")) {
    return optionsOf(command).map(({ name, value }) => `--${name}${value === undefined ? "" : "="}`).filter(
      fits,
    );
  }
  if (command === undefined) {
    const following = COMMANDS.map(({ name }) => name.split(" ")).filter((name) =>
      startsWith(name, before.join(" "))
    );
    return [...new Set(following.map((name) => name[before.length] ?? ""))].filter(fits);
  }
  if (before.length > command.name.split(" ").length) return [];
  if (command.operands.startsWith("NAME")) return (await modules()).filter(fits);
  return command.operands.includes("|") ? command.operands.split("|").filter(fits) : [];
}

function startsWith(words: readonly string[], name: string): boolean {
  return name === "" || name.split(" ").every((word, i) => words[i] === word);
}

/** Names of the modules, none without a daemon: completing is no place for errors. */
async function moduleNames(): Promise<string[]> {
  try {
    await using gpmd = await connect(readSettings({}, (name) => Deno.env.get(name)));
    return (await gpmd.list()).map(({ name }) => name);
  } catch {
    return [];
  }
}
