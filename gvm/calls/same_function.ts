import { GhostError } from "../../gmp/errors.ts";
import { formatFunction, isSameFunction } from "../../gmp/types/function_signature.ts";
import { showName } from "../../gmp/types/quote.ts";
import type { FunctionReference } from "./session_calls.ts";

/**
 * Compares a function that was looked up again with its earlier signature.
 *
 * @throws {GhostError} `UNSUPPORTED_SIGNATURE` when its signature has changed, naming both.
 */
export function checkSame({ name, signature }: FunctionReference, found: FunctionReference): void {
  if (isSameFunction(signature, found.signature)) return;
  const [before, now] = [formatFunction(name, signature), formatFunction(name, found.signature)];
  throw new GhostError(
    "UNSUPPORTED_SIGNATURE",
    `Cannot call ${showName(name)}: it was looked up as ${before} and is ${now} now; look it up again`,
    { details: { before, now } },
  );
}
