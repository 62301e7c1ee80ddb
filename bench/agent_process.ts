import type { Argument } from "./agent.ts";
import { type Namespace, startedIn } from "./network.ts";
import { withDescendants } from "./processes.ts";

/** How an agent in TypeScript is started. */
interface DenoAgentOptions {
  /** Variables besides those of this process. */
  readonly env?: Record<string, string>;
  /** Its command line. */
  readonly args?: readonly string[];
  /** It imports nothing of this project: what it takes from npm stays out of deno.lock. */
  readonly alone?: boolean;
  /** The network in which it runs; by default the one of this process. */
  readonly namespace?: Namespace | undefined;
}

/** An agent as the bench sees it; see agent.ts. */
export class AgentProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<string>;
  readonly #name: string;
  #text = "";

  private constructor(child: Deno.ChildProcess, name: string) {
    this.#child = child;
    this.#name = name;
    this.#input = child.stdin.getWriter();
    this.#output = child.stdout.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
      .getReader();
  }

  /** Starts `program`, in `namespace` if there is one. @throws {Deno.errors.NotFound} where it is not installed. */
  static start(
    program: string,
    args: readonly string[],
    env: Record<string, string> = {},
    namespace?: Namespace,
  ): AgentProcess {
    const [started, given] = startedIn(namespace, program, args);
    const child = new Deno.Command(started, {
      args: given,
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    return new AgentProcess(child, args.at(-1) ?? program);
  }

  /** Starts the agent in agents/`name`.ts. */
  static deno(
    name: string,
    { env = {}, args = [], alone = false, namespace }: DenoAgentOptions = {},
  ): AgentProcess {
    const entry = new URL(`agents/${name}.ts`, import.meta.url).href;
    const flags = ["--quiet", "--no-prompt", "--allow-all", ...alone ? ["--no-config", "--no-lock"] : []];
    return AgentProcess.start(Deno.execPath(), ["run", ...flags, entry, ...args], env, namespace);
  }

  /** Its process and all that it started. */
  readonly pids = (): number[] => withDescendants(this.#child.pid);

  /** Its own process. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Has it do something and returns its answer; one thing at a time. */
  async ask(action: string, ...given: Argument[]): Promise<number[]> {
    await this.#input.write(new TextEncoder().encode(`${JSON.stringify([action, ...given])}\n`));
    const answer = JSON.parse(await this.#line()) as number[] | string;
    if (typeof answer === "string") throw new Error(`${this.#name}: ${action}: ${answer}`);
    return answer;
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close().catch(() => {});
    await this.#output.cancel();
    await this.#child.status;
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#text.indexOf("\n");
      if (end >= 0) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        return line;
      }
      const { done, value } = await this.#output.read();
      if (done) throw new Error(`${this.#name} ended`);
      this.#text += value;
    }
  }
}
