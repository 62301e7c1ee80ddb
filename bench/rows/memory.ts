/** What processes take that do nothing. */
import type { Arena } from "../arena.ts";
import { commandArgs, EMPTY, ROOT } from "../commands.ts";
import type { Contestant, Missing, Row } from "../contest.ts";
import { BenchDaemon } from "../daemon.ts";
import { ERLANG, startEpmd, startErlang } from "../peers/erlang.ts";
import { privateMemory, withDescendants } from "../processes.ts";

/** Milliseconds until a process that has started is taken to be idle. */
const SETTLING = 2000;
const ROUNDS = 5;

/** A process that lives as long as this; it is started with standard input open, and ends with it. */
class Idler implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;

  constructor(args: readonly string[], env: Record<string, string> = {}) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [...args],
      cwd: ROOT,
      env,
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Types a line. */
  async type(line: string): Promise<void> {
    const writer = this.#child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(`${line}\n`));
    writer.releaseLock();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stdin.close();
    await this.#child.status;
  }
}

/** Private memory of the process that `pidOf` tells, of those that `start` starts, when it is idle. */
function idle<T extends AsyncDisposable>(
  name: string,
  start: () => T | Promise<T>,
  pidOf: (started: T) => number,
): Contestant {
  const measure = async () => {
    await using started = await start();
    await pause();
    return [privateMemory(pidOf(started)) / 1e6];
  };
  return { name, measure };
}

function deno(): Contestant {
  return idle("deno run, idle", () => new Idler(["run", "--quiet", EMPTY, "stay"]), ({ pid }) => pid);
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, SETTLING));
}

async function running(name: string, pid: Promise<number | undefined>): Promise<Contestant | Missing> {
  const found = await pid.catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
  if (found === undefined) return { name, missing: ERLANG };
  return { name, measure: () => Promise.resolve([privateMemory(found) / 1e6]) };
}

function memoryRow(
  id: string,
  title: string,
  contestants: (arena: Arena) => Promise<(Contestant | Missing)[]>,
): Row {
  return { id, title: `private memory of ${title}`, unit: "MB", rounds: ROUNDS, warmUp: 0, contestants };
}

/** The daemon. */
export const memoryGpmd: Row = memoryRow("memory-gpmd", "an idle gpmd", async (arena) => [
  idle("gpmd", () => BenchDaemon.start(arena.directory), ({ pid }) => pid),
  deno(),
  await running("epmd", startEpmd(arena).then(({ pid }) => pid)),
]);

/** A node. */
export const memoryGvm: Row = memoryRow(
  "memory-gvm",
  "an idle gvm that has called nothing",
  async (arena) => {
    const { env } = await arena.daemon();
    return [
      idle("gvm", () => new Idler(commandArgs("gvm"), env), ({ pid }) => pid),
      deno(),
      await running("erlang node", startErlang(arena).then((pair) => pair?.ends.called()[0])),
    ];
  },
);

/** An executor. */
export const memoryExecutor: Row = memoryRow(
  "memory-executor",
  "an idle executor that has called math.add",
  async (arena) => {
    const { env } = await arena.daemon();
    const start = async () => {
      const gvm = new Idler(commandArgs("gvm"), env);
      await gvm.type("math.add(1,2)");
      return gvm;
    };
    return [idle("executor", start, ({ pid }) => withDescendants(pid)[1]!), deno()];
  },
);
