/**
 * Many devices on one loopback, each with a GPMD and a link in processes of their own: the first is paired with all others, each
 * of which has a node. Its argument is their number; it prints a line of JSON, `ManyFigures`. It wants a network of its own,
 * in which it counts bytes.
 */
import { request } from "../../gmp/channel/messages.ts";
import { pause } from "../../gmp/async/pause.ts";
import { GhostNode } from "../../gvm/node/ghost_node.ts";
import { linksOf, startLink } from "../gpmd/link/_processes.ts";
import { connectNode } from "../gpmd/_node.ts";
import { look } from "../soak/_measure.ts";
import { eventually } from "../tools/commands.ts";
import { startDaemon, type TestDaemon } from "../tools/daemon_process.ts";
import { loopbackBytes, processorTime, type Times, times } from "./_figures.ts";

/** Nodes that are connected to, each with executors on both sides. */
const CONNECTED = 8;
/** Milliseconds in which nobody does anything. */
const IDLE_TIME = 20_000;
/** Times that the list of nodes is asked for. */
const DISCOVERIES = 50;

/** What many devices cost. */
interface ManyFigures {
  readonly devices: number;
  /** Milliseconds to pair one, with two links that run already. */
  readonly pair: Times;
  readonly discover: Times;
  readonly locate: Times;
  readonly connect: Times;
  /** Megabytes of the link of the first device by the number of devices that it is paired with. */
  readonly memory: readonly (readonly [devices: number, megabytes: number])[];
  /** Megabytes of GPMD of the first device, of the median of other links, and of their GPMDs. */
  readonly gpmd: number;
  readonly others: number;
  readonly gpmdOfOthers: number;
  /** Descriptors of the link of the first device. */
  readonly descriptors: number;
  /** When nobody does anything: bytes a second for each pair of devices, and the part of a core that the first link takes. */
  readonly idleBytes: number;
  readonly idleCpu: number;
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await action();
  return performance.now() - began;
}

const memoryOf = (pid: number) => Math.round(look(pid)!.memory);
const linkOf = ({ settings: { home } }: TestDaemon) => linksOf(home)[0]!;

async function startDevice(): Promise<TestDaemon> {
  const daemon = await startDaemon();
  await startLink(daemon.settings);
  return daemon;
}

async function measure(count: number): Promise<ManyFigures> {
  const hub = await startDevice();
  await using gpmd = await hub.connect();
  const link = linkOf(hub);
  const others: TestDaemon[] = [];
  const nodes: GhostNode[] = [];
  const memory: [number, number][] = [[0, memoryOf(link)]];
  const pairings: number[] = [];
  for (let i = 1; i < count; i++) {
    const other = await startDevice();
    others.push(other);
    await using client = await other.connect();
    pairings.push(
      await timed(async () => {
        const { code } = await gpmd.invite({ lifetime: 60_000 });
        await client.join(code, { name: "hub", as: `device-${i}` });
      }),
    );
    const { settings, secret } = other;
    nodes.push(await GhostNode.start({ ...settings, secret, name: `node-${i}` }));
    if ([1, 10, 25, count - 1].includes(i)) memory.push([i, memoryOf(link)]);
    if (i % 10 === 0) console.error(`${i} devices are paired`);
  }
  const here = await GhostNode.start({ ...hub.settings, secret: hub.secret, name: "here" });
  await eventually("all nodes", async () => (await here.discover()).length >= count);
  const bytes = loopbackBytes();
  const busy = processorTime(link);
  await pause(IDLE_TIME, new AbortController().signal);
  const idleBytes = (loopbackBytes() - bytes) / (IDLE_TIME / 1000) / (count - 1);
  const idleCpu = (processorTime(link) - busy) / (IDLE_TIME / 1000);
  const idle = memoryOf(link);
  memory.push([count - 1, idle]);

  const discover: number[] = [];
  for (let i = 0; i < DISCOVERIES; i++) discover.push(await timed(() => here.discover()));
  await using asking = await connectNode(hub);
  await asking.register("asking");
  const locate: number[] = [];
  for (let i = 1; i < count; i++) {
    const wanted = { name: `node-${i}`, device: `device-${i}` };
    locate.push(await timed(() => request(asking.channel, "node.locate", wanted)));
  }
  const connect: number[] = [];
  for (let i = 1; i <= Math.min(CONNECTED, count - 1); i++) {
    connect.push(await timed(() => here.connect(`node-${i}@device-${i}`)));
  }
  const figures: ManyFigures = {
    devices: count,
    pair: times(pairings),
    discover: times(discover),
    locate: times(locate),
    connect: times(connect),
    memory,
    gpmd: memoryOf(hub.pid),
    others: times(others.map((other) => memoryOf(linkOf(other)))).median,
    gpmdOfOthers: times(others.map(({ pid }) => memoryOf(pid))).median,
    descriptors: look(link)!.descriptors,
    idleBytes: Math.round(idleBytes),
    idleCpu,
  };
  await Promise.all([here, ...nodes].map((node) => node.close()));
  await Promise.all([hub, ...others].map((daemon) => daemon[Symbol.asyncDispose]()));
  return figures;
}

if (import.meta.main) {
  console.log(JSON.stringify(await measure(Number(Deno.args[0]))));
  Deno.exit(0);
}
