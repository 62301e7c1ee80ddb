/** Floods one port with connections that misbehave, while somebody who behaves is served there. */
import { megabytes, usageOf } from "./_network.ts";
import type { FloodOrder, FloodReport } from "./_flooder.ts";
import type { Target } from "./_targets.ts";

/** How a flood is made. */
export interface FloodOptions extends Omit<FloodOrder, "port"> {
  /** Milliseconds that it lasts once all its connections have been tried. */
  readonly time: number;
}

/** What a flood came to. */
export interface FloodFigures extends FloodReport {
  /** Milliseconds that a client that behaves took before the flood, in the middle and at most. */
  readonly before: Latency;
  /** The same during the flood. */
  readonly during: Latency;
  /** Bytes of the process under flood before, and at most. */
  readonly memory: readonly [before: number, most: number];
}

/** Milliseconds. */
export interface Latency {
  readonly times: number;
  readonly median: number;
  readonly most: number;
}

/** A process that floods. */
export class FloodProcess {
  readonly #child: Deno.ChildProcess;
  readonly #output: ReadableStreamDefaultReader<string>;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Starts it; resolves when each of its connections has been tried. */
  static async start(order: FloodOrder): Promise<FloodProcess> {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", import.meta.resolve("./_flooder.ts"), JSON.stringify(order)],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const flood = new FloodProcess(child);
    await flood.#output.read();
    return flood;
  }

  /** Ends it. */
  async stop(): Promise<FloodReport> {
    await this.#child.stdin.close();
    const { value } = await this.#output.read();
    await this.#child.status;
    await this.#output.cancel();
    return JSON.parse(value!);
  }
}

/** Floods `target`. `look` is called now and then during the flood. */
export async function flood(
  target: Target,
  { time, ...order }: FloodOptions,
  look: () => void | Promise<void> = () => {},
): Promise<FloodFigures> {
  await target.serve();
  const before = await measure(target, time / 4, () => {});
  const start = usageOf(target.pid).memory;
  let most = start;
  const process = await FloodProcess.start({ ...order, port: target.port });
  const during = await measure(target, time, async () => {
    most = Math.max(most, usageOf(target.pid).memory);
    await look();
  });
  const report = await process.stop();
  await target.serve();
  return { ...report, before, during, memory: [start, most] };
}

/** Has `target` serve a client again and again for `time` milliseconds. */
async function measure(target: Target, time: number, between: () => void | Promise<void>): Promise<Latency> {
  const times: number[] = [];
  for (const end = performance.now() + time; performance.now() < end;) {
    const began = performance.now();
    await target.serve();
    times.push(performance.now() - began);
    await between();
  }
  times.sort((one, other) => one - other);
  return { times: times.length, median: times[times.length >> 1]!, most: times.at(-1)! };
}

/** The figures for people. */
export function describeFlood({ made, ended, before, during, memory }: FloodFigures): string {
  const show = ({ times, median, most }: Latency) =>
    `${times} times, ${median.toFixed(1)} ms, at most ${most.toFixed(0)} ms`;
  return `${made} connections made, ${ended} ended; served before ${show(before)}; during ${
    show(during)
  }; memory ${megabytes(memory[0])}, at most ${megabytes(memory[1])}`;
}
