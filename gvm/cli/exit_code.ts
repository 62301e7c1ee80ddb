/**
 * The exit code of a process for that of a module, which has 32 bits: the lowest 8, as Unix has it; 255 where these would say
 * that it succeeded and it did not.
 */
export function processExitCode(code: number): number {
  return code !== 0 && (code & 0xff) === 0 ? 255 : code & 0xff;
}
