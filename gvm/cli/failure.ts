import { GhostError } from "../../gmp/errors.ts";
import { printable } from "../../gmp/command/printable.ts";

/** The command was used wrongly: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The exit code of a command that `error` ended: 2 for wrong usage, 1 for all else. */
export function exitCodeOf(error: unknown): 1 | 2 {
  return error instanceof UsageError ? 2 : 1;
}

/**
 * The exit code of a process for that of a module, which has 32 bits: the lowest 8, as Unix has it; 255 where these would say
 * that it succeeded and it did not.
 */
export function processExitCode(code: number): number {
  return code !== 0 && (code & 0xff) === 0 ? 255 : code & 0xff;
}

/** What standard error gets for `error`. */
export function complaint(error: unknown): string {
  if (error instanceof UsageError) return `gvm: ${error.message}\nTry: gvm --help`;
  const { code, message } = GhostError.from(error);
  return `${code}: ${printable(message)}`;
}
