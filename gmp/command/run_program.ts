import { VERSION } from "../version.ts";
import { columns, complainInJson, complainOf, exitCodeOf, print } from "./console.ts";
import { parse } from "./parse.ts";
import {
  type Command,
  COMPLETE_SUBCOMMAND,
  COMPLETIONS,
  FILES,
  type Invocation,
  JSON_OUTPUT,
  type KnownNames,
  type Program,
  typed,
} from "./program.ts";

/** What a program does with a command line. */
interface Behaviour<C extends Command> {
  /** Runs `command`; returns the exit code. */
  run(command: C, invocation: Invocation): Promise<number>;
  /** Names for completions. */
  readonly known: KnownNames;
  /** Subcommands for programs only, by name. */
  readonly hidden: ReadonlyMap<string, (args: readonly string[]) => Promise<number>>;
}

/** Runs `program` with `args` and prints any error; returns the exit code of the command, or that of the error. */
export async function runProgram<C extends Command>(
  program: Program<C>,
  behaviour: Behaviour<C>,
  args: readonly string[],
): Promise<number> {
  // Whether it is an option is known once the line is parsed; if it cannot be, that is said as JSON, too.
  let json = args.slice(0, args.indexOf("--") >>> 0).includes(`--${JSON_OUTPUT.name}`);
  let used = program.name;
  try {
    const [first = "", ...others] = args;
    const hidden = behaviour.hidden.get(first);
    if (hidden !== undefined) return await hidden(others);
    if (first === COMPLETE_SUBCOMMAND) return await printCandidates(program, others, behaviour.known);
    const asked = await parse(program, args);
    switch (asked.kind) {
      case "help":
        print((await import("./help.ts")).help(program, asked.of, pageColumns()));
        return 0;
      case "version":
        print(`${program.name} ${VERSION}`);
        return 0;
      case "run": {
        const { command, invocation } = asked;
        json = invocation.has(JSON_OUTPUT);
        used = typed(program, command);
        if (command !== COMPLETIONS) return await behaviour.run(command as C, invocation);
        print(await (await import("./complete.ts")).scriptFor(program, invocation.operands[0]!));
        return 0;
      }
    }
  } catch (error) {
    if (json) complainInJson(error);
    else complainOf(error, program.name, used);
    return exitCodeOf(error);
  }
}

/** Columns of a page at a terminal, where a line that reached the last one might be followed by an empty one. */
function pageColumns(): number | undefined {
  const width = columns();
  return width === undefined ? undefined : width - 1;
}

/** Prints completions of the last of `words`; returns `FILES` if the shell should complete files. */
async function printCandidates(
  program: Program,
  words: readonly string[],
  known: KnownNames,
): Promise<number> {
  const found = await (await import("./complete.ts")).complete(program, words, known);
  if (found === "files") return FILES;
  for (const word of found) print(word);
  return 0;
}
