import { GhostError } from "../../gmp/errors.ts";

/**
 * What `ask` answers, which changes nothing. It is asked once more if the executor was ended meanwhile, as it is for what others
 * compute there: its successor can answer. A question that itself ends an executor is answered by why, such as `TIME_LIMIT`.
 */
export async function askedAgain<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof GhostError) || error.code !== "EXECUTOR_RESTARTED") throw error;
    return await ask();
  }
}
