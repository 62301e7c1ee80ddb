import type { ExecutorPool } from "../executors/executor_pool.ts";
import { SessionClient } from "./session_client.ts";

/** A session of this process at an executor of its own `pool`: local calls go the way of all others. */
export function localSession(pool: ExecutorPool): SessionClient {
  const hosted = pool.open((executor, id, error) => session.stopped(executor, id, error));
  const session: SessionClient = new SessionClient({
    place: async (lost) => {
      const place = await hosted.place();
      return { ...place, restarted: lost !== undefined && lost !== place.executor };
    },
    cancel: (executor, id) => hosted.cancel(executor, id),
  });
  return session;
}
