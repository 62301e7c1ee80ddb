/** Two of everything: what must be one is started, uploaded, named or connected twice at the same instant. */
import { assert, assertEquals } from "@std/assert";
import { exists } from "@std/fs/exists";
import { GpmdClient } from "../../gpmd/client/client.ts";
import { launchDaemon } from "../../gpmd/start/launch.ts";
import { startDaemon as startDetachedDaemon } from "../../gpmd/start/start.ts";
import { GhostError } from "../../gmp/errors.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import type { GhostNode } from "../../gvm/node/ghost_node.ts";
import { moduleOf, sha256, temporaryHome } from "../gpmd/_modules.ts";
import { connectNode, getBytes } from "../gpmd/_node.ts";
import { freePorts } from "../tools/daemon_process.ts";
import { eventually } from "../tools/commands.ts";
import { ended } from "../tools/ended_processes.ts";
import type { Network } from "../tools/network.ts";

/** Two that start a daemon at once with the same settings: both have the same one, and it is the only one. */
export async function raceToStart(): Promise<void> {
  using place = temporaryHome();
  const settings = { home: place.home, ...freePorts() };
  const started = await Promise.all([startDetachedDaemon(settings), startDetachedDaemon(settings)]);
  await using client = await GpmdClient.connect(settings);
  const { pid } = started[0];
  assertEquals(started.map((one) => one.pid), [pid, pid]);
  assertEquals(started.map((one) => one.alreadyRunning).sort(), [false, true]);
  assertEquals(await client.kill(), pid);
  await ended(pid);
}

/** Two daemons that start at once on one home and ports of their own: one of them is told of the other. */
export async function raceForHome(): Promise<void> {
  using place = temporaryHome();
  const settings = { home: place.home, commandPort: 0, gmpPort: 0 };
  assertEquals(await raceOf([settings, settings]), "GPMD_ALREADY_RUNNING");
}

/** Two daemons that start at once on one pair of ports and homes of their own: the one that is late leaves nothing behind. */
export async function raceForPorts(): Promise<void> {
  using one = temporaryHome();
  using other = temporaryHome();
  const ports = freePorts();
  assertEquals(await raceOf([{ home: one.home, ...ports }, { home: other.home, ...ports }]), "PORT_IN_USE");
  const areThere = await Promise.all([one, other].map(({ home }) => exists(home)));
  assertEquals(areThere.sort(), [false, true]);
}

/** Launches two daemons, of which one must start; returns the code with which the other does not. */
async function raceOf(settings: readonly Settings[]): Promise<string> {
  const outcomes = await Promise.allSettled(
    settings.map((one) => launchDaemon(one, { attached: true, echo: false })),
  );
  const [winner] = outcomes.filter((one) => one.status === "fulfilled");
  const [loser] = outcomes.filter((one) => one.status === "rejected");
  assert(winner !== undefined && loser !== undefined, JSON.stringify(outcomes));
  await winner.value.process.stdin.close();
  assertEquals((await winner.value.process.status).code, 0);
  return GhostError.from(loser.reason).code;
}

/** Uploads `rounds` versions, each twice at once with other bytes: one is published, the other is told, none is a mix. */
export async function raceToUpload({ daemon }: Network, rounds: number): Promise<void> {
  await using one = await daemon.connect();
  await using other = await daemon.connect();
  await using node = await connectNode(daemon);
  for (let round = 0; round < rounds; round++) {
    const version = `v${round}.0.0`;
    const size = Math.floor(64 * 10_000 ** Math.random());
    const modules = [moduleOf(size, 1), moduleOf(size, 2)] as const;
    const outcomes = await Promise.allSettled([
      one.upload({ name: "raced", version, module: modules[0] }),
      other.upload({ name: "raced", version, module: modules[1] }),
    ]);
    const winner = outcomes.findIndex(({ status }) => status === "fulfilled");
    const loser = outcomes[1 - winner];
    assert(winner >= 0 && loser?.status === "rejected", JSON.stringify(outcomes));
    assertEquals(loser.reason.code, "VERSION_EXISTS");
    const { bytes } = await getBytes(node.channel, { name: "raced", version });
    assertEquals(await sha256(bytes.slice()), await sha256(modules[winner]!));
  }
}

/** The same bytes twice at once, `rounds` times: both are told that they are published, one that they were before. */
export async function raceToUploadTheSame({ daemon }: Network, rounds: number): Promise<void> {
  await using one = await daemon.connect();
  await using other = await daemon.connect();
  const module = moduleOf(100_000);
  for (let round = 0; round < rounds; round++) {
    const upload = { name: "same", version: `v${round}.0.0`, module };
    const published = await Promise.all([one.upload(upload), other.upload(upload)]);
    assertEquals(published.map(({ unchanged }) => unchanged).sort(), [false, true]);
  }
}

/** Each number of the test's own randomness that a node may draw its name from is the same, the first time. */
export async function raceForDrawnNames(network: Network, nodes: number): Promise<void> {
  const { getRandomValues } = crypto;
  let draws = 0;
  crypto.getRandomValues = (array) => {
    const drawn = getRandomValues.call(crypto, array) as typeof array;
    if (drawn instanceof Uint16Array && draws++ < nodes) drawn[0] = 4488;
    return drawn;
  };
  let started: GhostNode[];
  try {
    started = await Promise.all(Array.from({ length: nodes }, () => network.node()));
  } finally {
    crypto.getRandomValues = getRandomValues;
  }
  assert(draws > nodes, "no node had to draw again");
  const names = started.map(({ name }) => name).sort();
  assertEquals(new Set(names).size, nodes);
  assert(names.includes("node-5488"));
  assertEquals(await started[0]!.discover(), names);
  await Promise.all(started.map((node) => node.close())); // none hears of what others do from here on
}

/** Nodes that are all given one name: it goes to one of them. */
export async function raceForName(network: Network, nodes: number): Promise<void> {
  const outcomes = await Promise.allSettled(Array.from({ length: nodes }, () => network.node("node-1")));
  const refused = outcomes.filter((one) => one.status === "rejected");
  assertEquals(refused.map(({ reason }) => reason.code), Array(nodes - 1).fill("NAME_TAKEN"));
}

/** Two nodes that connect to each other at the same instant, again and again. */
export async function raceToConnect(network: Network, rounds: number): Promise<void> {
  const nodes = await Promise.all([network.node("one"), network.node("other")]);
  const [one, other] = nodes;
  for (let round = 0; round < rounds; round++) {
    await Promise.all([one.connect("other"), later(Math.random() * 3).then(() => other.connect("one"))]);
    await checkConnected(nodes);
    await Promise.all([one.disconnect("other"), other.disconnect("one").catch(expectNotConnected)]);
    await eventually("the end of the connection", () => nodes.every((node) => node.list().length === 0));
  }
  await eventually("the end of the executors", () => network.executors().length === 0);
}

/** Three nodes of which each connects to the next at the same instant, again and again. */
export async function raceInRing(network: Network, rounds: number): Promise<void> {
  const nodes = await Promise.all(["a", "b", "c"].map((name) => network.node(name)));
  for (let round = 0; round < rounds; round++) {
    await Promise.all(
      nodes.map((node, i) => later(Math.random() * 3).then(() => node.connect(nodes[(i + 1) % 3]!.name))),
    );
    await checkConnected(nodes);
    await Promise.all(nodes.map((node, i) => node.disconnect(nodes[(i + 1) % 3]!.name)));
    await eventually("the end of the connections", () => nodes.every((node) => node.list().length === 0));
  }
  await eventually("the end of the executors", () => network.executors().length === 0);
}

/** Every node calls every other one. */
async function checkConnected(nodes: readonly GhostNode[]): Promise<void> {
  for (const node of nodes) {
    const others = nodes.filter((other) => other !== node).map(({ name }) => name);
    assertEquals(node.list().sort(), others);
    for (const on of others) assertEquals(await node.call("math.mul", [6, 7], { on }), 42);
  }
}

function expectNotConnected(error: unknown): void {
  assertEquals((error as GhostError).code, "NOT_CONNECTED");
}

function later(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
