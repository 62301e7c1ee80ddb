/** Networks of their own for devices: namespaces of Linux with cables between them. They need root and iproute2. */
import type { Arena } from "./arena.ts";

/** What is missing where there can be no namespaces. */
const NAMESPACES = "network namespaces: Linux, root and iproute2";

/** A network in which processes can be started. */
export interface Namespace {
  /** Its name, as `ip netns` knows it. */
  readonly name: string;
  /** Its address, of 10.77.0.0/16. */
  readonly address: string;
}

/** Two networks with a cable between them. */
export interface Cable {
  readonly here: Namespace;
  readonly there: Namespace;
}

/** What is missing to have namespaces here; nothing when they can be made. */
export function whyNoNamespaces(arena: Arena): Promise<string | undefined> {
  return arena.once("namespaces", async () => {
    const name = newName();
    try {
      await ip("netns", "add", name);
      await ip("netns", "del", name);
      return undefined;
    } catch {
      return NAMESPACES;
    }
  });
}

/** Two networks with a cable between them, which are gone when the bench ends. */
export async function makeCable(arena: Arena): Promise<Cable> {
  const [here, there] = [await makeNamespace(arena), await makeNamespace(arena)];
  await connect(here, there, 0);
  return { here: { name: here, address: "10.77.0.1" }, there: { name: there, address: "10.77.0.2" } };
}

/** A third network, with a cable to each of the two; theirs is taken out by `cut`. */
export async function addHub(arena: Arena, { here, there }: Cable): Promise<Namespace> {
  const name = await makeNamespace(arena);
  await connect(name, here.name, 1);
  await connect(name, there.name, 2);
  return { name, address: "10.77.1.1" };
}

/** Takes the cable between the two out. */
export async function cut({ here }: Cable): Promise<void> {
  await ip("-n", here.name, "link", "set", "cable0", "down");
}

/** Lets nobody in `namespace` dial that port. */
export async function forbidPort({ name }: Namespace, port: number): Promise<void> {
  await ip("-n", name, "rule", "add", "ipproto", "tcp", "dport", String(port), "prohibit");
}

/** The processes in `namespace`. */
export function processesIn({ name }: Pick<Namespace, "name">): number[] {
  const { stdout } = new Deno.Command("ip", { args: ["netns", "pids", name] }).outputSync();
  return new TextDecoder().decode(stdout).trim().split("\n").filter((line) => line !== "").map(Number);
}

/** The program and arguments that start `program` in `namespace`, as the same process. */
export function startedIn(
  namespace: Namespace | undefined,
  program: string,
  args: readonly string[],
): [program: string, args: string[]] {
  if (namespace === undefined) return [program, [...args]];
  return ["ip", ["netns", "exec", namespace.name, program, ...args]];
}

function newName(): string {
  return `gb-${crypto.randomUUID().slice(0, 8)}`;
}

async function makeNamespace(arena: Arena): Promise<string> {
  const name = newName();
  await ip("netns", "add", name);
  arena.defer(async () => {
    for (const pid of processesIn({ name })) Deno.kill(pid, "SIGKILL"); // such as an epmd that a node has started
    await ip("netns", "del", name);
  });
  await ip("-n", name, "link", "set", "lo", "up");
  return name;
}

/** A cable whose ends are 10.77.`subnet`.1 at `one` and 10.77.`subnet`.2 at `other`. */
async function connect(one: string, other: string, subnet: number): Promise<void> {
  const end = `cable${subnet}`;
  await ip("-n", one, "link", "add", end, "type", "veth", "peer", "name", end, "netns", other);
  for (const [i, name] of [one, other].entries()) {
    await ip("-n", name, "addr", "add", `10.77.${subnet}.${i + 1}/24`, "dev", end);
    await ip("-n", name, "link", "set", end, "up");
  }
}

async function ip(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("ip", { args }).output();
  if (!success) throw new Error(`ip ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}
