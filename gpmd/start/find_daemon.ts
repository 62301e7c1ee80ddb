import { pause } from "../../gmp/async/pause.ts";
import { GhostError } from "../../gmp/errors.ts";
import { PREFACE } from "../../gmp/frames/frame.ts";
import { isSilence } from "../../gmp/handshake/handshake.ts";
import { readSecret } from "../../gmp/device/secret.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import { TcpTransport } from "../../gmp/ports/tcp.ts";
import { readBytes, writeBytes } from "../../gmp/transports/transport.ts";
import { GpmdClient } from "../client/client.ts";
import { START_TIME } from "./launch.ts";

/** Milliseconds after which whatever holds the port counts as silent: a daemon that is not busy answers in one. */
const LOOK_TIME = 5000;
/** Milliseconds between two looks for a daemon that something else starts. */
const LOOK_INTERVAL = 50;

/** What holds the port of commands instead of a daemon that answers: something silent, or something else. */
export type OtherThanDaemon = "silent" | "other";

/** A daemon that answers. */
export interface FoundDaemon {
  /** Its process id. */
  readonly pid: number;
  /** The port of commands. */
  readonly commandPort: number;
  /** The port of nodes. */
  readonly gmpPort: number;
  /** Whether whoever started it starts it again: see `GpmdClient.restart`. */
  readonly restarts?: boolean | undefined;
}

/**
 * What holds the port of commands: the daemon of this store, something that does not answer (`"silent"`), something
 * else (`"other"`), or nothing.
 *
 * @throws {GhostError} `STORE_FAULT` when the store's secret cannot be used.
 */
export async function findDaemon(settings: Settings): Promise<FoundDaemon | OtherThanDaemon | undefined> {
  let secret: Uint8Array;
  try {
    secret = await readSecret(settings.home, Deno);
  } catch (error) {
    if (error instanceof GhostError && error.code === "GPMD_NOT_RUNNING") return undefined;
    throw error;
  }
  const signal = AbortSignal.timeout(LOOK_TIME);
  try {
    await using client = await GpmdClient.connect({ ...settings, secret, signal });
    const { pid, ports, restarts } = await client.status({ signal });
    return { pid, commandPort: ports.command, gmpPort: ports.gmp, ...restarts !== undefined && { restarts } };
  } catch (error) {
    if (error instanceof GhostError && error.code === "GPMD_NOT_RUNNING") return undefined;
    return signal.aborted || isSilence(error) ? "silent" : "other";
  }
}

/** As {@linkcode findDaemon}, but waits for a daemon that is starting: it holds the port and does not answer yet. */
export async function findStartingDaemon(
  settings: Settings,
): Promise<FoundDaemon | OtherThanDaemon | undefined> {
  if (!await speaks(settings.commandPort)) return "other";
  return await findDaemon(settings);
}

/** Waits for a daemon that something else starts; resolves to undefined when none has answered in the time that a start may take. */
export async function awaitDaemon(settings: Settings): Promise<FoundDaemon | undefined> {
  const late = AbortSignal.timeout(START_TIME);
  for (;;) {
    const found = await findDaemon(settings);
    if (typeof found === "object") return found;
    if (late.aborted) return undefined;
    await pause(LOOK_INTERVAL, late);
  }
}

/** Waits until what holds the port answers GMP's preface, as a daemon does once its store has a secret. */
async function speaks(port: number): Promise<boolean> {
  const signal = AbortSignal.timeout(LOOK_TIME);
  try {
    const transport = new TcpTransport(await Deno.connect({ hostname: "127.0.0.1", port, signal }));
    signal.addEventListener("abort", () => transport.close());
    try {
      await writeBytes(transport, PREFACE.slice());
      return await readBytes(transport) !== null;
    } finally {
      transport.close();
    }
  } catch {
    return false;
  }
}
