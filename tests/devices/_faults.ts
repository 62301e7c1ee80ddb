/** What happens between two paired devices while a node of one calls a node of the other. */
import { assert } from "@std/assert";
import { pause } from "../../gmp/async/pause.ts";
import { Lan } from "../tools/lan.ts";
import { Calls } from "./_calls.ts";
import type { CallerReport } from "./_caller.ts";
import { NetworkDevice, pair, upload } from "./_device.ts";
import { type Badness, spoilLine } from "./_lossy_cable.ts";
import { watchSockets } from "./_sockets.ts";

/** Milliseconds within which calls are answered again, and for a device that has moved to another address. */
const BACK_TIME = 15_000;
const BACK_TIME_OF_ADDRESS = 25_000;

/** Where the two devices are. */
const ADDRESSES = ["10.77.0.1/16", "10.77.0.2/16"] as const;
/** Nobody wants a fault to be over sooner. */
const NEVER = new AbortController().signal;

/** Two paired devices, and calls from a node of `pi` to `node-1@laptop`. */
export interface Scene {
  /** The network, for more devices. */
  readonly lan: Lan;
  /** The device with the node that is called. */
  readonly laptop: NetworkDevice;
  /** The device that calls. */
  readonly pi: NetworkDevice;
  /** The calls. */
  readonly calls: Calls;
}

/** Something that happens; resolves when it is over and all should be well again soon. */
type Happening = (scene: Scene) => Promise<void>;

/** What came of it. */
interface FaultFigures extends CallerReport {
  /** Milliseconds from its end until every caller had an answer to a call that began then. */
  readonly back: number;
}

/** The cable is out for that many milliseconds. */
function cableOut(milliseconds: number): Happening {
  return async ({ pi: { place } }) => {
    await place.cable("down");
    await pause(milliseconds, NEVER);
    await place.cable("up");
  };
}

/** The device that is called has another address from now on. */
const addressChanged: Happening = ({ laptop: { place } }) => place.move("10.77.0.9/16");

/** The link of either device is killed, one after the other. */
function linkKilled(device: "laptop" | "pi"): Happening {
  return (scene) => {
    Deno.kill(scene[device].link, "SIGKILL");
    return Promise.resolve();
  };
}

/** GPMD of the device that is called is killed, and started again by its user. */
const gpmdKilled: Happening = async ({ laptop }) => {
  Deno.kill(laptop.gpmd, "SIGKILL");
  await laptop.startGpmd();
};

/** All processes of the device that is called are stopped for that many milliseconds. */
function asleep(milliseconds: number): Happening {
  return async ({ laptop }) => {
    const wake = laptop.sleep();
    await pause(milliseconds, NEVER);
    wake();
  };
}

/** Every fault of the suite, by name. */
export const QUICK_FAULTS: Readonly<Record<string, Happening>> = {
  "cable out 1 s": cableOut(1000),
  "link of the called device killed": linkKilled("laptop"),
  "link of the calling device killed": linkKilled("pi"),
  "GPMD killed": gpmdKilled,
  "asleep 1 s": asleep(1000),
};

/** Those of the long form. */
export const FAULTS: Readonly<Record<string, Happening>> = {
  "cable out 10 s": cableOut(10_000),
  "cable out 60 s": cableOut(60_000),
  "link of the called device killed": linkKilled("laptop"),
  "link of the calling device killed": linkKilled("pi"),
  "GPMD killed": gpmdKilled,
  "asleep 60 s": asleep(60_000),
  "address changed": addressChanged,
};

/** How a scene is. */
interface SceneOptions {
  /** How bad the line between the devices is; it is good by default. */
  readonly badness?: Badness;
  /** Milliseconds from an answer to the caller's next call, none by default: then calls take all processor time that there is. */
  readonly pause?: number;
}

/** Runs `test` with two paired devices in networks of their own, one of them calling the other; nothing of it is left. */
export async function withScene(
  test: (scene: Scene) => Promise<void>,
  { badness, pause: pauseOfCalls = 0 }: SceneOptions = {},
): Promise<void> {
  await using lan = await Lan.make();
  const places = [await lan.device("laptop", ADDRESSES[0]), await lan.device("pi", ADDRESSES[1])] as const;
  await using _line = badness === undefined
    ? undefined
    : await spoilLine([[places[0], ADDRESSES[0]], [places[1], ADDRESSES[1]]], badness);
  await using laptop = await NetworkDevice.at(places[0]);
  await using pi = await NetworkDevice.at(places[1]);
  await pair(laptop, pi);
  await upload(laptop, "counter", "math", "waits");
  await laptop.node("node-1");
  await using calls = await Calls.start(pi, "node-1@laptop", pauseOfCalls);
  await test({ lan, laptop, pi, calls });
}

/** Lets `happening` happen, and waits until all is well. Fails when a call ran twice, or never ended. */
export async function strike(name: string, happening: Happening, scene: Scene): Promise<FaultFigures> {
  await using _sockets = watchSockets(scene.laptop, scene.pi);
  await happening(scene);
  const back = await scene.calls.fresh();
  const limit = happening === addressChanged ? BACK_TIME_OF_ADDRESS : BACK_TIME;
  assert(back < limit, `${name}: answers after ${back} ms`);
  return { ...await scene.calls.check(), back };
}

/** Makes at least `calls` calls over a bad line; every one is answered, rightly and once. */
export async function callOverBadLine(calls: number, badness: Badness): Promise<CallerReport> {
  let report: CallerReport | undefined;
  await withScene(async (scene) => {
    await using _sockets = watchSockets(scene.laptop, scene.pi);
    do {
      await scene.calls.fresh();
      report = await scene.calls.check();
    } while (report.answered < calls);
  }, { badness });
  return report!;
}
