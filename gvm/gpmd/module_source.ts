import type { ExactModule, ModuleIdentity } from "../engine/compiled_module.ts";

/** An available module: its identity and size. */
export interface AvailableModule extends ModuleIdentity {
  /** Size of its file, in bytes. */
  readonly size: number;
}

/** Where a node's executors get modules from. */
export interface ModuleSource {
  /**
   * What `name` stands for, the latest version when none is given, or exactly the module that is meant.
   *
   * @throws {GhostError} `MODULE_NOT_FOUND`, `VERSION_NOT_FOUND`, `GPMD_NOT_RUNNING`, `HASH_MISMATCH`.
   */
  resolve(name: string, version: string | undefined, exactly?: ExactModule): Promise<AvailableModule>;
  /**
   * The bytes with that SHA-256, checked.
   *
   * @throws {GhostError} as `resolve` does.
   */
  bytes(hash: string): Promise<Uint8Array<ArrayBuffer>>;
}

/** The module with that hash, if there is one, from this device or any other. */
export function anywhere(hash: string | undefined): ExactModule | undefined {
  return hash === undefined ? undefined : { hash, elsewhere: true };
}
