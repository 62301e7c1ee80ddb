import { dirname, fromFileUrl, join } from "@std/path";
import { GpmdClient } from "../gpmd/client.ts";
import { startDaemon } from "../gpmd/start.ts";
import { AgentProcess } from "./agent_process.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));

/** Where contestants run: a store and ports of their own, and all that has to be ended when the bench ends. */
export class Arena implements AsyncDisposable {
  /** Few and short rounds, to see that everything works. */
  readonly quick: boolean;
  /** Where files may be written. */
  readonly directory: string;
  readonly #settings: { home: string; commandPort: number; gmpPort: number };
  readonly #kept = new Map<string, Promise<unknown>>();
  readonly #stack = new AsyncDisposableStack();

  /** An arena in which nothing runs yet. */
  constructor(quick: boolean) {
    this.quick = quick;
    this.directory = Deno.makeTempDirSync({ prefix: "ghost-bench-" });
    this.#settings = { home: join(this.directory, "store"), commandPort: freePort(), gmpPort: freePort() };
    this.#stack.defer(() => Deno.remove(this.directory, { recursive: true }));
    // Nodes and daemons start "deno": let it be this one.
    Deno.env.set("PATH", `${dirname(Deno.execPath())}:${Deno.env.get("PATH")}`);
  }

  /** The settings of its daemon. */
  get settings(): Readonly<{ home: string; commandPort: number; gmpPort: number }> {
    return this.#settings;
  }

  /** The variables by which a command or node finds its daemon. */
  get env(): Record<string, string> {
    const { home, commandPort, gmpPort } = this.#settings;
    return { GHOST_HOME: home, GHOST_COMMAND_PORT: String(commandPort), GHOST_GMP_PORT: String(gmpPort) };
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

  /** The daemon, which has the modules `math` and `bench`; its process id. */
  daemon(): Promise<number> {
    return this.once("daemon", async () => {
      const { pid } = await startDaemon(this.#settings);
      this.defer(async () => {
        await using client = await GpmdClient.connect(this.#settings);
        await client.kill();
      });
      await using client = await GpmdClient.connect(this.#settings);
      for (
        const [name, path] of [["math", "examples/math/math.wasm"], [
          "bench",
          "bench/modules/bench.wasm",
        ]] as const
      ) {
        await client.upload({ name, version: "v1", module: Deno.readFileSync(join(ROOT, path)) });
      }
      return pid;
    });
  }

  /** The node of that name, in a process of its own. */
  node(name: string, executors = 8): Promise<AgentProcess> {
    return this.once(`node ${name}`, async () => {
      await this.daemon();
      const agent = this.use(AgentProcess.deno("ghost_node", [], this.env));
      await agent.ask("start", name, executors);
      return agent;
    });
  }

  /** Two nodes, the first of which is connected to the second. */
  async pair(): Promise<{ caller: AgentProcess; called: AgentProcess }> {
    const [caller, called] = [await this.node("caller"), await this.node("called")];
    await this.once("pair", () => caller.ask("connect", "called"));
    return { caller, called };
  }

  /** Ends everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** A loopback port that nobody has. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
