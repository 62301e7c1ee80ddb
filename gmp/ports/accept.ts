import { TcpTransport } from "./tcp.ts";
import type { Waiting } from "./waiting.ts";

/** Milliseconds until the next attempt to accept after one failed. */
const ACCEPT_RETRY = 20;
/** What the system says when the process, or the machine, has no room for another connection. */
const NO_DESCRIPTORS: ReadonlySet<unknown> = new Set(["EMFILE", "ENFILE"]);

/** Connections that the system keeps in line until they are accepted: others knock again, a second later. */
export const LISTEN_BACKLOG = 4096;

/**
 * Hands the connections of `listener` to `take`, as long as `waiting` has room for them, until `signal` is aborted and the
 * listener closed. Out of descriptors, the oldest of those who wait makes room.
 */
export async function acceptConnections(
  listener: Deno.TcpListener,
  waiting: Waiting,
  signal: AbortSignal,
  take: (transport: TcpTransport) => void,
): Promise<void> {
  while (!signal.aborted) {
    await waiting.room();
    try {
      take(transportOver(await listener.accept()));
    } catch (error) {
      // A connection that was gone before it was accepted, no descriptors left, or the listener was closed.
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      const evicted = NO_DESCRIPTORS.has(code) && waiting.evict();
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, evicted ? 0 : ACCEPT_RETRY));
    }
  }
}

function transportOver(connection: Deno.TcpConn): TcpTransport {
  try {
    return new TcpTransport(connection);
  } catch (error) {
    connection.close(); // it broke before anything was set on it
    throw error;
  }
}
