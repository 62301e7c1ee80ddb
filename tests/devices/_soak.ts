/** Two devices whose cable goes in and out at random while one calls the other. */
import { assert } from "@std/assert";
import { pause } from "../../gmp/async/pause.ts";
import { keeperOf } from "../gpmd/link/_processes.ts";
import { figuresOf, look, type ProcessFigures, type Sample } from "../soak/_measure.ts";
import type { CallerReport } from "./_caller.ts";
import type { Scene } from "./_faults.ts";
import { watchSockets } from "./_sockets.ts";

/** Milliseconds that the cable is in at most, and out: long enough to be given up every now and then. */
const LONGEST_IN = 6000;
const LONGEST_OUT = 9000;
const LONGEST_LOSS = 26_000;
/** The part of the times without cable in which it is out for longer than a device is waited for. */
const LOSSES = 0.1;

/** What came of a soak. */
interface DeviceSoakFigures extends CallerReport {
  /** How often the cable was out. */
  readonly cuts: number;
  /** Milliseconds until calls were answered again after the cable was in: the most. */
  readonly slowest: number;
  readonly processes: readonly ProcessFigures[];
}

/** How often the cable goes out at least, however slow the machine is. */
const LEAST_CUTS = 2;

/** Pulls the cable at random for that many milliseconds; at most `longest` each time, and now and then for longer. */
export async function soakCable(
  scene: Scene,
  milliseconds: number,
  longest = LONGEST_OUT,
): Promise<DeviceSoakFigures> {
  await using _sockets = watchSockets(scene.laptop, scene.pi);
  const watched = processesOf(scene).map(([name, pid]) => ({ name, pid, samples: [] as Sample[] }));
  const lookAll = () => {
    for (const { pid, samples } of watched) {
      const sample = look(pid);
      if (sample !== undefined) samples.push(sample);
    }
  };
  const random = (most: number) => pause(100 + Math.random() * most, new AbortController().signal);
  const end = performance.now() + milliseconds;
  let [cuts, slowest] = [0, 0];
  lookAll();
  for (; performance.now() < end || cuts < LEAST_CUTS; cuts++) {
    await random(Math.min(longest, LONGEST_IN));
    await scene.pi.place.cable("down");
    await random(longest === LONGEST_OUT && Math.random() < LOSSES ? LONGEST_LOSS : longest);
    await scene.pi.place.cable("up");
    const back = await scene.calls.fresh();
    assert(back < 15_000, `answers after ${back} ms`);
    slowest = Math.max(slowest, back);
    lookAll();
  }
  const report = await scene.calls.check();
  const processes = watched.map(({ name, samples }) => figuresOf(name, samples));
  return { ...report, cuts, slowest: Math.round(slowest), processes };
}

/** The processes that live as long as the devices do. */
function processesOf({ laptop, pi }: Scene): [string, number][] {
  return [["laptop", laptop], ["pi", pi]].flatMap(([name, device]) => {
    const { gpmd, link, nodes } = device as typeof laptop;
    return [
      [`gpmd of ${name}`, gpmd],
      [`link of ${name}`, link],
      [`keeper of ${name}`, keeperOf(link)],
      ...nodes.map((node) => [`node of ${name}`, node]),
    ] as [string, number][];
  });
}
