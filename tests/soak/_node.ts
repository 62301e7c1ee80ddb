/**
 * One node of a soak: works in two lanes until a line comes on standard input, then disconnects and says on standard output
 * what it did; at the end of its input it leaves.
 */
import { GpmdClient } from "../../gpmd/client/client.ts";
import { GhostError } from "../../gmp/errors.ts";
import { GhostNode } from "../../gvm/node/ghost_node.ts";
import { OPERATIONS, type Soaking, WrongAnswer } from "./_operations.ts";

/** Operations of one node that are under way at once. */
const LANES = 2;
/** Milliseconds that a call may run: long enough for a machine under load, short enough to be run into often. */
const TIME_LIMIT = 1000;
/** How an operation may fail when another lane or node has disconnected, or run into the time limit, meanwhile. */
const EXPECTED = [
  "NOT_CONNECTED",
  "CONNECTION_LOST",
  "EXECUTOR_RESTARTED",
  "TIME_LIMIT",
  "CONNECTION_DENIED",
];

/** What a node says at its end. */
export interface SoakReport {
  /** How often each operation was done. */
  readonly done: Record<string, number>;
  /** Operations that others were in the way of, by the code of their error. */
  readonly hindered: Record<string, number>;
  /** What was not as it must be. */
  readonly wrong: string[];
}

const DRAWN = Object.entries(OPERATIONS).flatMap(([name, [weight]]) => Array<string>(weight).fill(name));

/** Does each operation once, in any order, and then those that are drawn, until `stop`. */
async function work(soaking: Soaking, report: SoakReport, stop: AbortSignal): Promise<void> {
  const count = (counts: Record<string, number>, name: string) => counts[name] = (counts[name] ?? 0) + 1;
  const once = Object.keys(OPERATIONS);
  while (!stop.aborted || once.length > 0) {
    const names = once.length > 0 ? once : DRAWN;
    const at = Math.floor(Math.random() * names.length);
    const name = names[at]!;
    if (names === once) once.splice(at, 1);
    try {
      await OPERATIONS[name]![1](soaking);
      count(report.done, name);
    } catch (error) {
      const { code, message } = GhostError.from(error);
      const isWrong = error instanceof WrongAnswer || !EXPECTED.includes(code);
      if (isWrong) report.wrong.push(`${name}: ${code} ${message}`);
      else count(report.hindered, code);
    }
  }
}

if (import.meta.main) {
  const [name, ...names] = Deno.args as [string, ...string[]];
  const print = (line: unknown) => console.log(JSON.stringify(line));
  await using gpmd = await GpmdClient.connect();
  await using node = await GhostNode.start({ name, limits: { time: TIME_LIMIT } });
  await node.warm();
  print({ pid: Deno.pid });
  const input = Deno.stdin.readable.getReader();
  await input.read(); // until all are there
  const report: SoakReport = { done: {}, hindered: {}, wrong: [] };
  const stop = new AbortController();
  const lanes = Array.from({ length: LANES }, (_, lane) => {
    return work({ node, gpmd, names, own: `own-${name}-${lane}`, uploads: 0 }, report, stop.signal);
  });
  await input.read();
  stop.abort();
  await Promise.all(lanes);
  for (const peer of node.list()) await node.disconnect(peer).catch(() => {}); // it may have been ahead
  print(report);
  while (!(await input.read()).done);
}
