import { GhostError } from "../gmp/errors.ts";
import type { RequestHandler, RequestHandlers } from "../gmp/incoming.ts";
import type { OperationName } from "../gmp/operations.ts";
import type { DaemonLog } from "./daemon_log.ts";

/** `handlers` whose failures that are nobody's mistake, `INTERNAL`, go to the log as well as to whoever asked. */
export function logFaults(log: DaemonLog, handlers: RequestHandlers): RequestHandlers {
  const logged: RequestHandlers = {};
  for (const [operation, handler] of Object.entries(handlers) as [OperationName, RequestHandler][]) {
    const fault = (error: unknown): never => {
      const { code, message } = GhostError.from(error);
      if (code === "INTERNAL") log.write("error", "fault", { operation, message });
      throw error;
    };
    logged[operation] = (request) => {
      try {
        const reply = handler(request);
        return reply instanceof Promise ? reply.catch(fault) : reply;
      } catch (error) {
        return fault(error);
      }
    };
  }
  return logged;
}
