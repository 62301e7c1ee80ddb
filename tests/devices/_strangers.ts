/** Strangers in the network of two paired devices, one of which calls the other. */
import { assert, assertEquals } from "@std/assert";
import { pause } from "../../gmp/async/pause.ts";
import { fromFileUrl } from "@std/path";
import { eventually } from "../tools/commands.ts";
import type { LanDevice } from "../tools/lan.ts";
import type { Calls } from "./_calls.ts";
import type { NetworkDevice } from "./_device.ts";
import type { Scene } from "./_faults.ts";

/** Bytes of libp2p's own that whoever connects gets: names of its protocols. */
const GREETING = 128;
/** The ports of a link: its own, and its lane's. */
const PORTS = ["5990", "5991"];
/** The address of the device that is called. */
const HOST = "10.77.0.1";

/** How calls were answered, in milliseconds. */
interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/** Calls without strangers, and with them. */
interface Disturbance {
  readonly before: Latency;
  readonly during: Latency;
}

/** A stranger's program, in a network place of its own. */
function stranger({ namespace }: LanDevice, path: string, ...args: string[]): Deno.ChildProcess {
  const program = fromFileUrl(new URL(path, import.meta.url));
  const flags = ["run", "-A", "--quiet", "--no-check", program, ...args];
  return new Deno.Command("ip", {
    args: ["netns", "exec", namespace, Deno.execPath(), ...flags],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
}

/** Runs `during` while strangers at `places` do what `args` say. */
async function withStrangers(
  places: readonly LanDevice[],
  args: readonly string[],
  during: () => Promise<void>,
): Promise<void> {
  const started = places.map((place) => stranger(place, "./_stranger.ts", ...args));
  const readers = started.map(({ stdout }) => stdout.getReader());
  await Promise.all(readers.map((reader) => reader.read()));
  try {
    await during();
  } finally {
    for (const { stdin } of started) await stdin.close();
    await Promise.all(started.map(({ status }) => status));
    await Promise.all(readers.map((reader) => reader.cancel()));
  }
}

/** How calls are answered for that many milliseconds. */
async function latency(calls: Calls, milliseconds: number): Promise<Latency> {
  await calls.report();
  await pause(milliseconds, new AbortController().signal);
  const { p50, p99 } = await calls.check();
  return { p50, p99 };
}

/** Descriptors of the link of `device`. */
export function descriptorsOf({ link }: NetworkDevice): number {
  return Array.from(Deno.readDirSync(`/proc/${link}/fd`)).length;
}

/** Resolves when the link of `device` has as many descriptors as `before` again, give or take one that is being used. */
export async function settled(device: NetworkDevice, before: number): Promise<void> {
  await eventually("the descriptors", () => descriptorsOf(device) <= before + 2);
}

/** A stranger tries every port of the device that is called, and every way into its link. */
export async function knock({ laptop, pi }: Scene, place: LanDevice): Promise<void> {
  // What a stranger could have overheard: whom it dials.
  const [{ id }] = JSON.parse((await pi.lines("device", "list", "--json")).join(""));
  const knocking = stranger(place, "./_knocking_stranger.ts", HOST, id);
  await knocking.stdin.close();
  const { stdout } = await knocking.output();
  const { rawAtLink, rawAtLane, ...others } = JSON.parse(new TextDecoder().decode(stdout));
  assert(rawAtLink <= GREETING && rawAtLane <= GREETING, `${rawAtLink}, ${rawAtLane} bytes`);
  assertEquals(others, { withoutCertificate: 0, withOwnCertificate: 0, protocols: [] });
  for (const port of await loopbackPorts(laptop)) {
    const args = ["netns", "exec", place.namespace, "bash", "-c", `exec 3<>/dev/tcp/${HOST}/${port}`];
    const { success } = await new Deno.Command("ip", { args, stderr: "null" }).output();
    assertEquals(success, false, `port ${port} can be reached`);
  }
}

/** The ports on which anything but the link of `device` listens. */
async function loopbackPorts(device: NetworkDevice): Promise<number[]> {
  const { stdout } = await device.command(["ss", "-Htln"]).output();
  const ports = Array.from(
    new TextDecoder().decode(stdout).matchAll(/127\.0\.0\.1:(\d+)\s/g),
    ([, port]) => Number(port),
  );
  assert(ports.includes(1111) && ports.includes(5989) && ports.length >= 4, `${ports}`);
  return ports;
}

/** Of each port `count` connections that say nothing, or little: calls go on. */
export async function silentConnections(
  { calls }: Scene,
  place: LanDevice,
  { count, time }: { readonly count: number; readonly time: number },
): Promise<Disturbance> {
  const before = await latency(calls, time);
  let during = before;
  await withStrangers([place], ["hold", HOST, `${count}`, ...PORTS], async () => {
    await calls.fresh();
    during = await latency(calls, time);
  });
  return { before, during };
}

/** Strangers at all `places` connect `perSecond` times a second to each port, for `time` milliseconds. */
export async function steadyConnections(
  { calls }: Scene,
  places: readonly LanDevice[],
  { perSecond, time }: { readonly perSecond: number; readonly time: number },
): Promise<Disturbance> {
  const before = await latency(calls, Math.min(time, 10_000));
  let during = before;
  await withStrangers(places, ["keep", HOST, `${perSecond}`, ...PORTS], async () => {
    during = await latency(calls, time);
  });
  return { before, during };
}
