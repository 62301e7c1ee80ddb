import type { Argument } from "./agent.ts";
import { withDescendants } from "./processes.ts";

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

  /** Starts `program`. @throws {Deno.errors.NotFound} where it is not installed. */
  static start(program: string, args: readonly string[], env: Record<string, string> = {}): AgentProcess {
    const options: Deno.CommandOptions = {
      args: [...args],
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    };
    return new AgentProcess(new Deno.Command(program, options).spawn(), args.at(-1) ?? program);
  }

  /** Starts the agent in agents/`name`.ts. */
  static deno(
    name: string,
    flags: readonly string[] = [],
    env: Record<string, string> = {},
    given: readonly string[] = [],
  ): AgentProcess {
    const entry = new URL(`agents/${name}.ts`, import.meta.url).href;
    const args = ["run", "--quiet", "--no-prompt", "--allow-all", ...flags, entry, ...given];
    return AgentProcess.start(Deno.execPath(), args, env);
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
