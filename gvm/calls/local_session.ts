import type { ExecutorPool } from "../executors/executor_pool.ts";
import { SessionClient } from "./session_client.ts";

/** A session of this process at an executor of its own `pool`: local calls go the way of all others. */
export function localSession(pool: ExecutorPool): SessionClient {
  const hosted = pool.open((port, id, error) => session.stopped(port, id, error));
  const session: SessionClient = new SessionClient({
    place: async (lost) => {
      const place = await hosted.place();
      return { ...place, restarted: lost !== undefined && lost !== place.port };
    },
    cancel: (port, id) => hosted.cancel(port, id),
  });
  return session;
}
