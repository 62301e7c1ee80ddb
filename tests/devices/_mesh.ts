/**
 * Devices on one loopback that are all paired with each other, each with a GPMD and a link in processes of their own. Its
 * argument is their number; it prints a line of JSON, `MeshFigures`. It wants a network of its own, in which it counts bytes.
 */
import { pause } from "../../gmp/async/pause.ts";
import { GhostError } from "../../gmp/errors.ts";
import { GhostNode } from "../../gvm/node/ghost_node.ts";
import { linksOf, startLink } from "../gpmd/link/_processes.ts";
import { look } from "../soak/_measure.ts";
import { eventually } from "../tools/commands.ts";
import { startDaemon, type TestDaemon } from "../tools/daemon_process.ts";
import { loopbackBytes, processorTime, times } from "./_figures.ts";

/** Milliseconds in which nobody does anything. */
const IDLE_TIME = 20_000;

/** What a full mesh costs. */
interface MeshFigures {
  readonly devices: number;
  readonly pairs: number;
  /** Milliseconds to pair two whose links run. */
  readonly pair: ReturnType<typeof times>;
  /** Milliseconds until a link that was killed has connections to all others again. */
  readonly back: number;
  /** Megabytes of the links, before the first pairing and with all of them. */
  readonly alone: ReturnType<typeof times>;
  readonly paired: ReturnType<typeof times>;
  /** Descriptors of a link. */
  readonly descriptors: number;
  /** When nobody does anything: bytes a second for each pair, and the milliseconds of processor time a second that links take. */
  readonly idleBytes: number;
  readonly idleCpu: ReturnType<typeof times>;
}

const linkOf = ({ settings: { home } }: TestDaemon) => linksOf(home)[0]!;
const memoryOf = (daemon: TestDaemon) => look(linkOf(daemon))!.memory;

async function startDevice(): Promise<TestDaemon> {
  const daemon = await startDaemon();
  await startLink(daemon.settings);
  return daemon;
}

/** How many devices `daemon` reaches; none while its link does not run. */
async function reached(daemon: TestDaemon): Promise<number> {
  await using client = await daemon.connect();
  const devices = await client.devices().catch((error) => {
    if (GhostError.from(error).code !== "LINK_NOT_RUNNING") throw error;
    return [];
  });
  return devices.filter(({ reachable }) => reachable).length;
}

async function measure(count: number): Promise<MeshFigures> {
  const devices: TestDaemon[] = [];
  const pairings: number[] = [];
  const memory: number[] = [];
  for (let i = 0; i < count; i++) {
    const joiner = await startDevice();
    memory.push(memoryOf(joiner));
    await using client = await joiner.connect();
    for (const [j, other] of devices.entries()) {
      await using inviter = await other.connect();
      const began = performance.now();
      const { code } = await inviter.invite({ lifetime: 60_000 });
      await client.join(code, { name: `device-${j}`, as: `device-${i}` });
      pairings.push(performance.now() - began);
    }
    devices.push(joiner);
    console.error(`${devices.length} devices are paired`);
  }
  for (const device of devices) {
    await eventually("all connections", async () => await reached(device) === count - 1);
  }
  const nodes = await Promise.all(
    devices.map(({ settings, secret }, i) => GhostNode.start({ ...settings, secret, name: `node-${i}` })),
  );
  for (const node of nodes) {
    await eventually("all nodes", async () => (await node.discover()).length === count);
  }
  const links = devices.map(linkOf);
  const [bytes, busy] = [loopbackBytes(), links.map(processorTime)];
  await pause(IDLE_TIME, new AbortController().signal);
  const idleBytes = (loopbackBytes() - bytes) / (IDLE_TIME / 1000) / pairings.length;
  const idleCpu = links.map((link, i) => (processorTime(link) - busy[i]!) / (IDLE_TIME / 1000));
  const paired = times(devices.map(memoryOf));
  const { descriptors } = look(links[0]!)!;
  const began = performance.now();
  Deno.kill(links[0]!, "SIGKILL");
  await eventually("the end of its connections", async () => await reached(devices[1]!) === count - 2);
  await eventually(
    "its return",
    async () =>
      linksOf(devices[0]!.settings.home)[0] !== undefined && await reached(devices[0]!) === count - 1,
  );
  const figures = {
    devices: count,
    pairs: pairings.length,
    pair: times(pairings),
    back: performance.now() - began,
    alone: times(memory),
    paired,
    descriptors,
    idleBytes: Math.round(idleBytes),
    idleCpu: times(idleCpu.map((part) => part * 1000)),
  };
  await Promise.all(nodes.map((node) => node.close()));
  await Promise.all(devices.map((daemon) => daemon[Symbol.asyncDispose]()));
  return figures;
}

if (import.meta.main) {
  console.log(JSON.stringify(await measure(Number(Deno.args[0]))));
  Deno.exit(0);
}
