/**
 * Real daemons for tests: each a process with the daemon's own permissions, its own home and ports, gone with the test.
 *
 * ```ts
 * await using daemon = await startDaemon();
 * await using gpmd = await daemon.connect();
 * ```
 */
import { GpmdClient } from "../../gpmd/client/client.ts";
import { launchDaemon, type LaunchedDaemon } from "../../gpmd/start/launch.ts";
import { GhostError } from "../../gmp/errors.ts";
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
 * Starts a daemon on free ports, in a home of its own; nobody is given these ports while it is away. With `settings` it
 * runs there instead, and leaves the home behind.
 */
export async function startDaemon(settings?: Settings): Promise<TestDaemon> {
  const place = settings === undefined ? temporaryHome() : undefined;
  try {
    const home = settings?.home ?? place!.home;
    const launched = await (settings === undefined ? launchAnywhere(home) : launch(settings));
    const { pid, commandPort, gmpPort, process } = launched;
    const actual = { home, commandPort, gmpPort };
    return {
      settings: actual,
      env: variables(actual),
      pid,
      process,
      secret: Deno.readFileSync(`${home}/secret`),
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

function launch(settings: Settings): Promise<LaunchedDaemon> {
  return launchDaemon(settings, { attached: true, echo: false });
}

/** Launches a daemon on ports that are drawn again while another process, which drew the same, was faster. */
async function launchAnywhere(home: string): Promise<LaunchedDaemon> {
  for (;;) {
    try {
      return await launch({ home, ...freePorts() });
    } catch (error) {
      if (!(error instanceof GhostError && error.code === "PORT_IN_USE")) throw error;
    }
  }
}

/** `settings` as variables of the environment. */
export function variables({ home, commandPort, gmpPort }: Settings): Record<string, string> {
  return { GHOST_HOME: home, GHOST_COMMAND_PORT: `${commandPort}`, GHOST_GMP_PORT: `${gmpPort}` };
}

/** Ports of one process of tests: a daemon that is away for a moment finds its own free again. */
const PART_PORTS = 5000;
const given = new Set<number>();

/** Two ports that nobody holds, out of a range from which the system gives none away by itself. */
export function freePorts(): { readonly commandPort: number; readonly gmpPort: number } {
  const first = 10_000 + PART_PORTS * (Number(Deno.env.get("GHOST_TEST_PART") ?? 0) % 4);
  const found: number[] = [];
  if (given.size > PART_PORTS / 2) given.clear();
  while (found.length < 2) {
    const port = first + Math.floor(Math.random() * PART_PORTS);
    if (given.has(port)) continue;
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      found.push(port);
      given.add(port);
    } catch {
      // Held by somebody: draw again.
    }
  }
  return { commandPort: found[0]!, gmpPort: found[1]! };
}
