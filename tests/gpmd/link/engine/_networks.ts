/** Links in processes in networks of their own. */
import { inNamespace, type LanDevice } from "../../../tools/lan.ts";
import { TextLineStream } from "./_lines.ts";
import type { LinkCommand, LinkProgramOptions } from "./_link_program.ts";

/** A link in a process in the network of `device`. */
export class LinkProcess implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #events: Record<string, unknown>[] = [];
  readonly #answers: PromiseWithResolvers<unknown>[] = [];
  #changed = Promise.withResolvers<void>();
  readonly #reading: Promise<void>;

  /** Starts it. */
  constructor({ namespace }: LanDevice, options: LinkProgramOptions) {
    const program = new URL("./_link_program.ts", import.meta.url);
    this.#process = new Deno.Command("ip", {
      args: inNamespace(namespace, program, JSON.stringify(options)),
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#writer = this.#process.stdin.getWriter();
    this.#reading = this.#read();
  }

  /** The answer to `command`. */
  async ask(...command: LinkCommand): Promise<unknown> {
    const answer = Promise.withResolvers<unknown>();
    this.#answers.push(answer);
    await this.#writer.write(new TextEncoder().encode(`${JSON.stringify(command)}\n`));
    return await answer.promise;
  }

  /** The next event called `name`. */
  async happened(name: string): Promise<Record<string, unknown>> {
    for (;;) {
      const at = this.#events.findIndex(({ event }) => event === name);
      if (at >= 0) return this.#events.splice(at, 1)[0]!;
      await this.#changed.promise;
    }
  }

  /** Forgets what has happened. */
  forget(): void {
    this.#events.length = 0;
  }

  async #read(): Promise<void> {
    for await (const line of this.#process.stdout.pipeThrough(new TextLineStream())) {
      const told = JSON.parse(line);
      if ("event" in told) {
        this.#events.push(told);
        this.#changed.resolve();
        this.#changed = Promise.withResolvers();
      } else if ("error" in told) this.#answers.shift()!.reject(new Error(told.error));
      else this.#answers.shift()!.resolve(told.answer);
    }
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close();
    await this.#process.status;
    await this.#reading;
  }
}
