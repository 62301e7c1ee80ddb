/** Two nodes that call each other and themselves while their connections are cut and their executors killed at random. */
import { assert } from "@std/assert";
import type { GhostError } from "../../gmp/errors.ts";
import type { GhostNode } from "../../gvm/node/ghost_node.ts";
import { signalProcess } from "../gvm/harness.ts";
import { eventually } from "../tools/commands.ts";
import { Network, readModule } from "../tools/network.ts";
import { type CallFigures, callFigures, callWithoutPause } from "./_callers.ts";
import { Relay } from "./_relay.ts";

/** With what a call may end that a cut or a kill has met; an executor may be killed again and again while it starts. */
function isExpected({ code, message }: GhostError): boolean {
  return ["CONNECTION_LOST", "EXECUTOR_RESTARTED", "NOT_CONNECTED", "GPMD_NOT_RUNNING"].includes(code) ||
    message.startsWith("Cannot start an executor");
}

/** The faults, which take turns: an executor killed, the connection of a session cut, and any other connection cut. */
const FAULTS = ["kills", "sessionCuts", "connectionCuts"] as const;
type Fault = typeof FAULTS[number];

/** What was done, and what callers have seen of it. */
interface StormFigures extends CallFigures, Record<Fault, number> {
  /** CALL frames that left. */
  sent: number;
}

/** Makes that many `faults`, `pause` milliseconds apart on average. */
export async function storm(faults: number, pause: number): Promise<StormFigures> {
  using relay = new Relay();
  await using network = await Network.start();
  await network.upload("waits", "v1.0.0", readModule("waits"));
  const [here, there] = await network.pair();
  const figures: StormFigures = { ...callFigures(), kills: 0, sessionCuts: 0, connectionCuts: 0, sent: 0 };
  const stop = new AbortController();
  const callers = [
    callWithoutPause(here, "there", isExpected, figures, stop.signal),
    callWithoutPause(there, "here", isExpected, figures, stop.signal),
    callWithoutPause(here, undefined, isExpected, figures, stop.signal),
  ];
  const failure = Promise.all(callers);
  failure.catch(() => stop.abort());
  /** Each caller has had another answer: whatever a fault has taken from its session, it has seen. */
  const eachCounts = async () => {
    const before = [...figures.counted];
    await eventually(
      "an answer for each",
      () => stop.signal.aborted || figures.counted.every((count, i) => count > before[i]!),
    );
  };
  await eachCounts();
  for (let i = 0; i < faults && !stop.signal.aborted; i++) {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 2 * pause));
    const fault = FAULTS[i % FAULTS.length]!;
    // What the fault before has destroyed may have to be there again.
    await eventually(`something for ${fault}`, () => stop.signal.aborted || strike(fault, network, relay));
    figures[fault]++;
  }
  const answers = async (node: GhostNode, on: string) => {
    figures.calls++;
    return await node.call("waits.sleep", [0], { on }).then(() => true, () => false);
  };
  await eventually("answers", async () => await answers(here, "there") && await answers(there, "here"));
  await eachCounts();
  stop.abort();
  await failure;
  await eventually("the registrations", async () => `${await namesFrom(network)}` === "here,there");
  await eventually("as many executors as sessions", () => network.executors().length === 3);
  figures.sent = relay.calls;
  const sendable = figures.calls - (figures.failed.get("NOT_CONNECTED") ?? 0);
  assert(figures.sent <= sendable, `${sendable} calls were sent ${figures.sent} times`);
  return figures;
}

/** Makes one fault; false when there is nothing that it could hit. */
function strike(fault: Fault, network: Network, relay: Relay): boolean {
  if (fault === "kills") {
    const executor = anyOf(network.executors());
    return executor !== undefined && signalProcess(executor, "SIGKILL");
  }
  const sessions = relay.sessions;
  const victims = fault === "sessionCuts"
    ? sessions
    : [...relay.open].filter((one) => !sessions.includes(one));
  const victim = anyOf(victims);
  victim?.cut();
  return victim !== undefined;
}

function anyOf<T>(list: readonly T[]): T | undefined {
  return list[Math.floor(Math.random() * list.length)];
}

/** The names that GPMD knows. Its connection may have been cut as well. */
async function namesFrom(network: Network): Promise<string[]> {
  await using gpmd = await network.daemon.connect();
  return (await gpmd.nodes()).map(({ name }) => name);
}
