/**
 * The commands `gpmd` and `gvm` as a user starts them: processes of their own, with the permission sets of `deno.json`.
 */
import { fromFileUrl } from "@std/path";
import { childrenOf } from "../gvm/harness.ts";
import { entryOf } from "./entries.ts";

/** The project's directory. */
export const ROOT: string = fromFileUrl(new URL("../../", import.meta.url));
/** How long anything is awaited, in milliseconds: far more than it takes, for a machine under load. */
export const PATIENCE = 30_000;

/** What a command left behind. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run. */
interface CommandOptions {
  /** Variables beside those of the tests. */
  readonly env: Readonly<Record<string, string>>;
  /** Its standard input, nothing by default. */
  readonly stdin?: string | Uint8Array;
  readonly cwd?: string;
}

/** The program and arguments of a command. */
export function commandLine(command: "gpmd" | "gvm", args: readonly string[]): [string, ...string[]] {
  // As the task of that name in deno.json has it; the paths are whole, so that it runs in every directory.
  const config = `--config=${ROOT}deno.json`;
  return [
    "deno",
    "run",
    "--quiet",
    "--no-prompt",
    config,
    `-P=${command}`,
    entryOf(command),
    ...args,
  ];
}

function spawn(command: "gpmd" | "gvm", args: readonly string[], options: CommandOptions): Deno.ChildProcess {
  const [program, ...rest] = commandLine(command, args);
  const env = { NO_COLOR: "1", ...options.env };
  const cwd = options.cwd ?? ROOT;
  return new Deno.Command(program, { args: rest, cwd, env, stdin: "piped", stdout: "piped", stderr: "piped" })
    .spawn();
}

/** Runs a command to its end. */
export async function runCommand(
  command: "gpmd" | "gvm",
  args: readonly string[],
  options: CommandOptions,
): Promise<Outcome> {
  const child = spawn(command, args, options);
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
  const stdin = options.stdin ?? "";
  const input = child.stdin.getWriter();
  const bytes = typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin;
  // A command may end without having read what it was given.
  const written = input.write(bytes).then(() => input.close()).catch(() => {});
  const [{ code }, stdout, stderr] = await Promise.all([
    child.status,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  clearTimeout(timer);
  await written;
  return { code, stdout, stderr };
}

/** A `gvm` without a terminal, to which lines are typed one by one. */
export class GvmProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: LineReader;
  readonly #complaints: LineReader;
  #typed = "(nothing)";

  private constructor(readonly name: string, child: Deno.ChildProcess) {
    this.#child = child;
    this.#input = child.stdin.getWriter();
    this.#output = new LineReader(child.stdout);
    this.#complaints = new LineReader(child.stderr);
  }

  /** Starts one and waits until it is registered. */
  static async start(
    env: Readonly<Record<string, string>>,
    name: string,
    ...args: string[]
  ): Promise<GvmProcess> {
    const node = new GvmProcess(name, spawn("gvm", ["--keep-going", "--name", name, ...args], { env }));
    const greeting = await node.complaint();
    if (greeting.startsWith(`GVM has been created ${name} `)) return node;
    await node[Symbol.asyncDispose]();
    throw new Error(`gvm did not start: ${greeting}`);
  }

  /** Its process id. */
  get pid(): number {
    return this.#child.pid;
  }

  /** How it ended. */
  get status(): Promise<Deno.CommandStatus> {
    return this.#child.status;
  }

  /** The processes of its executors. */
  executors(): number[] {
    return childrenOf(this.pid);
  }

  /** Types a line. */
  async type(line: string): Promise<void> {
    this.#typed = line;
    await this.#input.write(new TextEncoder().encode(`${line}\n`));
  }

  /** Types a line and takes the next `count` lines of standard output. */
  async ask(line: string, count = 1): Promise<string[]> {
    await this.type(line);
    return await this.lines(count);
  }

  /** The next lines of standard output. */
  async lines(count: number): Promise<string[]> {
    const lines: string[] = [];
    while (lines.length < count) lines.push(await this.#output.next(this.#typed));
    return lines;
  }

  /** The next line of standard error. */
  complaint(): Promise<string> {
    return this.#complaints.next(this.#typed);
  }

  /** Types a line that must fail, and takes the line of standard error. */
  async fail(line: string): Promise<string> {
    await this.type(line);
    return await this.complaint();
  }

  /** Sends a signal. */
  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Ends its input, at which it leaves. */
  async leave(): Promise<Deno.CommandStatus> {
    await this.#input.close().catch(() => {});
    const timer = setTimeout(() => this.kill("SIGKILL"), PATIENCE);
    const status = await this.#child.status;
    clearTimeout(timer);
    await Promise.all([this.#output.cancel(), this.#complaints.cancel()]);
    return status;
  }

  /** See {@linkcode GvmProcess.leave}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave();
  }
}

/** A stream line by line. */
class LineReader {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #rest = "";

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
      .getReader();
  }

  /** The next line, which is awaited because `typed` was. */
  async next(typed: string): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf("\n");
      if (end >= 0) {
        const line = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end + 1);
        return line;
      }
      const { done, value } = await within(PATIENCE, `The answer to ${typed}`, this.#reader.read());
      if (done) throw new Error(`The stream has ended with "${this.#rest}" after ${typed}`);
      this.#rest += value;
    }
  }

  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }
}

/** What `promise` settles to, unless that takes too long. */
export async function within<T>(time: number, what: string, promise: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${what} did not come in ${time} ms`)), time);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves once `condition` holds, which no event tells of. */
export async function eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const giveUp = performance.now() + PATIENCE;
  while (!await condition()) {
    if (performance.now() > giveUp) throw new Error(`${what} did not come about`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Whether a command of that name is installed. */
export async function hasCommand(name: string): Promise<boolean> {
  try {
    return (await new Deno.Command(name, { args: ["--version"], stdout: "null", stderr: "null" }).output())
      .success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
