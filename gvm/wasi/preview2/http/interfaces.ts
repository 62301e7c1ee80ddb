import type { HostInterface } from "../../../component/host.ts";
import { CLOSED_WHEN_DROPPED, methodsOf } from "../../components/resources.ts";
import type { Context } from "../../components/context.ts";
import { fieldFunctions } from "../../components/http/fields.ts";
import { err, type Result } from "../../components/result.ts";
import { messageFunctions } from "./messages.ts";

/** The resources that a guest can only be given, and never is. */
const UNREACHABLE: Record<string, readonly string[]> = {
  "incoming-request": ["method", "path-with-query", "scheme", "authority", "headers", "consume"],
  "incoming-response": ["status", "headers", "consume"],
  "incoming-body": ["stream"],
  "future-trailers": ["subscribe", "get"],
  "future-incoming-response": ["subscribe", "get"],
  "response-outparam": ["send-informational"],
};

/**
 * The interfaces of `wasi:http` that a guest imports, by their names in the package: it can make a request, and is told
 * that it is denied.
 */
export function httpInterfaces({ http: budget }: Context): Record<string, HostInterface> {
  const notGiven = () => {
    throw new Error("nobody has given this module an HTTP message");
  };
  return {
    types: {
      functions: {
        "http-error-code": (): undefined => undefined,
        ...fieldFunctions(budget, "entries"),
        ...messageFunctions(budget),
        ...Object.assign(
          {},
          ...Object.entries(UNREACHABLE).map(([name, methods]) => methodsOf(name, methods)),
        ),
        "[static]incoming-body.finish": notGiven,
        "[static]response-outparam.set": notGiven,
      },
      resources: {
        fields: CLOSED_WHEN_DROPPED,
        "outgoing-request": CLOSED_WHEN_DROPPED,
        "outgoing-response": CLOSED_WHEN_DROPPED,
        "request-options": CLOSED_WHEN_DROPPED,
        "outgoing-body": {},
        ...Object.fromEntries(Object.keys(UNREACHABLE).map((name) => [name, {}])),
      },
    },
    "outgoing-handler": {
      functions: {
        handle: (
          request: { close(): void },
          options: { close(): void } | undefined,
        ): Result<never, { tag: string }> => {
          request.close();
          options?.close();
          return err({ tag: "HTTP-request-denied" });
        },
      },
    },
  };
}
