import { TcpTransport } from "./tcp.ts";
import type { PendingHandshakes } from "./pending_handshakes.ts";

/** Milliseconds until the next attempt to accept after one failed. */
const ACCEPT_RETRY = 20;
/** The system's errors when the process, or the machine, has no room for another connection. */
const NO_DESCRIPTORS: ReadonlySet<unknown> = new Set(["EMFILE", "ENFILE"]);

/** Connections that the system queues until they are accepted; further ones try again a second later. */
export const LISTEN_BACKLOG = 4096;

/**
 * Passes the connections of `listener` to `take`, as long as `waiting` has room for them, until `signal` is aborted and
 * the listener closed. When no descriptors are left, the oldest waiting connection makes room.
 */
export async function acceptConnections(
  listener: Deno.TcpListener,
  waiting: PendingHandshakes,
  signal: AbortSignal,
  take: (transport: TcpTransport) => void,
): Promise<void> {
  while (!signal.aborted) {
    await waiting.room();
    try {
      take(transportOver(await listener.accept()));
    } catch (error) {
      // The connection was gone before it was accepted, no descriptors are left, or the listener was closed.
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
