/** What Deno gives every program to keep on the disk, whatever it may write. */
export const STORAGE: readonly string[] = ["localStorage", "sessionStorage", "caches"];

/**
 * Takes away what a thread could keep on the disk without any permission. Deno has no flag for that: it stores by the path of
 * the program, or by the origin that `--location` names, and one without an origin it does not take.
 */
export function withoutStorage(): void {
  for (const name of STORAGE) delete (globalThis as Record<string, unknown>)[name];
}
