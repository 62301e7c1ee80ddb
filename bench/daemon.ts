import { dirname, join } from "@std/path";
import { GpmdClient } from "../gpmd/client/client.ts";
import { startDaemon } from "../gpmd/start/start.ts";
import type { Settings } from "../gmp/device/settings.ts";

/** Settings by which nobody else's daemon is disturbed: a store in `directory`, and free ports. */
export function newSettings(directory: string): Settings {
  return { home: join(directory, crypto.randomUUID()), commandPort: freePort(), gmpPort: freePort() };
}

/** The variables that say the same. */
export function variablesOf({ home, commandPort, gmpPort }: Settings): Record<string, string> {
  return { GHOST_HOME: home, GHOST_COMMAND_PORT: String(commandPort), GHOST_GMP_PORT: String(gmpPort) };
}

/** A daemon in a process of its own. */
export class BenchDaemon implements AsyncDisposable {
  readonly #settings: Settings;
  /** Its process. */
  readonly pid: number;

  private constructor(settings: Settings, pid: number) {
    this.#settings = settings;
    this.pid = pid;
  }

  /** Starts it. */
  static async start(directory: string): Promise<BenchDaemon> {
    const settings = newSettings(directory);
    const { pid } = await startDaemon(settings);
    return new BenchDaemon(settings, pid);
  }

  /** Where it is, for those who connect to it. */
  get env(): Record<string, string> {
    return variablesOf(this.#settings);
  }

  /** Publishes a module. */
  async upload(name: string, module: Uint8Array<ArrayBuffer>): Promise<void> {
    await using client = await GpmdClient.connect(this.#settings);
    await client.upload({ name, version: "v1.0.0", module });
  }

  /** How many nodes it has. */
  async countNodes(): Promise<number> {
    await using client = await GpmdClient.connect(this.#settings);
    return (await client.status()).nodes;
  }

  /** Stops it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await using client = await GpmdClient.connect(this.#settings);
    await client.kill();
  }
}

/** Has `deno` mean this very Deno to all that is started from here: daemons and nodes start it by that name. */
export function useThisDeno(): void {
  Deno.env.set("PATH", `${dirname(Deno.execPath())}:${Deno.env.get("PATH")}`);
}

/** A loopback port that nobody has. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
