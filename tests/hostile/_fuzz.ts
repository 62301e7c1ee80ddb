/** Attacks one kind of port with mutated conversations and checks, again and again, that it serves those who behave. */
import { encodeBody } from "../../gmp/frames/body.ts";
import { Kind } from "../../gmp/frames/frame.ts";
import { MESSAGES } from "../../gmp/messages/messages.ts";
import { type OperationName, OPERATIONS } from "../../gmp/messages/operations.ts";
import { Random, type WireFrame } from "../gmp/_wire.ts";
import { sampleOfFields, wrongBodies } from "../gmp/messages/_samples.ts";
import { eventually } from "../tools/commands.ts";
import { attack, Tally } from "./_attacker.ts";
import { PORT_KINDS, type PortKind, readRecording } from "./_conversation.ts";
import { megabytes, type Usage, usageOf } from "./_network.ts";
import { startTarget } from "./_targets.ts";

/** Attackers at once. */
const LANES = 8;
/** What a process may grow by under attack, in bytes: garbage that V8 has yet to collect, most of it. */
const GROWTH = 300 * 2 ** 20;

/** How a run of the fuzzer is done. */
interface FuzzOptions {
  readonly port: PortKind;
  /** Frames to send. */
  readonly frames: number;
  /** All of the run follows from it. */
  readonly seed: number;
  /** The number of the first connection, to begin where an earlier run of that seed failed. */
  readonly first?: number;
  /** Frames between two checks. */
  readonly batch?: number;
  /** Hears of every check. */
  readonly progress?: (line: string) => void;
}

/** What a run came to. */
interface FuzzFigures {
  readonly tally: Tally;
  /** Times that clients that behave were served. */
  readonly checks: number;
  /** Milliseconds that the slowest of those took. */
  readonly slowest: number;
  /** What the process used before and, at most, at a check. */
  readonly before: Usage;
  readonly most: Usage;
}

/** The randomness of connection `number`, whatever happens on others. */
function randomOf(seed: number, number: number): Random {
  return new Random(new Random(seed ^ Math.imul(number, 0x9e37_79b1)).below(2 ** 32));
}

/** Every request that is described, as it may be and with one field wrong each, whether or not it was recorded. */
function describedRequests(): WireFrame[] {
  return Object.entries(MESSAGES).filter(([name]) => name !== "gpmd.kill").flatMap(([name, { request }]) =>
    [sampleOfFields(request.fields), ...Array.from(wrongBodies(request.fields), ([, body]) => body)].map((
      body,
    ): WireFrame => ({
      kind: Kind.REQUEST,
      flags: 0,
      operation: OPERATIONS[name as OperationName],
      id: 1,
      payload: encodeBody(body),
    }))
  );
}

/**
 * Runs the fuzzer.
 *
 * @throws {Error} naming seed and connection when the target dies, hangs, says INTERNAL, takes more than {@linkcode GROWTH}
 * of memory, keeps descriptors, or does not serve a client that behaves.
 */
export async function fuzz(options: FuzzOptions): Promise<FuzzFigures> {
  const { port, frames, seed, batch = 20_000, progress } = options;
  const weapons = {
    conversations: readRecording(port),
    strangers: [...PORT_KINDS.flatMap((kind) => readRecording(kind).flat()), ...describedRequests()],
    tally: new Tally(),
  };
  const { tally } = weapons;
  await using target = await startTarget(port, LANES);
  await target.serve();
  const before = usageOf(target.pid);
  let most = before;
  let [next, checks, slowest] = [options.first ?? 0, 0, 0];

  const lane = async (number: number, enough: number): Promise<void> => {
    while (tally.frames < enough) {
      const connection = next++;
      try {
        await attack(target, number, weapons, randomOf(seed, connection));
      } catch (cause) {
        throw new Error(`Failed with --port=${port} --seed=${seed} --first=${connection}`, { cause });
      }
    }
  };
  const check = async (): Promise<void> => {
    await eventually("the end of the attackers' connections", () => {
      return usageOf(target.pid).descriptors <= before.descriptors + 2;
    });
    const began = performance.now();
    await target.serve();
    const took = performance.now() - began;
    slowest = Math.max(slowest, took);
    checks++;
    const { memory, descriptors } = usageOf(target.pid);
    most = { memory: Math.max(memory, most.memory), descriptors: Math.max(descriptors, most.descriptors) };
    if (memory > before.memory + GROWTH) throw new Error(`It grew from ${before.memory} to ${memory} bytes`);
    progress?.(
      `${tally.frames} frames, ${tally.connections} connections; served in ${took.toFixed(0)} ms, ${
        megabytes(memory)
      }, ${descriptors} descriptors`,
    );
  };

  while (tally.frames < frames) {
    const enough = Math.min(frames, tally.frames + batch);
    const first = next;
    try {
      await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number, enough)));
      await check();
    } catch (cause) {
      throw new Error(`Failed in --port=${port} --seed=${seed} --first=${first}, before connection ${next}`, {
        cause,
      });
    }
  }
  return { tally, checks, slowest, before, most };
}

/** The figures for people. */
export function describe({ tally, checks, slowest, before, most }: FuzzFigures): string {
  const codes = [...tally.codes].sort(([, one], [, other]) => other - one).map(([code, count]) =>
    `${code} ${count}`
  );
  return [
    `${tally.frames} frames (${tally.early} before the handshake was done) on ${tally.connections} connections`,
    `${tally.answered} bursts answered to the end, ${tally.refused} connections refused, ${tally.ended} ended`,
    `served ${checks} times, in ${slowest.toFixed(0)} ms at most`,
    `memory ${megabytes(before.memory)} before, ${megabytes(most.memory)} at most`,
    `errors: ${codes.join(", ")}`,
  ].join("\n");
}
