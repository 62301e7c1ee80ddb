/**
 * A process's exit code for a module's, which has 32 bits: the lowest 8, as on Unix, or 255 where these would
 * wrongly signal success.
 */
export function processExitCode(code: number): number {
  return code !== 0 && (code & 0xff) === 0 ? 255 : code & 0xff;
}
