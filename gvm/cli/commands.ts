import type { Command, Invocation, Program } from "../../gmp/command/program.ts";
import { GMP_PORT, HOME } from "../../gmp/command/settings_options.ts";
import type { ExecutionLimits } from "../engine/execution_limits.ts";
import { ACCEPT, DIR, ENV, EXECUTORS, KEEP_GOING, MEMORY, NAME, TIMEOUT } from "./options.ts";

/** A command of `gvm`. */
interface GvmCommand extends Command {
  /** Runs it; returns the exit code. Code that only one command needs is loaded only by it. */
  run(invocation: Invocation): Promise<number>;
}

const LIMITS = [TIMEOUT, MEMORY] as const;
const NODE = [NAME, ACCEPT, ...LIMITS, EXECUTORS, HOME, GMP_PORT] as const;

/** `gvm` and its commands, in the order of its help. */
export const GVM: Program<GvmCommand> = {
  name: "gvm",
  text: "the Ghost Virtual Machine, a node that runs WebAssembly modules here and on other nodes",
  options: [],
  exitCodes: [
    ["0", "done"],
    ["1", "an error, or a line that failed; standard error has its code and a sentence"],
    ["2", "wrong usage"],
  ],
  commands: [
    {
      name: "",
      operands: [],
      text: "a prompt; without a terminal, commands line by line from standard input",
      options: [...NODE, KEEP_GOING],
      examples: ["gvm", "echo 'math.add(1,2)' | gvm --name calculator"],
      run: async (invocation) => (await import("./node_commands.ts")).runNode(invocation),
    },
    {
      name: "run",
      operands: [{ name: "LINE", complete: ({ modules }) => modules() }],
      text: "run one line, such as 'math.add(1,2)'",
      options: NODE,
      examples: ["gvm run 'Node.discover()'"],
      run: async (invocation) => (await import("./run_command.ts")).runLine(invocation),
    },
    {
      name: "exec",
      operands: [{ name: "FILE", complete: "files" }],
      rest: "ARG",
      text: "run a WASI command straight from a file, without GPMD",
      options: [DIR, ENV, ...LIMITS],
      examples: ["gvm exec --dir .::/work tool.wasm -- --verbose /work/input.txt"],
      notes:
        "It exits with the lowest 8 bits of the module's exit code, or 255 where these are 0 and the code is not; " +
        "130, 143 or 129 after SIGINT, SIGTERM or SIGHUP; 1 also when its changes could not be written back.",
      run: async (invocation) => (await import("./exec_start.ts")).startExec(invocation),
    },
  ],
};

/** The limits given on a command line. */
export function limitsIn(invocation: Invocation): Partial<ExecutionLimits> {
  const [time, memory] = [invocation.get(TIMEOUT), invocation.get(MEMORY)];
  return { ...time === undefined ? {} : { time }, ...memory === undefined ? {} : { memory } };
}
