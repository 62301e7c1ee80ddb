/**
 * A network for tests: a real daemon with modules, and nodes in the test's own process with real executors.
 */
import { assertEquals } from "@std/assert";
import type { GpmdClient } from "../../gpmd/client/client.ts";
import { GhostNode } from "../../gvm/node/ghost_node.ts";
import type { ModuleRun } from "../../gvm/calls/module_run.ts";
import type { GhostNodeEvents, GhostNodeOptions } from "../../gvm/node/node_options.ts";
import { childrenOf } from "../gvm/harness.ts";
import { eventually } from "./commands.ts";
import { startDaemon, type TestDaemon } from "./daemon_process.ts";

/** The examples, which every network has as v0.0.1, and `program` out of the fixtures. */
const EXAMPLES = ["math", "greet", "counter"] as const;
/** Those that a test uploads itself. */
const OTHERS = ["greeter"];
/** Components among the fixtures. */
const COMPONENTS = ["flows"];

/** See the head of this file. */
export class Network implements AsyncDisposable {
  readonly #nodes: GhostNode[] = [];
  readonly #processesBefore: ReadonlySet<number>;

  private constructor(readonly daemon: TestDaemon, readonly gpmd: GpmdClient, before: ReadonlySet<number>) {
    this.#processesBefore = before;
  }

  /** Starts the daemon and uploads the modules. */
  static async start(): Promise<Network> {
    const before = new Set(childrenOf(Deno.pid));
    const daemon = await startDaemon();
    const network = new Network(daemon, await daemon.connect(), before);
    for (const name of [...EXAMPLES, "program"]) await network.upload(name, "v0.0.1", name);
    return network;
  }

  /** A node of that name. */
  async node(name?: string, options: GhostNodeOptions = {}): Promise<GhostNode> {
    const { settings, secret } = this.daemon;
    const node = await GhostNode.start({
      ...settings,
      secret,
      ...(name === undefined ? {} : { name }),
      ...options,
    });
    this.#nodes.push(node);
    return node;
  }

  /** Two nodes, the first connected to the second. */
  async pair(options: GhostNodeOptions = {}): Promise<[GhostNode, GhostNode]> {
    const [here, there] = await Promise.all([this.node("here", options), this.node("there", options)]);
    await here.connect("there");
    return [here, there];
  }

  /** Two nodes of those names, not connected, each with one executor that is there already, for this node and all its peers. */
  async smallPair(one: string, two: string, options: GhostNodeOptions = {}): Promise<[GhostNode, GhostNode]> {
    const small = { ...options, executors: 1 };
    const pair = await Promise.all([this.node(one, small), this.node(two, small)]);
    await Promise.all(pair.map((node) => node.warm()));
    return pair;
  }

  /** Publishes a module: its bytes, or the name of an example or fixture. */
  async upload(name: string, version: string, module: string | Uint8Array<ArrayBuffer>): Promise<void> {
    await this.gpmd.upload({
      name,
      version,
      module: typeof module === "string" ? readModule(module) : module,
    });
  }

  /** A step of `t` with nodes of its own: none is there when it begins, and those that it starts are closed at its end. */
  async step(t: Deno.TestContext, name: string, test: () => Promise<void>): Promise<void> {
    await t.step(name, async () => {
      try {
        await test();
      } finally {
        await Promise.all(this.#nodes.splice(0).map((node) => node.close()));
      }
      // A goodbye goes by a connection of its own, which GPMD may read late.
      await eventually("the end of the nodes", async () => (await this.gpmd.nodes()).length === 0);
      assertEquals(this.executors(), [], "executors are left");
    });
  }

  /** The processes of this test that are no daemon: the executors of its nodes. */
  executors(): number[] {
    return childrenOf(Deno.pid).filter((pid) => pid !== this.daemon.pid && !this.#processesBefore.has(pid));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.close()));
    assertEquals(this.executors(), [], "executors are left");
    await this.gpmd.close();
    await this.daemon[Symbol.asyncDispose]();
  }
}

/** The bytes of an example, or of a fixture of tests/gvm. */
export function readModule(name: string): Uint8Array<ArrayBuffer> {
  const file = [...EXAMPLES, ...OTHERS].includes(name)
    ? `../../examples/${name}/${name}.wasm`
    : `../gvm/${COMPONENTS.includes(name) ? "component/" : ""}fixtures/${name}.wasm`;
  return Deno.readFileSync(new URL(file, import.meta.url));
}

/** A run of the fixture `program` on a node, once it has begun to loop for ever. */
export async function startLoop(node: GhostNode, on?: string): Promise<ModuleRun> {
  const run = node.run("program", ["loop"], { on });
  await run[Symbol.asyncIterator]().next(); // "one"
  return run;
}

/** The next event of that name. */
export function nextEvent<K extends keyof GhostNodeEvents>(
  node: GhostNode,
  name: K,
): Promise<GhostNodeEvents[K]> {
  return new Promise((resolve) => {
    const stop = node.on(name, (event) => {
      stop();
      resolve(event);
    });
  });
}
