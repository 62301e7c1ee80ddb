import type { ModuleIdentity } from "./compiled_module.ts";

/** The versions of modules that one session has asked for, and how: a name alone stands for the newest of its time. */
export class AskedVersions {
  /** The hash for which each name has stood last. */
  readonly #newest = new Map<string, string>();
  /** What was asked for by its version or its hash. */
  readonly #named = new Set<string>();

  /** `found` was asked for, by its name alone if `byName`. */
  add(found: ModuleIdentity, byName: boolean): void {
    if (byName) this.#newest.set(found.name, found.hash);
    else this.#named.add(keyOf(found));
  }

  /** Whether a newer version has replaced `module`, which only its name had stood for. */
  isReplaced(module: ModuleIdentity): boolean {
    const newest = this.#newest.get(module.name);
    return newest !== undefined && newest !== module.hash && !this.#named.has(keyOf(module));
  }
}

function keyOf({ name, hash }: ModuleIdentity): string {
  return `${name} ${hash}`;
}
