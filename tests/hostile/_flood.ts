/** Floods one port with connections that misbehave, while somebody who behaves is served there. */
import { SECRET_KEY_NAME } from "../../gmp/handshake/keys.ts";
import { moduleOf } from "../gpmd/_modules.ts";
import { type Abuse, type FloodOrder, type FloodReport, isInsider, LARGE_MODULE } from "./_flooder.ts";
import { megabytes, usageOf } from "./_network.ts";
import type { Credentials, Target } from "./_targets.ts";

/**
 * What a process may grow by, in bytes, whoever floods it: buffers of the 1,024 connections that may be in their handshake,
 * and garbage that V8 has yet to collect, most of it.
 */
const GROWTH = 256 * 2 ** 20;
/** And for each connection that was let in: a frame that it does not finish, and answers that it does not read. */
const GROWTH_EACH = 3 * 2 ** 18;

/** Bytes of the module that is asked for and not read. */
const LARGE_SIZE = 1 << 24;

/** How a flood is made. */
interface FloodOptions {
  /** The ways to misbehave, shared out among the connections. */
  readonly abuses: readonly Abuse[];
  readonly connections: number;
  /** Milliseconds that it lasts once all its connections have been tried. */
  readonly time: number;
}

/** What a flood came to. */
interface FloodFigures extends FloodReport {
  /** Milliseconds that a client that behaves took before the flood, in the middle and at most. */
  readonly before: Latency;
  /** The same during the flood. */
  readonly during: Latency;
  /** Bytes of the process under flood before, and at most. */
  readonly memory: readonly [before: number, most: number];
  /** Bytes that it may have grown by. */
  readonly bound: number;
}

/** Milliseconds. */
interface Latency {
  readonly times: number;
  readonly median: number;
  readonly most: number;
}

/** A process that floods. */
class FloodProcess {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<string>;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#input = child.stdin.getWriter();
    this.#output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Starts it; resolves when each of its connections has been tried. */
  static async start(order: FloodOrder): Promise<FloodProcess> {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", "-A", import.meta.resolve("./_flooder.ts")],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const flood = new FloodProcess(child);
    await flood.#input.write(new TextEncoder().encode(`${JSON.stringify(order)}\n`));
    await flood.#output.read();
    return flood;
  }

  /** Ends it. */
  async stop(): Promise<FloodReport> {
    await this.#input.close();
    const { value } = await this.#output.read();
    await this.#child.status;
    await this.#output.cancel();
    return JSON.parse(value!);
  }
}

/**
 * Floods `target`. `look` is called after each time that a client was served during the flood.
 *
 * @throws {Error} when a client that behaves is not served, or the process grows by more than its bound.
 */
export async function flood(
  target: Target,
  { time, abuses, connections }: FloodOptions,
  look: () => void | Promise<void> = () => {},
): Promise<FloodFigures> {
  await target.serve();
  await uploadLarge(target);
  const before = await measure(target, time / 4, () => {});
  const start = usageOf(target.pid).memory;
  let most = start;
  const { port, audience } = target;
  const insiders = Array.from({ length: connections }, (_, i) => abuses[i % abuses.length]!).filter(
    isInsider,
  );
  const credentials = await credentialsFor(target, insiders.length);
  const reusable = credentials.some(({ keyName }) => keyName === SECRET_KEY_NAME);
  const process = await FloodProcess.start({ port, audience, abuses, connections, credentials, reusable });
  const during = await measure(target, time, async () => {
    most = Math.max(most, usageOf(target.pid).memory);
    await look();
  });
  const report = await process.stop();
  await target.serve();
  const bound = GROWTH + insiders.length * GROWTH_EACH;
  if (most > start + bound) {
    throw new Error(`It grew from ${megabytes(start)} to ${megabytes(most)}, more than ${megabytes(bound)}`);
  }
  return { ...report, before, during, memory: [start, most], bound };
}

/** Something to ask for that is larger than what a socket holds. */
async function uploadLarge({ daemon }: Target): Promise<void> {
  if (daemon === undefined) return;
  await using gpmd = await daemon.connect();
  await gpmd.upload({ name: LARGE_MODULE, version: "v1.0.0", module: moduleOf(LARGE_SIZE) });
}

/** A key for all who are to be let in where there is one, else one each. */
async function credentialsFor(target: Target, count: number): Promise<FloodOrder["credentials"]> {
  const all: Credentials[] = [];
  while (all.length < count && all[0]?.keyName !== SECRET_KEY_NAME) {
    all.push(await target.credentials(all.length));
  }
  return all.map(({ keyName, key }) => ({ keyName, key: key.toHex() }));
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
export function describeFlood({ made, ended, before, during, memory, bound }: FloodFigures): string {
  const show = ({ times, median, most }: Latency) =>
    `${times} times, ${median.toFixed(1)} ms, at most ${most.toFixed(0)} ms`;
  return `${made} connections made, ${ended} ended; served before ${show(before)}; during ${
    show(during)
  }; memory ${megabytes(memory[0])}, at most ${megabytes(memory[1])}, ${megabytes(bound)} more allowed`;
}
