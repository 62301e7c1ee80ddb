import {
  allOptionsOf,
  type Command,
  commandsOf,
  type Completion,
  COMPLETIONS,
  isNamedBy,
  type KnownNames,
  type Option,
  optionsOf,
  type Program,
  takesValue,
  wordsOf,
} from "./program.ts";
import { commandWords, waitsForValue } from "./written_words.ts";
import { completionScripts } from "./completion_scripts.ts";
import { UsageError } from "./usage_error.ts";

/** Completions of the last of `words`, which follow the program's name; `known` supplies names where they fit. */
export async function complete(
  program: Program,
  given: readonly string[],
  known: KnownNames,
): Promise<readonly string[] | "files"> {
  const { words, cut } = withoutBreaks(given);
  const before = commandWords(program, joined(words.slice(0, -1)));
  const command = commandOf(program, before);
  const { option, current: quoted, prefix } = currentWord(words, optionsOf(program, command));
  // The shell itself puts the quote back that is open.
  const current = quoted.replace(/^["']/, "");
  const fitting = (found: readonly string[]) =>
    found.filter((word) => word.startsWith(current)).map((word) => prefix + word.slice(cut));
  if (option !== undefined) {
    const named = optionsOf(program, command).find(({ name }) => name === option);
    return await wordsFor(named !== undefined && takesValue(named) ? named.complete : undefined);
  }
  if (current.startsWith("-")) {
    return fitting(optionsOf(program, command).map((one) => `--${one.name}${takesValue(one) ? "=" : ""}`));
  }
  const following = commandsOf(program).map(wordsOf).filter((name) =>
    name.length > before.length && before.every((word, i) => name[i] === word)
  );
  if (following.length > 0) return fitting([...new Set(following.map((name) => name[before.length]!))]);
  if (command === undefined) return [];
  const at = before.length - wordsOf(command).length;
  const operand = command.operands[at] ?? command.operands.findLast(({ many }) => many);
  return await wordsFor(operand?.complete);

  async function wordsFor(completion: Completion | undefined): Promise<readonly string[] | "files"> {
    if (completion === "files") return "files";
    return completion === undefined ? [] : fitting(await completion(known, current));
  }
}

/** The words with `math@v1` in one, of which bash makes three, and how much of the last one it leaves: what is before the @. */
function withoutBreaks(given: readonly string[]): { words: readonly string[]; cut: number } {
  const last = given.at(-1) === "@" ? given.length - 1 : given.length - 2;
  if (last < 1 || given[last] !== "@") return { words: given, cut: 0 };
  const name = `${given[last - 1]}@`;
  return {
    words: [...given.slice(0, last - 1), name + given.slice(last + 1).join("")],
    cut: name.length - 1,
  };
}

function commandOf(program: Program, before: readonly string[]): Command | undefined {
  const commands = commandsOf(program);
  const named = commands.find((command) => isNamedBy(command, before));
  return named ?? (before.length === 0 ? commands.find(({ name }) => name === "") : undefined);
}

/** `words` with options and their values in one word, as they were typed: of `--name=x` bash makes three. */
function joined(words: readonly string[]): string[] {
  const typed: string[] = [];
  for (const [i, word] of words.entries()) {
    if (typed.length > 0 && (word === "=" || words[i - 1] === "=")) typed.push(typed.pop() + word);
    else typed.push(word);
  }
  return typed;
}

/** The word being typed, or only the value in `--option=value`, which bash passes as three words, or in `--option value`. */
function currentWord(
  words: readonly string[],
  options: readonly Option[],
): { option: string | undefined; current: string; prefix: string } {
  const [first = "", second = "", current = ""] = ["", "", ...words].slice(-3);
  if (second === "=") return { option: first.slice(2), current, prefix: "" };
  if (current === "=") return { option: second.slice(2), current: "", prefix: "" };
  const [whole, option, value] = /^--([^=]+)=(.*)$/.exec(current) ?? [];
  if (whole === undefined) {
    const spaced = options.find((one) => waitsForValue(one, second));
    return { option: spaced?.name, current, prefix: "" };
  }
  return { option, current: value!, prefix: `--${option}=` };
}

/** The script with which `shell` completes `program`. @throws {UsageError} for a shell that has none. */
export async function scriptFor(program: Program, shell: string): Promise<string> {
  const commands = commandsOf(program);
  const options = allOptionsOf(program).filter(takesValue);
  const scripts = completionScripts({
    name: program.name,
    filesAfter: commands.filter(({ operands }) => operands.some((one) => one.complete === "files"))
      .map((command) => wordsOf(command).at(-1)!),
    fileOptions: [...new Set(options.filter((one) => one.complete === "files").map(({ name }) => name))],
  });
  const script = scripts.get(shell);
  if (script !== undefined) return script;
  const { nearest } = await import("../nearest.ts");
  const found = nearest(shell, [...scripts.keys()]);
  const hint = found === undefined ? "" : `; did you mean "${found}"?`;
  const asked = `${program.name} ${COMPLETIONS.name}`;
  throw new UsageError(`there are completions for bash, zsh and fish only${hint}`, asked);
}
