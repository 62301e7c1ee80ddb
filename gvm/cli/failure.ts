import { GhostError } from "../../gmp/errors.ts";
import { printable } from "../../gmp/printable.ts";

/** The command was used wrongly: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The exit code of a command that `error` ended: 2 for wrong usage, 1 for all else. */
export function exitCodeOf(error: unknown): 1 | 2 {
  return error instanceof UsageError ? 2 : 1;
}

/** What standard error gets for `error`. */
export function complaint(error: unknown): string {
  if (error instanceof UsageError) return `gvm: ${error.message}\nTry: gvm --help`;
  const { code, message } = GhostError.from(error);
  return `${code}: ${printable(message)}`;
}
