import { type ErrorCode, GhostError } from "../gmp/errors.ts";
import type { RequestHandler, RequestHandlers } from "../gmp/incoming.ts";
import type { OperationName } from "../gmp/operations.ts";
import type { DaemonLog } from "./daemon_log.ts";

/** Codes of failures that are no mistake of whoever asked. */
const FAULTS: ReadonlySet<ErrorCode> = new Set(["INTERNAL", "STORE_FAULT"]);

/** `handlers` whose faults go to the log as well as to whoever asked. */
export function logFaults(log: DaemonLog, handlers: RequestHandlers): RequestHandlers {
  const logged: RequestHandlers = {};
  for (const [operation, handler] of Object.entries(handlers) as [OperationName, RequestHandler][]) {
    const fault = (error: unknown): never => {
      const { code, message } = GhostError.from(error);
      if (FAULTS.has(code)) log.write("error", "fault", { operation, code, message });
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
