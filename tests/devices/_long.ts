/** The long form of the tests of several devices, for `deno task soak devices`; docs/reliability.md has the figures. */
import { callOverBadLine, FAULTS, strike, withScene } from "./_faults.ts";
import { inNamespace, Lan, type LanDevice } from "../tools/lan.ts";
import { soakCable } from "./_soak.ts";
import { descriptorsOf, knock, settled, silentConnections, steadyConnections } from "./_strangers.ts";

/** Megabytes and descriptors by the hour that a process may grow. */
const MEMORY_SLOPE = 60;
const DESCRIPTOR_SLOPE = 60;

/** Runs that program with so many devices in a network of its own. */
async function inOneNetwork(program: string, devices: number): Promise<void> {
  await using lan = await Lan.make();
  const { namespace } = await lan.device("many", "10.77.0.1/16");
  const run = inNamespace(namespace, new URL(program, import.meta.url), `${devices}`);
  const { success } = await new Deno.Command("ip", { args: run, stdout: "inherit", stderr: "inherit" })
    .output();
  if (!success) throw new Error("it has failed");
}

const RUNS: Readonly<Record<string, (minutes: number) => Promise<void>>> = {
  faults: () =>
    withScene(async (scene) => {
      for (const [name, happening] of Object.entries(FAULTS)) {
        console.log(name, await strike(name, happening, scene));
      }
    }),
  "bad-line": async () => console.log(await callOverBadLine(10_000, { delay: 20, loss: 0.02 })),
  strangers: () =>
    withScene(async (scene) => {
      const places = [
        await scene.lan.device("one", "10.77.0.3/16"),
        await scene.lan.device("two", "10.77.0.4/16"),
      ];
      const [place] = places as [LanDevice, LanDevice];
      await knock(scene, place);
      const before = descriptorsOf(scene.laptop);
      console.log("500 silent", await silentConnections(scene, place, { count: 250, time: 10_000 }));
      const steady = { perSecond: 3, time: 60_000 };
      console.log("3 a second", await steadyConnections(scene, [place], steady));
      console.log("3 a second from two addresses", await steadyConnections(scene, places, steady));
      await settled(scene.laptop, before);
    }),
  many: () => inOneNetwork("./_many.ts", 50),
  mesh: () => inOneNetwork("./_mesh.ts", 24),
  cable: (minutes) =>
    withScene(async (scene) => {
      const figures = await soakCable(scene, minutes * 60_000);
      console.log(figures);
      const growing = figures.processes.filter((one) =>
        one.memorySlope > MEMORY_SLOPE || one.descriptorSlope > DESCRIPTOR_SLOPE
      );
      if (growing.length > 0) throw new Error(`what grows: ${growing.map(({ name }) => name).join(", ")}`);
    }),
};

/** The runs by name. */
export const DEVICE_RUNS: readonly string[] = Object.keys(RUNS);

/** Does those of the runs, one after the other; that of the cable takes `minutes`. */
export async function runDevices(names: readonly string[], minutes: number): Promise<void> {
  for (const name of names) {
    const run = RUNS[name];
    if (run === undefined) throw new Error(`"${name}" is none of ${DEVICE_RUNS.join(", ")}`);
    console.log(`${name}:`);
    await run(minutes);
  }
}
