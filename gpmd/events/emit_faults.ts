import { type ErrorCode, GhostError } from "../../gmp/errors.ts";
import type { RequestHandler, RequestHandlers } from "../../gmp/channel/incoming.ts";
import type { OperationName } from "../../gmp/messages/operations.ts";
import type { DaemonEvents } from "./daemon_event.ts";

/** Codes of failures that are not the caller's mistake. */
const FAULTS: ReadonlySet<ErrorCode> = new Set(["INTERNAL", "STORE_FAULT"]);

/** `handlers`, whose faults become events as well as answers. */
export function emitFaults(events: DaemonEvents, handlers: RequestHandlers): RequestHandlers {
  const watched: RequestHandlers = {};
  for (const [operation, handler] of Object.entries(handlers) as [OperationName, RequestHandler][]) {
    const fault = (error: unknown): never => {
      const { code, message } = GhostError.from(error);
      if (FAULTS.has(code)) events.emit({ type: "fault", operation, code, message });
      throw error;
    };
    watched[operation] = (request) => {
      try {
        const reply = handler(request);
        return reply instanceof Promise ? reply.catch(fault) : reply;
      } catch (error) {
        return fault(error);
      }
    };
  }
  return watched;
}
