/**
 * A tmux server with one session, and a client in control mode (tmux(1), "CONTROL MODE"): commands and their answers go over
 * the client's standard input and output, and the server tells of all that changes. So no process is started to look at the
 * screen, and what waits for the screen waits for a message.
 */
import { isRunning } from "../gvm/harness.ts";
import { eventually, PATIENCE, within } from "./commands.ts";

/** See the head of this file. */
export class Tmux {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #read: Promise<void>;
  readonly #errors: Promise<string>;
  readonly #asked: { readonly command: string; readonly answer: PromiseWithResolvers<string> }[] = [];
  #changes = 0;
  #changed = Promise.withResolvers<void>();

  /** The process of the server. */
  #server = 0;

  private constructor(socket: string, args: readonly string[]) {
    this.#child = new Deno.Command("tmux", {
      args: ["-S", socket, "-f", "/dev/null", "-C", ...args, ";", "attach-session"],
      env: { LANG: "C.UTF-8", TMUX: "" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#errors = new Response(this.#child.stderr).text();
    this.#read = this.#follow();
  }

  /** Starts a server at `socket`, whose session is what the command `args` makes. Fails with what tmux says. */
  static async start(socket: string, args: readonly string[]): Promise<Tmux> {
    const tmux = new Tmux(socket, args);
    tmux.#server = Number(await tmux.ask("display-message", "-p", "#{pid}"));
    return tmux;
  }

  /** Does a command of tmux; what it prints. Fails with what tmux says. */
  async ask(...words: string[]): Promise<string> {
    const answer = Promise.withResolvers<string>();
    this.#asked.push({ command: words[0]!, answer });
    const line = `${words.map(quoted).join(" ")}\n`;
    await this.#input.write(new TextEncoder().encode(line)).catch(() => {}); // it has ended, which its output tells
    return await within(PATIENCE, `The answer to tmux ${words[0]}`, answer.promise);
  }

  /** A number that is another one whenever something may be new on the screen. */
  get changes(): number {
    return this.#changes;
  }

  /** Waits until {@linkcode Tmux.changes} is not `seen`, or for `time` milliseconds. */
  async changedSince(seen: number, time: number): Promise<void> {
    if (this.#changes !== seen) return;
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, time);
    await Promise.race([this.#changed.promise, late.promise]);
    clearTimeout(timer);
  }

  /** Ends the server, at which what runs in its session gets SIGHUP, and waits until it has ended. */
  async close(): Promise<void> {
    await this.ask("kill-server");
    await this.#input.close().catch(() => {}); // it may have ended first
    await Promise.all([this.#child.status, this.#read, this.#errors]);
    await eventually("the end of tmux", () => !isRunning(this.#server));
  }

  /** Takes what the client prints: the lines of answers, between `%begin` and `%end` or `%error`, and news between these. */
  async #follow(): Promise<void> {
    let rest = "";
    let answer: { readonly end: string; readonly lines: string[]; readonly isAsked: boolean } | undefined;
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream() as Decoder)) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) {
        if (answer === undefined) {
          const [, block, flags] = /^%begin (\d+ \d+ (\d))$/.exec(line) ?? [];
          // What the client did by itself as it started is not answered to anybody.
          if (block !== undefined) answer = { end: block, lines: [], isAsked: flags === "1" };
          else this.#change();
        } else if (line === `%end ${answer.end}` || line === `%error ${answer.end}`) {
          if (answer.isAsked) this.#answer(answer.lines.join("\n"), line.startsWith("%error"));
          answer = undefined;
        } else answer.lines.push(line);
      }
    }
    const errors = await this.#errors;
    while (this.#asked.length > 0) this.#answer(`it has ended: ${errors}`, true);
    this.#change();
  }

  #answer(text: string, isError: boolean): void {
    const { command, answer } = this.#asked.shift()!;
    if (isError) answer.reject(new Error(`tmux ${command}: ${text}`));
    else answer.resolve(text);
  }

  #change(): void {
    this.#changes++;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

type Decoder = TransformStream<Uint8Array, string>;

/** `word` as one word of a line for tmux. */
function quoted(word: string): string {
  return `"${word.replaceAll(/["\\$]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}
