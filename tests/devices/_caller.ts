/**
 * A node that calls `counter.next` on a node of another device one call after the other, and `math.add` from some callers
 * side by side, until its input ends. Arguments: its name, the other node, the number of callers of `math.add`, and the
 * milliseconds from an answer to the next call.
 *
 * It prints a line of JSON when calls begin to fail, and for each line of its input: for `report` what there was until then,
 * for `sleep` a call that takes an hour is made, and its end told; for `fresh` when every caller has had an answer to a call that began later, so none waits any more. The counter is in the other node's memory: a call that ran twice leaves a number out, and one that
 * was repeated in a new session makes that begin at 2.
 */
import { GhostError } from "../../gmp/errors.ts";
import { TextLineStream } from "../gpmd/link/engine/_lines.ts";
import { GhostNode } from "../../gvm/node/ghost_node.ts";

/** Milliseconds until a call that was refused is followed by the next. */
const PAUSE = 20;

/** What a caller has seen. */
export interface CallerReport {
  /** Calls that were answered. */
  readonly answered: number;
  /** Calls that ended with an error, by its code. */
  readonly failed: Record<string, number>;
  /** Answers that cannot be, and errors without a name. */
  readonly wrong: string[];
  /** Sessions of the counter. */
  readonly sessions: number;
  /** Milliseconds that the longest call took. */
  readonly longest: number;
  /** Milliseconds that calls took which were answered, since the last report: at the median, and 99 of 100. */
  readonly p50: number;
  /** See {@linkcode CallerReport.p50}. */
  readonly p99: number;
}

const print = (line: unknown) => Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(line)}\n`));

class Caller {
  #answered = 0;
  #sessions = 0;
  #longest = 0;
  #isFailing = false;
  #callers = 0;
  /** Callers that have had no fresh answer yet, and since when an answer is fresh; for each line `fresh`. */
  readonly #stale: { readonly since: number; readonly callers: Set<number> }[] = [];
  readonly #failed: Record<string, number> = {};
  readonly #wrong: string[] = [];
  #times: number[] = [];

  constructor(readonly node: GhostNode, readonly on: string, readonly pause: number) {}

  async count(): Promise<void> {
    const caller = this.#callers++;
    let last = 0;
    let hasFailed = true;
    for (;;) {
      const value = await this.#call(caller, "counter.next", []);
      if (value === undefined) hasFailed = true;
      else {
        // A session that is lost is begun anew only after a call has said so.
        const isNew = value === 1 && hasFailed;
        if (isNew) this.#sessions++;
        if (!isNew && value !== last + 1) this.#wrong.push(`counter: ${value} after ${last}`);
        [last, hasFailed] = [Number(value), false];
      }
    }
  }

  async add(): Promise<void> {
    const caller = this.#callers++;
    for (let i = 0;; i = i + 1 | 0) {
      const sum = await this.#call(caller, "math.add", [i, 7]);
      if (sum !== undefined && sum !== (i + 7 | 0)) this.#wrong.push(`${i} + 7 = ${sum}`);
    }
  }

  /** Makes a call that takes an hour, and prints a line with the code of the error that it ends with. */
  async sleep(): Promise<void> {
    const { code } = await this.node.call("waits.sleep", [3_600_000], { on: this.on }).then(
      () => ({ code: "OK" }),
      (error) => GhostError.from(error),
    );
    print({ event: "woken", code });
  }

  report(): CallerReport {
    const times = this.#times.sort((one, other) => one - other);
    this.#times = [];
    return {
      answered: this.#answered,
      failed: this.#failed,
      wrong: this.#wrong,
      sessions: this.#sessions,
      longest: Math.round(this.#longest),
      p50: times[Math.floor(times.length / 2)] ?? 0,
      p99: times[Math.floor(times.length * 0.99)] ?? 0,
    };
  }

  /** Prints a line when no caller waits for an answer to a call that is older than this. */
  fresh(): void {
    const callers = new Set(Array.from({ length: this.#callers }, (_, caller) => caller));
    this.#stale.push({ since: performance.now(), callers });
  }

  #answers(caller: number, began: number): void {
    for (const { since, callers } of this.#stale) if (began >= since) callers.delete(caller);
    while (this.#stale[0]?.callers.size === 0) {
      this.#stale.shift();
      print({ event: "fresh" });
    }
  }

  async #call(caller: number, name: "counter.next" | "math.add", args: number[]): Promise<unknown> {
    const began = performance.now();
    try {
      const value = await this.node.call(name, args, { on: this.on });
      this.#answered++;
      this.#times.push(performance.now() - began);
      this.#longest = Math.max(this.#longest, performance.now() - began);
      this.#isFailing = false;
      this.#answers(caller, began);
      if (this.pause > 0) await new Promise((resolve) => setTimeout(resolve, this.pause));
      return value;
    } catch (error) {
      this.#longest = Math.max(this.#longest, performance.now() - began);
      const code = error instanceof GhostError ? error.code : "INTERNAL";
      if (code === "INTERNAL") this.#wrong.push(`${name}: ${error}`);
      this.#failed[code] = (this.#failed[code] ?? 0) + 1;
      if (!this.#isFailing) print({ event: "failing", code });
      this.#isFailing = true;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
      return undefined;
    }
  }
}

if (import.meta.main) {
  const [name, on, adders, pause] = Deno.args as [string, string, string, string];
  const node = await GhostNode.start({ name });
  await node.connect(on);
  const caller = new Caller(node, on, Number(pause));
  caller.count();
  for (let i = 0; i < Number(adders); i++) caller.add();
  print({ event: "calling" });
  for await (const line of Deno.stdin.readable.pipeThrough(new TextLineStream())) {
    if (line === "fresh") caller.fresh();
    else if (line === "sleep") caller.sleep();
    else print({ report: caller.report() });
  }
  Deno.exit(0);
}
