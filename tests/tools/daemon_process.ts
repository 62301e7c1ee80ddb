/**
 * Real daemons for tests: each a process with the daemon's own permissions, its own home and ports, gone with the test.
 *
 * ```ts
 * await using daemon = await startDaemon();
 * await using gpmd = await daemon.connect();
 * ```
 */
import { GpmdClient } from "../../gpmd/client/client.ts";
import { launchDaemon } from "../../gpmd/start/launch.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import { temporaryHome } from "../gpmd/_modules.ts";

/** A daemon that runs until it is disposed of, or the test process ends. */
export interface TestDaemon extends AsyncDisposable {
  /** Where it is. */
  readonly settings: Settings;
  /** The same as variables, for commands. */
  readonly env: Readonly<Record<string, string>>;
  /** Its process id. */
  readonly pid: number;
  /** Its process. */
  readonly process: Deno.ChildProcess;
  /** The secret of its store. */
  readonly secret: Uint8Array;
  /** A new connection to its port of commands. */
  connect(): Promise<GpmdClient>;
}

/**
 * Starts a daemon on ports that the system chooses, in a home of its own. With `settings` it runs there instead, and
 * leaves the home behind.
 */
export async function startDaemon(settings?: Settings): Promise<TestDaemon> {
  const place = settings === undefined ? temporaryHome() : undefined;
  try {
    const wanted = settings ?? { home: place!.home, commandPort: 0, gmpPort: 0 };
    const launched = await launchDaemon(wanted, { attached: true, echo: false });
    const { pid, commandPort, gmpPort, process } = launched;
    const actual = { home: wanted.home, commandPort, gmpPort };
    return {
      settings: actual,
      env: variables(actual),
      pid,
      process,
      secret: Deno.readFileSync(`${wanted.home}/secret`),
      connect: () => GpmdClient.connect(actual),
      async [Symbol.asyncDispose]() {
        await process.stdin.close().catch(() => {}); // at which it stops, unless it has already
        await process.status;
        place?.[Symbol.dispose]();
      },
    };
  } catch (error) {
    place?.[Symbol.dispose]();
    throw error;
  }
}

/** `settings` as variables of the environment. */
export function variables({ home, commandPort, gmpPort }: Settings): Record<string, string> {
  return { GHOST_HOME: home, GHOST_COMMAND_PORT: `${commandPort}`, GHOST_GMP_PORT: `${gmpPort}` };
}

/** Two ports that nobody holds, out of a range from which the system gives none away by itself. */
export function freePorts(): { readonly commandPort: number; readonly gmpPort: number } {
  const found: number[] = [];
  while (found.length < 2) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    if (found.includes(port)) continue;
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      found.push(port);
    } catch {
      // Held by somebody: draw again.
    }
  }
  return { commandPort: found[0]!, gmpPort: found[1]! };
}
