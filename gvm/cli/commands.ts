import { type Command, type Invocation, JSON_OUTPUT, type Program } from "../../gmp/command/program.ts";
import { GMP_PORT, HOME } from "../../gmp/command/settings_options.ts";
import type { ExecutionLimits } from "../engine/execution_limits.ts";
import {
  ACCEPT,
  CONFIG,
  DIR,
  ENV,
  EXEC_MEMORY,
  EXEC_TIMEOUT,
  EXECUTORS,
  INVOKE,
  KEEP_GOING,
  MEMORY,
  NAME,
  ON,
  QUIET,
  RAW,
  RUN_TIMEOUT,
  TIMEOUT,
} from "./options.ts";

/** A command of `gvm`. */
interface GvmCommand extends Command {
  /** Runs it; returns the exit code. Code that only one command needs is loaded only by it. */
  run(invocation: Invocation): Promise<number>;
}

const SETTINGS = [HOME, GMP_PORT] as const;
const SIGNALS = ["130, 143 or 129", "ended by SIGINT (Ctrl-C), SIGTERM or SIGHUP"] as const;

const MODULE_EXIT =
  "the module's own: the lowest 8 bits of its exit code, or 255 where these are 0 and the code is not";

/** `gvm` and its commands, in the order of its help. */
export const GVM: Program<GvmCommand> = {
  name: "gvm",
  text: "the Ghost Virtual Machine, a node that runs WebAssembly modules here and on other nodes",
  options: [],
  exitCodes: [
    ["0", "done"],
    ["1", "an error, or a line that failed; standard error has its code and a sentence"],
    ["2", "wrong usage"],
    SIGNALS,
    ["131", "ended by SIGQUIT (Ctrl-\\) at the prompt, which Ctrl-C does not end"],
  ],
  commands: [
    {
      name: "",
      operands: [],
      text: "a prompt; without a terminal, commands line by line from standard input",
      options: [NAME, ACCEPT, CONFIG, TIMEOUT, MEMORY, EXECUTORS, ...SETTINGS, KEEP_GOING],
      examples: ["gvm", "echo 'math.add(1,2)' | gvm --name calculator"],
      run: async (invocation) => (await import("./node_commands.ts")).runNode(invocation),
    },
    {
      name: "run",
      operands: [{ name: "LINE", complete: ({ lines }, typed) => lines?.(typed) ?? [] }],
      meant: withParentheses,
      text: "run one line, such as 'math.add(1,2)', here or on another node",
      options: [
        ON,
        JSON_OUTPUT,
        QUIET,
        RAW,
        CONFIG,
        NAME,
        ACCEPT,
        RUN_TIMEOUT,
        MEMORY,
        EXECUTORS,
        ...SETTINGS,
      ],
      examples: [
        "gvm run 'math.add(1,2)'",
        "echo one two three | gvm run wordcount",
        "gvm run 'notes.index()' < notes.txt",
        "gvm run --on node-8399 'math.add(34,34)'",
        "sum=$(gvm run --quiet 'math.add(1,2)')",
        "gvm run --raw 'greeter.greet(\"Ada\")'",
      ],
      notes:
        "Standard input goes to the module that the line runs. It is passed on as it comes, also where the module does " +
        "not read it: in a loop that reads lines itself, give gvm run < /dev/null.",
      exitCodes: [
        ["0", "done"],
        ["1", "an error, or a line that is wrong; standard error has its code and a sentence"],
        ["2", "wrong usage"],
        ["any", MODULE_EXIT],
        SIGNALS,
      ],
      run: async (invocation) => (await import("./run_command.ts")).runLine(invocation),
    },
    {
      name: "exec",
      operands: [{ name: "FILE", complete: "files" }],
      rest: "ARG",
      restFollows: true,
      text: "run a WASI command straight from a file, without GPMD",
      options: [DIR, ENV, INVOKE, CONFIG, EXEC_TIMEOUT, EXEC_MEMORY],
      examples: [
        "gvm exec greet.wasm Ada",
        "gvm exec --dir .::/work tool.wasm --verbose /work/input.txt",
        "gvm exec --invoke add math.wasm 1 2",
      ],
      notes:
        "The ARGs begin with the first word behind FILE that is not one of the options above, or behind --; --help and " +
        "--version behind FILE are the module's, too. All that is " +
        "written in a directory without :rw is lost when the module ends.",
      exitCodes: [
        ["0", "done"],
        [
          "1",
          "an error; standard error has its code and a sentence. Also when changes could not be written back",
        ],
        ["2", "wrong usage"],
        ["any", MODULE_EXIT],
        SIGNALS,
      ],
      run: async (invocation) => (await import("./exec_start.ts")).startExec(invocation),
    },
  ],
};

/** `gvm run math.add 1 2` as it has to be typed, unless it has what a shell or a line would read otherwise. */
function withParentheses([name = "", ...values]: readonly string[]): string | undefined {
  const isPlain = /^[\w.@-]+$/.test(name) && values.every((value) => /^[\w.@+=/:-]+$/.test(value));
  return isPlain ? `gvm run '${name}(${values.join(", ")})'` : undefined;
}

/** The configuration of plug-ins given on a command line, if any. */
export function configIn(invocation: Invocation): Record<string, string> | undefined {
  const given = invocation.all(CONFIG);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

/** The limits given on a command line. */
export function limitsIn(invocation: Invocation): Partial<ExecutionLimits> {
  const [time, memory] = [invocation.get(TIMEOUT), invocation.get(MEMORY)];
  return { ...time === undefined ? {} : { time }, ...memory === undefined ? {} : { memory } };
}
