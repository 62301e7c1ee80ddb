/** Calls from one device to another that go on while something happens; see `_caller.ts`. */
import { assertEquals } from "@std/assert";
import { TextLineStream } from "../gpmd/link/engine/_lines.ts";
import type { CallerReport } from "./_caller.ts";
import type { NetworkDevice } from "./_device.ts";

/** Callers of `math.add`. */
const ADDERS = 3;

/** What a caller tells by itself. */
type CallerEvent = "calling" | "failing" | "fresh" | "woken";

/** See the head of this file. */
export class Calls implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncGenerator<Record<string, unknown>>;
  readonly #said: { event: CallerEvent; at: number }[] = [];
  readonly #reports: PromiseWithResolvers<CallerReport>[] = [];
  #changed = Promise.withResolvers<void>();
  readonly #reading: Promise<void>;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#input = child.stdin.getWriter();
    this.#lines = linesOf(child);
    this.#reading = this.#read();
  }

  /**
   * Calls from a node of `device` to the node `on`: the counter's caller, and `ADDERS` of `math.add` beside it, each of which
   * makes its next call `pause` milliseconds after an answer.
   */
  static async start(device: NetworkDevice, on: string, pause: number): Promise<Calls> {
    const calls = new Calls(device.program("_caller.ts", "caller", on, `${ADDERS}`, `${pause}`));
    await calls.next("calling");
    return calls;
  }

  /** Resolves when the caller next says `event`, or has said so since the last call; the milliseconds since `since`. */
  async next(event: CallerEvent, since = performance.now()): Promise<number> {
    for (;;) {
      const at = this.#said.findIndex((one) => one.event === event);
      if (at >= 0) return this.#said.splice(0, at + 1).at(-1)!.at - since;
      await this.#changed.promise;
    }
  }

  /** Resolves when every caller has had an answer to a call that began after this one; the milliseconds that took. */
  async fresh(): Promise<number> {
    const since = performance.now();
    this.#said.length = 0;
    await this.#input.write(new TextEncoder().encode("fresh\n"));
    return await this.next("fresh", since);
  }

  /** Makes a call that takes an hour: `woken` when it has ended. */
  async sleep(): Promise<void> {
    await this.#input.write(new TextEncoder().encode("sleep\n"));
  }

  /** What there was until now, whatever it was. */
  async report(): Promise<CallerReport> {
    const report = Promise.withResolvers<CallerReport>();
    this.#reports.push(report);
    await this.#input.write(new TextEncoder().encode("report\n"));
    return await report.promise;
  }

  /** What there was until now, in which nothing may be wrong. */
  async check(): Promise<CallerReport> {
    const report = await this.report();
    assertEquals(report.wrong, []);
    return report;
  }

  async #read(): Promise<void> {
    for await (const line of this.#lines) {
      if ("report" in line) this.#reports.shift()!.resolve(line.report as CallerReport);
      else this.#said.push({ event: line.event as CallerEvent, at: performance.now() });
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    }
    const ended = new Error("The caller has ended");
    for (const { reject } of this.#reports) reject(ended);
  }

  /** Ends the caller. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close().catch(() => {});
    await Promise.all([this.#child.status, this.#reading]);
  }
}

async function* linesOf(child: Deno.ChildProcess): AsyncGenerator<Record<string, unknown>> {
  const complaints = new Response(child.stderr).text();
  for await (const line of child.stdout.pipeThrough(new TextLineStream())) yield JSON.parse(line);
  const said = await complaints;
  if (said !== "") console.error(said);
}
