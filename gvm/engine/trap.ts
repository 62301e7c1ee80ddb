import { GhostError } from "../../gmp/errors.ts";
import { ExitStatus } from "../wasi/mod.ts";

/** WebAssembly exceptions, and JSPI's error, which TypeScript's library does not declare yet. */
const { Exception, SuspendError } = WebAssembly as unknown as Record<
  "Exception" | "SuspendError",
  new (...args: never[]) => Error
>;

/**
 * The caller's error for what ended a call. A GhostError thrown by the host (a limit, a cancellation) passes
 * through; anything else from a guest is a `TRAP`, named as V8 names it, without a stack.
 */
export function trapOf(error: unknown, what: string): GhostError {
  if (error instanceof GhostError) return error;
  if (error instanceof ExitStatus) {
    return new GhostError("TRAP", `${what} trapped: it called exit(${error.code})`, { cause: error });
  }
  if (error instanceof Exception) {
    return new GhostError("TRAP", `${what} trapped: an exception was not caught`, { cause: error });
  }
  if (error instanceof SuspendError) {
    // A core module's start function, realloc, a destructor, what follows a call: V8 calls them, or we do, at once.
    const reason = "it waited in a start function, or in another that may not wait";
    return new GhostError("TRAP", `${what} trapped: ${reason}`, { cause: error });
  }
  if (error instanceof RangeError && error.message.includes("call stack")) {
    return new GhostError("TRAP", `${what} trapped: call stack exhausted`, { cause: error });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new GhostError("TRAP", `${what} trapped: ${reason}`, { cause: error });
}
