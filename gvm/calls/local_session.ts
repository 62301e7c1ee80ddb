import type { GhostError } from "../../gmp/errors.ts";
import type { Identity } from "../../gmp/handshake/identity.ts";
import type { ExecutorPool } from "../executors/executor_pool.ts";
import { SessionClient } from "./session_client.ts";

/**
 * A session of this process, `self`, at an executor of its own `pool`: local calls take the same path as all
 * others.
 */
export function localSession(pool: ExecutorPool, self: Identity): SessionClient {
  const stopped = (executor: string, id: number, error: GhostError) => session.stopped(executor, id, error);
  const hosted = pool.open(self, stopped, { isOwn: true });
  const session: SessionClient = new SessionClient({
    isOwn: true,
    place: async (lost) => {
      const place = await hosted.place();
      return { ...place, restarted: lost !== undefined && lost !== place.executor };
    },
    cancel: (executor, id) => hosted.cancel(executor, id),
    close: () => hosted.close(),
  });
  return session;
}
