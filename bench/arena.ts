import { fromFileUrl, join } from "@std/path";
import { AgentProcess } from "./agent_process.ts";
import { BenchDaemon, useThisDeno } from "./daemon.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));
const MODULES = {
  math: "examples/math/math.wasm",
  bench: "bench/modules/bench.wasm",
  greeter: "examples/greeter/greeter.wasm",
};

/** Where contestants run, and all that has to be ended when the bench ends. */
export class Arena implements AsyncDisposable {
  /** Few and short rounds, to see that everything works. */
  readonly quick: boolean;
  /** Where files may be written. */
  readonly directory: string;
  readonly #kept = new Map<string, Promise<unknown>>();
  readonly #stack = new AsyncDisposableStack();

  /** An arena in which nothing runs yet. */
  constructor(quick: boolean) {
    this.quick = quick;
    this.directory = Deno.makeTempDirSync({ prefix: "ghost-bench-" });
    this.#stack.defer(() => Deno.remove(this.directory, { recursive: true }));
    useThisDeno();
  }

  /** What `make` makes, once for each key. */
  once<T>(key: string, make: () => Promise<T>): Promise<T> {
    const made = this.#kept.get(key) as Promise<T> | undefined ?? make();
    this.#kept.set(key, made);
    return made;
  }

  /** Ends `resource` when the bench ends. */
  use<T extends AsyncDisposable>(resource: T): T {
    return this.#stack.use(resource);
  }

  /** Does `action` when the bench ends. */
  defer(action: () => Promise<void> | void): void {
    this.#stack.defer(action);
  }

  /** The daemon, which has the modules `math`, `bench` and `greeter`. */
  daemon(): Promise<BenchDaemon> {
    return this.once("daemon", async () => {
      const daemon = this.use(await BenchDaemon.start(this.directory));
      for (const [name, path] of Object.entries(MODULES)) {
        await daemon.upload(name, await Deno.readFile(join(ROOT, path)));
      }
      return daemon;
    });
  }

  /** The node of that name, in a process of its own. */
  node(name: string): Promise<AgentProcess> {
    return this.once(`node ${name}`, async () => {
      const { env } = await this.daemon();
      const agent = this.use(AgentProcess.deno("ghost_node", { env }));
      await agent.ask("start", name);
      return agent;
    });
  }

  /** The node of that name, connected to the node `to`. */
  connected(name: string, to: string): Promise<AgentProcess> {
    return this.once(`${name} to ${to}`, async () => {
      await this.node(to);
      const agent = await this.node(name);
      await agent.ask("connect", to);
      return agent;
    });
  }

  /** Ends everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
