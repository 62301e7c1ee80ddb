/** The storage on disk that Deno gives every program, whatever its permissions. */
export const STORAGE: readonly string[] = ["localStorage", "sessionStorage", "caches"];

/**
 * Removes what a thread could store on disk without any permission. Deno has no flag for that: it stores by
 * the path of the program, or by the origin from `--location`, and does not accept a location without an
 * origin.
 */
export function withoutStorage(): void {
  for (const name of STORAGE) delete (globalThis as Record<string, unknown>)[name];
}
