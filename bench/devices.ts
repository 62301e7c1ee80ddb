/** Two devices in networks of their own: daemons, links and nodes as people have them. */
import { fromFileUrl, join } from "@std/path";
import { AgentProcess } from "./agent_process.ts";
import type { Arena } from "./arena.ts";
import { commandArgs, ROOT } from "./commands.ts";
import {
  addHub,
  type Cable,
  cut,
  forbidPort,
  makeCable,
  type Namespace,
  processesIn,
  startedIn,
} from "./network.ts";
import type { Ends } from "./placement.ts";
import { until } from "./waiting.ts";

/** How pipes get from one device to the other. */
export type Way = "lane" | "stream" | "relay";

/** Where links listen by default, and their lanes. */
const LINK_PORT = 5990;
const LANE_PORT = LINK_PORT + 1;
/** The networks of the bench. */
export const NETWORKS = "10.77.0.0/16";
/** The module that is called. */
const MATH = fromFileUrl(new URL("../examples/math/math.wasm", import.meta.url));

/** A device: the default ports in a network of its own, and a store of its own. */
class BenchDevice {
  /** Its network. */
  readonly namespace: Namespace;
  readonly #env: Record<string, string>;

  /** A device on which nothing runs yet, with its store in `directory`. */
  constructor(namespace: Namespace, directory: string) {
    this.namespace = namespace;
    this.#env = { GHOST_HOME: join(directory, namespace.name) };
  }

  /** Its store. */
  get home(): string {
    return this.#env.GHOST_HOME!;
  }

  /** Types `gpmd` with `args`; the lines that it prints. @throws {Error} when it fails. */
  async gpmd(...args: string[]): Promise<string[]> {
    const [program, given] = startedIn(this.namespace, Deno.execPath(), commandArgs("gpmd", args));
    const command = new Deno.Command(program, { args: given, cwd: ROOT, env: this.#env, stdin: "null" });
    const { success, stdout, stderr } = await command.output();
    const [out, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes).trimEnd());
    if (!success) throw new Error(`gpmd ${args.join(" ")}: ${error}`);
    return out!.split("\n");
  }

  /** Starts the agent of that name on it. */
  agent(arena: Arena, name: string): AgentProcess {
    return arena.use(AgentProcess.deno(name, { env: this.#env, namespace: this.namespace }));
  }

  /** All its processes. */
  readonly pids = (): number[] => processesIn(this.namespace);

  /** Its link's process. @throws {Error} when it has none. */
  link(): number {
    const isLink = (pid: number) =>
      Deno.readTextFileSync(`/proc/${pid}/cmdline`).includes(`--allow-write=${this.home}/link\0`);
    const found = this.pids().find(isLink);
    if (found === undefined) throw new Error("the device has no link");
    return found;
  }
}

/** Two paired devices, and the processes of each. */
interface DevicePair {
  readonly here: BenchDevice;
  readonly there: BenchDevice;
  readonly ends: Ends;
}

/** What the first device calls the second. */
export const PEER = "there";

/** Two paired devices whose pipes go by `way`. */
export function startDevices(arena: Arena, way: Way): Promise<DevicePair> {
  return arena.once(`devices, ${way}`, async () => {
    const cable = await makeCable(arena);
    const here = new BenchDevice(cable.here, arena.directory);
    const there = new BenchDevice(cable.there, arena.directory);
    // A lane is taken wherever one can be opened.
    if (way !== "lane") {
      for (const network of [cable.here, cable.there]) await forbidPort(network, LANE_PORT);
    }
    for (const device of [here, there]) {
      await device.gpmd("start");
      arena.defer(async () => void await device.gpmd("kill"));
    }
    await there.gpmd("wasm", "upload", "--name=math", "--version=v1.0.0", `--file=${MATH}`);
    const networks = `--link-networks=${NETWORKS}`;
    const [code] = await here.gpmd("device", "invite", networks);
    await there.gpmd("device", "join", code!, `--as=${PEER}`, "--name=here", networks);
    const relay = way === "relay" ? await startRelay(arena, cable, here, there) : undefined;
    await until(`a pipe by ${way}`, async () => await wayOf(here) === way);
    return {
      here,
      there,
      ends: { caller: here.pids, called: () => [...there.pids(), ...relay?.pids() ?? []] },
    };
  });
}

/** A third device, which carries what the two cannot send each other any more. */
async function startRelay(
  arena: Arena,
  cable: Cable,
  here: BenchDevice,
  there: BenchDevice,
): Promise<AgentProcess> {
  const namespace = await addHub(arena, cable);
  const directory = join(arena.directory, namespace.name);
  const relay = arena.use(AgentProcess.deno("relay", { namespace }));
  await relay.ask("start", directory, LINK_PORT, NETWORKS);
  for (const device of [here, there]) await relay.ask("join", (await device.gpmd("device", "invite"))[0]!);
  // A device that stops says so, where the end of a cable has to be waited for.
  await there.gpmd("kill");
  await cut(cable);
  await there.gpmd("start");
  return relay;
}

async function wayOf(device: BenchDevice): Promise<Way | undefined> {
  const devices = JSON.parse((await device.gpmd("device", "list", "--json")).join("\n")) as {
    readonly name: string;
    readonly way?: Way;
  }[];
  return devices.find(({ name }) => name === PEER)?.way;
}
