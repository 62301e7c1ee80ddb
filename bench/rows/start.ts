/** How long commands take, as a person sees it. */
import { commandArgs, EMPTY, ROOT } from "../commands.ts";
import type { Contestant, Missing, Row } from "../contest.ts";
import { newSettings, variablesOf } from "../daemon.ts";
import { ERLANG } from "../peers/erlang.ts";
import { installed } from "../peers/programs.ts";

/** How each of these rows is measured. */
const MEASURED = {
  unit: "ms",
  targets: [{ than: "empty deno run", atMost: 2 }],
  rounds: 15,
  warmUp: 1,
} as const;
/** Milliseconds after which a process that does not do what is awaited of it is ended. */
const PATIENCE = 20_000;

/** What is measured of a process: until it ends, or until it has written that. */
interface Watched {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
  readonly until?: { readonly stream: "stdout" | "stderr"; readonly text: string };
}

/** Milliseconds from starting a process until what is awaited of it. */
async function elapsed({ program, args, env = {}, until }: Watched): Promise<number> {
  const start = performance.now();
  const child = new Deno.Command(program, {
    args: [...args],
    cwd: ROOT,
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
  let time = NaN;
  const output = { stdout: "", stderr: "" };
  const read = async (stream: "stdout" | "stderr") => {
    const decoder = new TextDecoder();
    for await (const chunk of child[stream]) {
      output[stream] += decoder.decode(chunk, { stream: true });
      if (until?.stream !== stream || !Number.isNaN(time) || !output[stream].includes(until.text)) continue;
      time = performance.now() - start;
      await child.stdin.close();
    }
  };
  if (until === undefined) await child.stdin.close();
  const reading = [read("stdout"), read("stderr")];
  const { success } = await child.status;
  clearTimeout(timer);
  if (until === undefined) time = performance.now() - start;
  await Promise.all(reading);
  if (!success || Number.isNaN(time)) {
    throw new Error(`${program} ${args.join(" ")} failed: ${output.stdout}${output.stderr}`);
  }
  return time;
}

function command(name: "gpmd" | "gvm", args: readonly string[], env: Record<string, string>): Watched {
  return { program: Deno.execPath(), args: commandArgs(name, args), env };
}

function contestant(name: string, watched: Watched): Contestant {
  return { name, measure: async () => [await elapsed(watched)] };
}

function empty(): Contestant {
  return contestant("empty deno run", { program: Deno.execPath(), args: ["run", "--quiet", EMPTY] });
}

async function erl(): Promise<Contestant | Missing> {
  if (!await installed("erl")) return { name: "empty erl", missing: ERLANG };
  return contestant("empty erl", { program: "erl", args: ["-noshell", "-eval", "halt()."] });
}

/** `gpmd start`. */
export const startGpmd: Row = {
  id: "start-gpmd",
  title: "gpmd start, which returns when both ports answer",
  ...MEASURED,
  contestants: async (arena) => {
    const env = variablesOf(newSettings(arena.directory));
    const start = command("gpmd", ["start"], env);
    const kill = command("gpmd", ["kill"], env);
    const ghost: Contestant = {
      name: "gpmd start",
      measure: async () => {
        const time = await elapsed(start);
        await elapsed(kill);
        return [time];
      },
    };
    return [ghost, empty(), await erl()];
  },
};

/** `gvm`, from a pipe. */
export const startGvm: Row = {
  id: "start-gvm",
  title: "gvm to its greeting, registered",
  ...MEASURED,
  contestants: async (arena) => {
    const { env } = await arena.daemon();
    const until = { stream: "stderr", text: "GVM has been created" } as const;
    return [contestant("gvm", { ...command("gvm", [], env), until }), empty(), await erl()];
  },
};

/** `gvm` on a terminal. */
export const startPrompt: Row = {
  id: "start-prompt",
  title: "gvm to its prompt on a terminal",
  ...MEASURED,
  contestants: async (arena) => {
    if (!await installed("script")) return [{ name: "gvm", missing: "apt-get install bsdutils" }, empty()];
    const { env } = await arena.daemon();
    const { program, args } = command("gvm", ["--name", "prompted"], env);
    const line = [program, ...args].map((word) => `'${word}'`).join(" ");
    const terminal: Watched = {
      program: "script",
      args: ["--quiet", "--return", "--flush", "--command", line, "/dev/null"],
      env: { ...env, TERM: "xterm" },
      until: { stream: "stdout", text: "(prompted)" },
    };
    return [contestant("gvm", terminal), empty()];
  },
};

/** `gvm run`. */
export const runOnce: Row = {
  id: "run-once",
  title: "gvm run 'math.add(1,2)', the whole command",
  ...MEASURED,
  contestants: async (arena) => {
    const { env } = await arena.daemon();
    return [contestant("gvm run", command("gvm", ["run", "math.add(1,2)"], env)), empty(), await erl()];
  },
};
