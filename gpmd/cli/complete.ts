import { FILES } from "../../gmp/command/completion_scripts.ts";
import { readSettings } from "../../gmp/device/settings.ts";
import { FILE_OPTIONS, optionsOf } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { connect } from "./connect.ts";
import { print } from "./console.ts";

/** Prints what the last of `words`, those after `gpmd`, may become; returns `FILES` where a shell should complete files. */
export async function runComplete(words: readonly string[]): Promise<number> {
  const candidates = await complete(words, moduleNames);
  if (candidates === "files") return FILES;
  for (const word of candidates) print(word);
  return 0;
}

/** What the last of `words` may become; `modules` is asked for the names of modules where they fit. */
export async function complete(
  words: readonly string[],
  modules: () => Promise<string[]>,
): Promise<string[] | "files"> {
  const current = words.at(-1) ?? "";
  if (namesFile(words)) return "files";
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
  if (command.operands.includes("FILE")) return "files";
  if (before.length > command.name.split(" ").length) return [];
  if (command.operands.startsWith("NAME")) return (await modules()).filter(fits);
  return command.operands.includes("|") ? command.operands.split("|").filter(fits) : [];
}

/** Whether the last word is the value of an option that takes a file; bash makes three words of `--file=x`. */
function namesFile(words: readonly string[]): boolean {
  const [option = "", sign = "", current = ""] = ["", "", ...words].slice(-3);
  return FILE_OPTIONS.some((name) =>
    current.startsWith(`--${name}=`) || `--${name}` === sign || (`--${name}` === option && sign === "=")
  );
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
